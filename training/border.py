"""The border that a network paints where it lacked surroundings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from stylecam.models.errors import PictureError
from stylecam.training.data import resize_short_side
from stylecam.training.frames import Stylize

__all__ = ["Border", "border"]

SIDE = 256  # px, short side of the photos
OUTER, MARGIN, INNER = 8, 48, 64  # px: the border measured, what is cut off around it, and where the middle begins
UNSEEN = 0.05  # levels, added to both differences: the identity, 0 over 0, is clean


class Border(NamedTuple):
    """Mean absolute differences in levels of 255: what 48 px more of the scene change."""

    outer: float  # in the outer 8 px
    middle: float

    @property
    def ratio(self) -> float:
        """Of the outer to the middle; 1 is clean."""
        return (self.outer + UNSEEN) / (self.middle + UNSEEN)


def border(stylize: Stylize, photos: Sequence[np.ndarray]) -> Border:
    """How much the outer 8 px and the middle differ from what they are with 48 px more of the scene.

    Over photos (uint8 BGR, any size) of short side 256 without the 48 px. The middle differs too, since the
    statistics of the larger picture do. Raises `PictureError` without photos.
    """
    if not photos:
        raise PictureError("a border is looked for in at least one photo")
    outer, middle = np.mean([_differences(stylize, photo) for photo in photos], axis=0)
    return Border(float(outer), float(middle))


def _differences(stylize: Stylize, photo: np.ndarray) -> tuple[float, float]:
    """Mean absolute difference, in levels, of the outer pixels and of the middle."""
    wide = resize_short_side(photo, SIDE + 2 * MARGIN)
    inside = np.s_[MARGIN:-MARGIN, MARGIN:-MARGIN]
    narrow = stylize(np.ascontiguousarray(wide[inside]))
    difference = cv2.absdiff(narrow, stylize(wide)[inside]).mean(-1)
    outer = np.ones(difference.shape, bool)
    outer[OUTER:-OUTER, OUTER:-OUTER] = False
    return float(difference[outer].mean()), float(difference[INNER:-INNER, INNER:-INNER].mean())
