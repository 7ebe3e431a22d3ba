"""The sound of a recording: where it comes from, and how it is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from typing import Protocol

import numpy as np

from stylecam.realtime.live.sound_timeline import KEPT, SoundReader, SoundTimeline

__all__ = ["MicrophoneTrack", "Seconds", "SoundTrack"]

Seconds = Fraction | float


class SoundTrack(Protocol):
    """Gives a recording its sound, at the times of its pictures. Used by the recording's thread, once it has begun."""

    rate: int
    layout: str
    """Samples a second, and FFmpeg's name of the channels; there once it has begun."""

    def begin(self, seconds: Seconds) -> None:
        """The first picture is that of this time, as it was shown to the recording. Raises `SourceError`: no sound."""

    def take(self, until: Seconds | None) -> np.ndarray:
        """The sound up to that time, as far as it is known, from where the last call ended; None: all that is known.

        float32 `[n, channels]`, the first sample of all at the time of the first picture.
        """

    def close(self) -> None:
        """Lets go of where it comes from."""


class MicrophoneTrack:
    """What a microphone hears. `origin`: the `time.monotonic()` at which pictures have the time 0. A `SoundTrack`."""

    def __init__(
        self, timeline: SoundTimeline, origin: Callable[[], float], now: Callable[[], float] = time.monotonic
    ) -> None:
        self.rate, self.layout = timeline.rate, "mono" if timeline.channels == 1 else "stereo"
        self._timeline, self._origin, self._now = timeline, origin, now
        self._reader: SoundReader | None = None
        timeline.wait_for(now() - KEPT)  # until it begins, with a picture that is being painted

    def begin(self, seconds: Seconds) -> None:
        """As `SoundTrack.begin`."""
        self._reader = self._timeline.reader(self._origin() + float(seconds))

    def take(self, until: Seconds | None) -> np.ndarray:
        """As `SoundTrack.take`."""
        now = self._now()
        if self._reader is None:
            raise ValueError("the recording has not begun")
        return self._reader.take(now if until is None else self._origin() + float(until), now)

    def close(self) -> None:
        """As `SoundTrack.close`."""
        self._timeline.wait_for(None)
