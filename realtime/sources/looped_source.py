"""A film that begins again where it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any, Self

from stylecam.realtime.sources.replaceable_source import ReplaceableSource
from stylecam.realtime.video.frame import EndOfSource, Frame

__all__ = ["LoopedSource"]

STEP = Fraction(1, 25)  # s: from the last frame to the first one again, where a film does not tell its rate


class LoopedSource(ReplaceableSource):
    """The source that `first` opens, again and again: its frames' times and numbers go on. A `FrameSource`.

    It is opened a second time meanwhile, so that no frame is late where it begins again. A camera and a picture, which
    do not end, are what they are.
    """

    def __enter__(self) -> Self:
        super().__enter__()
        self._number, self._offset = 0, Fraction(0)
        self._next: Fraction | None = None  # when the first frame is due again; None before any was read
        if not self.live:
            self.ask_first()
        return self

    @property
    def sound(self) -> Callable[[], Any] | None:
        """None, but for what is no film: its sound would have to begin again with its pictures."""
        return super().sound if self.live else None

    def read(self, timeout: float) -> Frame | None:
        """As `FrameSource.read`."""
        try:
            frame = super().read(timeout)
        except EndOfSource:
            if self.live or self.still or self._next is None:
                raise
            if not self.arrived(timeout):
                return None
            self.ask_first()
            self._offset, self._next = self._next, None
            return self.read(timeout)
        if frame is None or frame.pts is None:
            return frame
        return self._going_on(frame, frame.pts)

    def _going_on(self, frame: Frame, pts: Fraction) -> Frame:
        """The frame as one of a film without end."""
        if self._next is None:  # the first one, which need not be at 0
            self._offset -= pts
        now = pts + self._offset
        self._next = now + (1 / self.fps if self.fps else STEP)
        self._number += 1
        return replace(frame, index=self._number - 1, pts=now)
