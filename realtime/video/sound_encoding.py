"""Encoders of sound: which rates and channels they take, and one at work on samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from stylecam.realtime.video.libraries import av

__all__ = ["SampleEncoder", "encoder_layout", "encoder_rate", "name_channels", "set_up"]

# Bits a second for each channel: what nobody hears a difference in.
RATES = {"aac": 96_000, "libopus": 80_000}


def encoder_rate(encoder: str, rate: int) -> int:
    """The next higher rate, samples a second, that the encoder takes; its highest one beyond."""
    rates = av.Codec(encoder, "w").audio_rates or [rate]
    return int(min((known for known in rates if known >= rate), default=max(rates)))


def encoder_layout(encoder: str, source: Any) -> str:
    """The channels of a codec context, where the encoder takes them, else two of them. Raises `ValueError`."""
    for layout in (source.layout.name, "stereo"):
        context: Any = av.CodecContext.create(encoder, "w")
        try:
            set_up(context, encoder, encoder_rate(encoder, source.sample_rate), layout)
            context.open()
        except (av.FFmpegError, ValueError):
            continue
        return str(layout)
    raise ValueError("there is no encoder for it")


def set_up(context: Any, encoder: str, rate: int, layout: str) -> None:
    """Tells a codec context what it is to encode."""
    context.layout, context.sample_rate = layout, rate
    context.format = next(iter(av.Codec(encoder, "w").audio_formats or ()))
    context.bit_rate = RATES[encoder] * context.layout.nb_channels
    context.flags |= int(av.codec.context.Flags.bitexact)


def name_channels(context: Any) -> None:
    """Old formats tell the number of channels alone, which MP4 takes for none: the usual ones of that number."""
    layout = context.layout
    if layout.nb_channels and layout.name.endswith("channels"):
        context.layout = f"{layout.nb_channels}c"


class SampleEncoder:
    """AAC in a stream of `out`, a container that is being written, from samples at `rate` with a `layout`'s channels.

    Made before the first packet of any stream is written. Raises PyAV's errors.
    """

    def __init__(self, out: Any, rate: int, layout: str) -> None:
        self._stream = out.add_stream("aac", rate=rate)
        set_up(self._stream.codec_context, "aac", rate, layout)
        self._rate, self._layout, self._count = rate, layout, 0

    def encode(self, samples: np.ndarray) -> list[Any]:
        """The packets that are ready after float32 `[n, channels]`, from -1 to 1, which follow those before."""
        if not len(samples):
            return []
        finite = np.clip(np.nan_to_num(samples.T), -1, 1)  # of a broken driver or file: the encoder takes no others
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(finite), format="fltp", layout=self._layout)
        frame.sample_rate, frame.pts = self._rate, self._count
        self._count += len(samples)
        return list(self._stream.encode(frame))

    def finish(self) -> list[Any]:
        """The last packets."""
        return list(self._stream.encode(None)) if self._count else []
