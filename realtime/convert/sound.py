"""Sound encoded anew, for containers that cannot hold it as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stylecam.models.errors import RecordError
from stylecam.realtime.convert.copying import NOT_METADATA, describe
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.sound_encoding import encoder_layout, encoder_rate, name_channels, set_up

__all__ = ["SoundEncoder", "encoder_for"]


def encoder_for(container: str) -> str:
    """The encoder whose sound every player of such files knows."""
    return "libopus" if container == "webm" else "aac"


class SoundEncoder:
    """Adds a stream for the sound of `source` to `out`, and turns its packets into those of that stream."""

    def __init__(self, source: Any, out: Any, encoder: str) -> None:
        """Raises PyAV's errors and `ValueError` for what cannot be decoded or encoded."""
        context = source.codec_context
        if context is None:
            raise ValueError("there is no decoder")
        name_channels(context)
        rate, layout = encoder_rate(encoder, context.sample_rate), encoder_layout(encoder, context)
        self.stream = out.add_stream(encoder, rate=rate)
        set_up(self.stream.codec_context, encoder, rate, layout)
        describe(self.stream, source, NOT_METADATA)
        self._resampler: Any = None
        self._kind: Any = None

    def encode(self, packet: Any) -> Iterator[Any]:
        """What is ready after a packet of the source; an empty one ends it. What is damaged is left out.

        Raises `RecordError` for sound that the encoder refuses.
        """
        try:
            frames = packet.decode()
        except av.FFmpegError:
            frames = []
        for frame in frames:
            for part in self._resampled(frame):
                yield from self._encoded(part)
        if not packet.size:
            for part in self._resampler.resample(None) if self._resampler is not None else []:
                yield from self._encoded(part)
            yield from self._encoded(None)

    def _encoded(self, frame: Any) -> list[Any]:
        try:
            return list(self.stream.encode(frame))
        except av.FFmpegError as error:  # as of numbers that are none
            name = self.stream.codec_context.name
            raise RecordError(
                f"the sound could not be encoded again by {name} ({error.strerror}); leave it out with --no-reencode"
            ) from error

    def _resampled(self, frame: Any) -> list[Any]:
        kind = frame.format.name, frame.layout.name, frame.sample_rate
        before: list[Any] = []
        if kind != self._kind:  # a broadcast's sound may change in its middle
            before = self._resampler.resample(None) if self._resampler is not None else []
            context = self.stream.codec_context
            self._kind = kind
            self._resampler = av.AudioResampler(context.format, context.layout, context.sample_rate)
        return [*before, *self._resampler.resample(frame)]
