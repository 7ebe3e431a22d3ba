"""When a file's frames are to be shown."""

from __future__ import annotations

from fractions import Fraction

__all__ = ["Timestamps"]

JUMP = 10  # seconds: FFmpeg's own players take more than that for a jump of the clock


class Timestamps:
    """The times of a file's frames, in seconds, exactly as the file says, as far as that makes sense.

    Recordings that were cut and joined have clocks that jump, and some files number no frames at all: there a
    frame comes one frame of the average rate after the last one.
    """

    def __init__(self, rate: Fraction | None, may_jump: bool) -> None:
        """`may_jump`: the format allows a clock that jumps ahead; without it, a long wait is meant."""
        self._step = 1 / rate if rate else Fraction(1, 25)
        self._may_jump = may_jump
        self._last: Fraction | None = None
        self._offset = Fraction(0)

    def next(self, pts: int | None, time_base: Fraction | None) -> Fraction:
        """The time of the next frame, which the file gives as `pts` times `time_base`; always after the last one."""
        told = None if pts is None or not time_base else pts * time_base
        if self._last is None:
            self._last = Fraction(0) if told is None else told
            return self._last
        usual = self._last + self._step
        if told is None:
            self._last = usual
            return usual
        ahead = told + self._offset - self._last
        if ahead <= 0 or (self._may_jump and ahead > JUMP):
            self._offset = usual - told
        self._last = told + self._offset
        return self._last
