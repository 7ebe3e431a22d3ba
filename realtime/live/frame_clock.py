"""The times of a session's frames: when each one is to be shown, and when after the first one it was."""

from __future__ import annotations

import time
from fractions import Fraction

from stylecam.realtime.video.frame import Frame

__all__ = ["FrameClock"]

LATE = 0.3  # seconds


class FrameClock:
    """Counts from the first frame. seconds: the time of the last one that `time_of` was asked for.

    by_hand: frames count at the times at which they are taken, not at those that their file gives them.
    """

    def __init__(self, by_hand: bool = False) -> None:
        self.seconds: Fraction | float = 0
        self._by_hand = by_hand
        self._began: tuple[float, Fraction | None] | None = None  # the first frame's time and pts
        self._shown: tuple[float, Fraction] | None = None  # when a file's first frame was shown, and its time

    def time_of(self, frame: Frame, taken: float) -> Fraction | float:
        """Seconds since the first frame: exactly where the source gives times, else until it was `taken`."""
        if self._began is None:
            self._began = taken, None if self._by_hand else frame.pts
        start, first = self._began
        self.seconds = taken - start if frame.pts is None or first is None else frame.pts - first
        return self.seconds

    @property
    def origin(self) -> Fraction | float:
        """The first frame's time, of its file or by `time.monotonic()`. There once `time_of` was asked for."""
        if self._began is None:
            raise ValueError("there was no frame yet")
        start, first = self._began
        return start if first is None else first

    def due(self, pts: Fraction) -> float:
        """When a file's frame of that time is to be shown, by `time.monotonic()`; the first one at once.

        So is one that is very late, and the others after it: a film that was held up does not run to catch up.
        """
        now = time.monotonic()
        if self._shown is None or now - self._due(*self._shown, pts) > LATE:
            self._shown = now, pts
        return self._due(*self._shown, pts)

    @staticmethod
    def _due(start: float, first: Fraction, pts: Fraction) -> float:
        return start + float(pts - first)
