"""When a file's frames are to be shown."""

from __future__ import annotations

from fractions import Fraction

__all__ = ["JUMP", "Timestamps"]

JUMP = 10  # seconds: FFmpeg's own players take more than that for a jump of the clock


class Timestamps:
    """The times of a file's frames, in seconds, exactly as the file says, as far as that makes sense.

    Recordings that were cut and joined have clocks that jump, and some files number no frames at all: there a
    frame comes one frame of the average rate after the last one. Where single frames have the time of the one before
    them they are shown soon after it, and those that follow at their own times again: the sound has no such delay.
    """

    def __init__(self, rate: Fraction | None, may_jump: bool) -> None:
        """`may_jump`: the format allows a clock that jumps ahead; without it, a long wait is meant."""
        self._step = 1 / rate if rate else Fraction(1, 25)
        self._may_jump = may_jump
        self._last: Fraction | None = None
        self._told: Fraction | None = None  # the last one, as the file says
        self._offset = Fraction(0)
        self._numbered = False  # whether the file's times have moved at all
        self._soon = self._step / 2  # how soon the next frame of the same time comes

    def next(self, pts: int | None, time_base: Fraction | None) -> Fraction:
        """The time of the next frame, which the file gives as `pts` times `time_base`; always after the last one."""
        told = None if pts is None or not time_base else pts * time_base
        if self._last is None:
            self._last, self._told = Fraction(0) if told is None else told, told
            return self._last
        usual = self._last + self._step
        if told is None:
            self._last = usual
            return usual
        ahead = told + self._offset - self._last
        since = self._step if self._told is None else told - self._told
        self._told = told
        if since < -self._step or (self._may_jump and ahead > JUMP):  # another clock, for good
            self._offset = usual - told
        self._numbered = self._numbered or since > 0
        if told + self._offset > self._last:
            self._last, self._soon = told + self._offset, self._step / 2
        elif since > 0:  # the file is behind: time is given back until it is not
            self._last, self._soon = self._last + min(since, self._step) / 4, self._step / 8
        elif not self._numbered:
            self._last = usual
        else:  # all of them together take less than a frame
            self._last, self._soon = self._last + max(self._soon, time_base or self._step), self._soon / 2
        return self._last
