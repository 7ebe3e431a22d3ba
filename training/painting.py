"""The painting as a training prepares it for the losses, and the scan itself, against which every style is measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stylecam.models.errors import OptionsError, PictureError
from stylecam.training.data import at_most, read_picture, resize_short_side

__all__ = ["PREPARATION", "SCAN_SIDE", "read_painting", "read_scan"]

SMALLEST = 32  # px
SPECKLE_SIDES = (0, 3, 5)  # what OpenCV's median filter takes for every kind of picture
SCAN_EDGE, SCAN_SIDE = 0.02, 512  # of the scan: what is cut from each edge, in short sides; the largest short side, px
LARGEST_SPOTS = 64  # px
FLATTEN_RADIUS = 8  # px around each pixel in which the colours near its own are averaged
# How a painting is prepared where nobody says it: the settings of `read_painting`, as recipes and files call them.
PREPARATION: dict[str, Any] = {"style_size": 512, "crop": 0.0, "speckle": 0, "spots": 0, "flatten": 0}


def read_painting(
    path: Path, style_size: int = 512, crop: float = 0.0, speckle: int = 0, spots: int = 0, flatten: int = 0
) -> np.ndarray:
    """`[H, W, 3]` uint8 RGB: `crop` of the short side cut from each edge, then a short side of `style_size` px.

    `speckle` is the side in px of a median filter before that, 0 for none: a dithered or grainy reproduction asks the
    network for noise in its finest features, and a network without noise paints a weave instead.
    `spots`, 0 for none, is the width in px below which white spots and lone white lines are removed, after the
    resizing: a network that is asked for many of them sets them in rows on everything dark.
    `flatten`, 0 for none, is the distance in levels up to which colours become one, after that, by mean shift
    (Comaniciu and Meer 2002, https://doi.org/10.1109/34.1000236): texture within a stroke goes, edges stay.
    Raises `PictureError` for a file that is no picture or leaves too little of one, `OptionsError` for a size,
    crop or filter out of range.
    """
    if speckle not in SPECKLE_SIDES:
        raise OptionsError(f"--speckle must be one of {', '.join(map(str, SPECKLE_SIDES))}, not {speckle}")
    if not 0 <= spots <= LARGEST_SPOTS:
        raise OptionsError(f"--spots must be 0 to {LARGEST_SPOTS} px, not {spots}")
    if not 0 <= flatten <= 255:
        raise OptionsError(f"--flatten must be 0 to 255 levels, not {flatten}")
    if not (64 <= style_size <= 4096 and 0 <= crop <= 0.4):
        raise OptionsError(f"--style-size must be 64 to 4096 and --crop 0 to 0.4, not {style_size} and {crop:g}")
    picture = _without_edges(path, crop, "after --crop: too little to learn from")
    painting = resize_short_side(cv2.medianBlur(picture, speckle) if speckle else picture, style_size)
    painting = _without_spots(painting, spots) if spots else painting
    return cv2.pyrMeanShiftFiltering(np.ascontiguousarray(painting), FLATTEN_RADIUS, flatten) if flatten else painting


def read_scan(path: Path) -> np.ndarray:
    """`[H, W, 3]` uint8 RGB: the scan itself, the one thing that every style of a painting is measured against.

    2 % of the short side are cut from each edge, where the paper or a frame may be; a short side above 512 px is
    brought to that. It is never enlarged and never smoothed, whatever a style was trained with. Raises `PictureError`
    for a file that is no picture, is less than 32 px wide then, or is 16 times longer than wide.
    """
    return at_most(_without_edges(path, SCAN_EDGE, "without its edges: too little to compare with"), SCAN_SIDE)


def _without_spots(painting: np.ndarray, width: int) -> np.ndarray:
    """Without what is brighter than its surroundings and narrower than `width` px; joined to wider things it stays.

    The opening by reconstruction of Vincent 1993, "Morphological grayscale reconstruction in image analysis:
    applications and efficient algorithms", of red, green and blue alone: a coloured spot loses what is bright in it.
    """
    left = cv2.erode(painting, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)))
    neighbours = np.ones((3, 3), np.uint8)
    while True:
        grown = np.minimum(cv2.dilate(left, neighbours), painting)
        if np.array_equal(grown, left):
            return left
        left = grown


def _without_edges(path: Path, crop: float, too_little: str) -> np.ndarray:
    picture = read_picture(path)
    cut = round(crop * min(picture.shape[:2]))
    picture = picture[cut : picture.shape[0] - cut, cut : picture.shape[1] - cut]
    height, width = picture.shape[:2]
    if min(height, width) < SMALLEST or max(height, width) > 16 * min(height, width):
        raise PictureError(
            f"the painting {path} is {width}x{height} px {too_little}, give "
            f"one of at least {SMALLEST} px each way that is not 16 times longer than wide"
        )
    return picture
