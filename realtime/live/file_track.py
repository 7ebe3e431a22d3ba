"""The sound of a file, for the recording that is made while it is played."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from stylecam.models.errors import SourceError
from stylecam.realtime.live.sound_tracks import Seconds
from stylecam.realtime.video.clock import Clock
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.sound_encoding import encoder_layout, encoder_rate, name_channels
from stylecam.realtime.video.video_input import may_jump

__all__ = ["FileTrack"]

TOLERANCE = Fraction(3, 100)  # seconds by which times may be off without a gap being heard
AHEAD = 2  # seconds before the recording begins at which reading does


class FileTrack:
    """A file's first sound at its own times. A `SoundTrack`.

    opener: opens the file once more. origin: the file's time, in seconds, at which pictures have the time 0.
    """

    def __init__(self, name: str, opener: Callable[[], Any], origin: Callable[[], Seconds]) -> None:
        self.rate, self.layout = 0, ""
        self._name, self._opener, self._origin = name, opener, origin
        self._container: Any = None
        self._start = self._zero = Fraction(0)  # the file's times of the recording's beginning, and of pictures' 0
        self._parts: deque[np.ndarray | int] = deque()  # what is decoded and not taken; so many samples of silence
        self._end = self._taken = 0  # samples since the beginning
        self._sound: Iterator[tuple[Fraction, np.ndarray]] = iter(())

    def begin(self, seconds: Seconds) -> None:
        """Opens the file, and reads from shortly before this time on."""
        try:
            self._container = self._opener()
            stream = self._container.streams.audio[0]
            context = stream.codec_context
            if context is None:
                raise ValueError("there is no decoder for it")
            name_channels(context)
            self.rate = encoder_rate("aac", context.sample_rate)
            self.layout = encoder_layout("aac", context)
        except (av.FFmpegError, OSError, ValueError, IndexError) as error:
            raise SourceError(f"the sound of {self._name} cannot be read ({error}): it is not recorded") from None
        self._zero = Fraction(self._origin())
        self._start = self._zero + Fraction(seconds)
        # A clock that jumps is followed from its beginning only.
        if not may_jump(self._container) and self._start > AHEAD + Fraction(self._container.start_time or 0, 1_000_000):
            self._container.seek(int((self._start - AHEAD) * 1_000_000))
        self._sound = self._decoded(stream)

    def take(self, until: Seconds | None) -> np.ndarray:
        """As `SoundTrack.take`; silence where the file has a gap. None gives nothing: files wait for their pictures."""
        total = self._taken
        if until is not None:
            total = max(total, round((self._zero + Fraction(until) - self._start) * self.rate))
        while self._end < total:
            part = next(self._sound, None)
            if part is None:
                break
            self._place(*part)
        count = min(total, self._end) - self._taken
        self._taken += count
        return self._next(count)

    def close(self) -> None:
        """As `SoundTrack.close`."""
        if self._container is not None:
            self._container.close()
            self._container = None

    @property
    def _channels(self) -> int:
        return int(av.AudioLayout(self.layout).nb_channels)

    def _next(self, count: int) -> np.ndarray:
        """The next samples, `[count, channels]`, of those that are decoded. A gap of hours is never made whole."""
        samples = np.zeros((count, self._channels), np.float32)
        done = 0
        while done < count:
            part = self._parts.popleft()
            length = part if isinstance(part, int) else len(part)
            used = min(length, count - done)
            if not isinstance(part, int):
                samples[done : done + used] = part[:used]
            if used < length:
                self._parts.appendleft(part - used if isinstance(part, int) else part[used:])
            done += used
        return samples

    def _place(self, time: Fraction, samples: np.ndarray) -> None:
        """Appends samples of that time: after silence where some are missing, and without what there is already."""
        place = round((time - self._start) * self.rate)
        first = self._end == 0
        if first or abs(place - self._end) > TOLERANCE * self.rate:
            samples = samples[max(0, self._end - place) :]
            gap = max(0, place - self._end) if len(samples) else 0
            self._parts.append(gap)
            self._end += gap
        self._parts.append(samples)
        self._end += len(samples)

    def _decoded(self, stream: Any) -> Iterator[tuple[Fraction, np.ndarray]]:
        """All sound with its times, in seconds; what is damaged is left out."""
        clock, resampler = Clock(may_jump(self._container)), None
        try:
            for packet in self._container.demux():  # all streams: one clock
                clock.correct(packet)
                if packet.stream is not stream:
                    continue
                for frame in _frames(packet):
                    resampler = resampler or av.AudioResampler("fltp", self.layout, self.rate)
                    for part in resampler.resample(frame):
                        if part.pts is not None and part.time_base:
                            yield part.pts * part.time_base, part.to_ndarray().T
        except (av.FFmpegError, OSError, ValueError):
            return


def _frames(packet: Any) -> list[Any]:
    try:
        return list(packet.decode())
    except av.FFmpegError:
        return []
