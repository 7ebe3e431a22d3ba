"""A film's paintings steadied in order, so that every segment is the same wherever a conversion begins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylecam.realtime.convert import segments
from stylecam.realtime.convert.segments import Segment
from stylecam.realtime.painting.motion import Motion
from stylecam.realtime.painting.steadiness import Steadiness

__all__ = ["SteadyFilm", "lead_frames", "lead_of"]

LEAD_FRAMES = 12  # before a segment, of which its first frame's steadiness is made; what was before has faded by then


class SteadyFilm:
    """Steadies the paintings of successive frames in each of `styles` styles, by `amount` (0 to 1).

    What a frame takes over from those before it goes back no further than `lead_frames` before its segment: so a
    segment that is painted alone, after a break or on another machine, is the same as in one run.
    """

    def __init__(self, styles: int, amount: float) -> None:
        self._styles, self._amount = styles, amount
        self._now, self._then = self._anew(), self._anew()  # of this segment, and of the one after it
        self._count = 0  # frames of this segment

    def lead(self, painted: Sequence[np.ndarray], motion: Motion | None) -> None:
        """A frame before the first that is asked for: uint8 `[H, W, 3]` for each style, and how it moved."""
        self._settled(self._now, painted, motion)

    def next(self, painted: Sequence[np.ndarray], motion: Motion | None) -> list[np.ndarray]:
        """The next frame's paintings, steadied."""
        if self._count == segments.SEGMENT_FRAMES:
            self._now, self._then, self._count = self._then, self._anew(), 0
        steadied = self._settled(self._now, painted, motion)
        self._count += 1
        if self._count > segments.SEGMENT_FRAMES - lead_frames():
            self._settled(self._then, painted, motion)
        return steadied

    def _anew(self) -> list[Steadiness]:
        return [Steadiness(self._amount) for _ in range(self._styles)]

    def _settled(
        self, steadiness: Sequence[Steadiness], painted: Sequence[np.ndarray], motion: Motion | None
    ) -> list[np.ndarray]:
        return [steady.settle(image, motion) for steady, image in zip(steadiness, painted, strict=True)]


def lead_frames() -> int:
    """How many frames before a segment its steadiness is made of."""
    return min(LEAD_FRAMES, segments.SEGMENT_FRAMES)


def lead_of(segment: Segment) -> int:
    """When the first of the frames is shown that lead on from a finished segment."""
    return sorted(segment.pts)[-lead_frames()]
