"""Faults a style network can have of its own: a grid at its strides, and a border where it lacked surroundings."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from stylecam.training.frames import Stylize

__all__ = ["GRID_PERIODS", "border", "gradients", "grid", "grid_amplitudes"]

GRID_PERIODS = (2, 4, 8)  # px
SIDE = 256  # of the gradients
OUTER, MARGIN, INNER = 8, 48, 32  # px: the border measured, what is cut off around it, and where the middle begins
UNSEEN = 0.05  # levels: below this a difference is neither seen nor counted
# Colours (BGR) that smooth scenes have: day and dusk sky, fog, shade, glare, skin, grass.
_GRADIENTS = [
    ((235, 190, 130), (250, 235, 215)),
    ((90, 60, 160), (60, 150, 240)),
    ((150, 150, 150), (190, 190, 190)),
    ((10, 8, 6), (60, 50, 45)),
    ((215, 225, 230), (255, 255, 255)),
    ((110, 140, 200), (160, 185, 235)),
    ((40, 110, 60), (90, 170, 120)),
    ((0, 0, 0), (255, 255, 255)),
]


def gradients() -> list[np.ndarray]:
    """Smooth scenes, `[256, 256, 3]` uint8 BGR: gradients of several colours, each in another direction."""
    pictures = []
    x, y = np.meshgrid(np.linspace(-1, 1, SIDE), np.linspace(-1, 1, SIDE))
    for number, (dark, bright) in enumerate(_GRADIENTS):
        angle = number * np.pi / len(_GRADIENTS) + 0.2
        along = ((x * np.cos(angle) + y * np.sin(angle)) / 2**0.5 + 1)[..., None] / 2
        picture = np.array(dark) * (1 - along) + np.array(bright) * along
        pictures.append(np.rint(picture).astype(np.uint8))
    return pictures


def grid(stylize: Stylize, photos: Sequence[np.ndarray] = ()) -> float:
    """The largest amplitude, in levels of 255, of a wave at a period of `GRID_PERIODS`; half a level is invisible.

    Over stylized smooth gradients, and over `photos` (`[H, W, 3]` uint8 BGR, from 128 px) where some are given.
    """
    groups = [gradients(), list(photos)]
    return max(max(grid_amplitudes([stylize(p) for p in group]).values()) for group in groups if group)


def grid_amplitudes(pictures: Sequence[np.ndarray]) -> dict[int, float]:
    """{period in px: the largest amplitude in levels} of waves that pictures (uint8 BGR) share in strength.

    In each picture's windowed spectrum the power at a wave's frequency (horizontal, vertical or both ways) less
    that of its neighbours is the wave's own: what texture there is has no reason to stop beside it. The powers
    are averaged over the pictures before the root is taken, so that chance averages out. Raises `ValueError`
    without pictures.
    """
    if not pictures:
        raise ValueError("a grid is looked for in at least one picture")
    return {period: max(0.0, float(np.mean(excess))) ** 0.5 for period, excess in _worst(pictures).items()}


def _worst(pictures: Sequence[np.ndarray]) -> dict[int, list[float]]:
    """For each period the excess power in each picture, at that frequency of the period where they have most."""
    found: dict[int, list[float]] = {}
    spectra = [_power(picture) for picture in pictures]
    for period in GRID_PERIODS:
        steps = range(period)
        waves = [(u, v) for u in steps for v in steps if u % 2 or v % 2]  # the others have half the period
        excesses = [[_excess(power, u / period, v / period) for power in spectra] for u, v in waves]
        found[period] = max(excesses, key=lambda values: float(np.mean(values)))
    return found


def _power(picture: np.ndarray) -> np.ndarray:
    """Squared amplitudes `[N, N]` of the luminance's waves; N is a multiple of 8, so that the periods fall on bins."""
    side = min(picture.shape[:2]) // 8 * 8
    if side < 128:
        raise ValueError("a grid is looked for in pictures of at least 128 px")
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[:side, :side].astype(np.float64)
    window = np.hanning(side + 1)[:side]
    windowed = (grey - grey.mean()) * window * window[:, None]
    power: np.ndarray = np.square(2 * np.abs(np.fft.fft2(windowed)) / window.sum() ** 2)
    return power


def _excess(power: np.ndarray, down: float, across: float) -> float:
    side = power.shape[0]
    row, column = round(down * side), round(across * side)
    rows, columns = np.arange(row - 6, row + 7) % side, np.arange(column - 6, column + 7) % side
    around = power[np.ix_(rows, columns)].copy()
    wave = around[6, 6]
    # A wave at the end of the spectrum, its own mirror image, has its whole amplitude in one bin.
    whole = 0.25 if down in (0, 0.5) and across in (0, 0.5) else 1.0
    far = np.maximum(*np.abs(np.mgrid[-6:7, -6:7])) > 2  # the window spreads a wave over the bins beside it
    for axis, place in ((0, row), (1, column)):  # flat areas and slow gradients lie along the axes of the spectrum
        if place:
            slow = (np.arange(-6, 7) + place) % side == 0
            far &= ~(slow[:, None] if axis == 0 else slow[None, :])
    return float(whole * (wave - np.mean(around[far])))


def border(stylize: Stylize, photos: Sequence[np.ndarray]) -> float:
    """How much the outer 8 px differ from what they are with 48 px more of the scene, over the same in the middle.

    The mean over photos (`[H, W, 3]` uint8 BGR, from 224 px); 1 is clean. The middle differs too, since the
    statistics of the larger picture do. Raises `ValueError` without photos or for smaller ones.
    """
    if not photos or min(min(photo.shape[:2]) for photo in photos) < 224:
        raise ValueError("a border is looked for in photos of at least 224 px")
    return float(np.mean([_border(stylize, photo) for photo in photos]))


def _border(stylize: Stylize, photo: np.ndarray) -> float:
    inside = (slice(MARGIN, -MARGIN), slice(MARGIN, -MARGIN))
    wide = stylize(photo)[inside].astype(np.float64)
    difference = np.abs(stylize(np.ascontiguousarray(photo[inside])) - wide).mean(-1)
    middle = np.zeros(difference.shape, bool)
    middle[INNER:-INNER, INNER:-INNER] = True
    outer = np.ones(difference.shape, bool)
    outer[OUTER:-OUTER, OUTER:-OUTER] = False
    return float((difference[outer].mean() + UNSEEN) / (difference[middle].mean() + UNSEEN))
