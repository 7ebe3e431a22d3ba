"""The border that a network paints where it lacked surroundings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from stylecam.models.errors import PictureError
from stylecam.training.data import resize_short_side
from stylecam.training.evaluate.stylize import Stylize

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


def border(stylize: Stylize, photos: Sequence[np.ndarray], known: int = 0) -> Border:
    """How much the outer 8 px and the middle differ from what they are with 48 px more of the scene.

    Over photos (uint8 BGR, any size) of short side 256 without the 48 px. The middle differs too, since the
    statistics of the larger picture do. With `known`, 0 to 48, so many px of the 48 are shown to the style in both
    cases: what is left is the border of one who guesses these px rightly. Raises `PictureError` without photos.
    """
    if not photos:
        raise PictureError("the border measure needs at least one photo")
    outer, middle = np.mean([_differences(stylize, photo, known) for photo in photos], axis=0)
    return Border(float(outer), float(middle))


def _differences(stylize: Stylize, photo: np.ndarray, known: int) -> tuple[float, float]:
    """Mean absolute difference, in levels, of the outer pixels and of the middle."""
    wide = resize_short_side(photo, SIDE + 2 * MARGIN)
    narrow = stylize(np.ascontiguousarray(_without(wide, MARGIN - known)))
    difference = cv2.absdiff(_without(narrow, known), _without(stylize(wide), MARGIN)).mean(-1)
    outer = np.ones(difference.shape, bool)
    outer[OUTER:-OUTER, OUTER:-OUTER] = False
    return float(difference[outer].mean()), float(difference[INNER:-INNER, INNER:-INNER].mean())


def _without(picture: np.ndarray, edge: int) -> np.ndarray:
    """A picture without the `edge` px at each side."""
    return picture[edge : picture.shape[0] - edge, edge : picture.shape[1] - edge]
