"""The grid that strided and upsampling layers paint where nothing like it is in the photo.

Odena et al. 2016, "Deconvolution and Checkerboard Artifacts".
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from stylecam.training.data import resize_short_side
from stylecam.training.evaluate.stylize import Stylize

__all__ = ["GRID_PERIODS", "gradients", "grid", "grid_amplitudes", "grid_on_gradients", "grid_on_photos"]

GRID_PERIODS = (2, 4, 8)  # px
WIDTH, HEIGHT = 640, 480  # of the gradients: the larger, the less does texture pass for a grid by chance
EDGE = 16  # px cut off before a grid is looked for: the border is another measure
SMALLEST = 160  # px, of what is left: below, the bins around a frequency reach the next one
SIDE = 256  # px, short side of the photos
# Colours (BGR) that smooth scenes have: day and dusk sky, fog, shade, glare, skin, grass; all levels; and almost flat
# ones: a covered lens, a wall, an overexposed sky.
_GRADIENTS = [
    ((235, 190, 130), (250, 235, 215)),
    ((90, 60, 160), (60, 150, 240)),
    ((150, 150, 150), (190, 190, 190)),
    ((10, 8, 6), (60, 50, 45)),
    ((215, 225, 230), (255, 255, 255)),
    ((110, 140, 200), (160, 185, 235)),
    ((40, 110, 60), (90, 170, 120)),
    ((0, 0, 0), (255, 255, 255)),
    ((12, 12, 12), (14, 14, 14)),
    ((128, 128, 128), (130, 130, 130)),
    ((243, 243, 243), (245, 245, 245)),
]


def gradients() -> list[np.ndarray]:
    """Smooth scenes, `[480, 640, 3]` uint8 BGR: gradients of several colours, each in another direction.

    They are dithered: the steps of a gradient rounded to whole levels would be waves themselves.
    """
    random = np.random.default_rng(0)
    x, y = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
    pictures = []
    for number, (first, last) in enumerate(_GRADIENTS):
        angle = number * math.pi * (3 - math.sqrt(5))  # the golden angle: no two directions are alike
        slope = np.array([math.cos(angle), math.sin(angle)])
        along = (1 + (slope[0] * x + slope[1] * y) / np.abs(slope).sum())[..., None] / 2
        picture = np.array(first) * (1 - along) + np.array(last) * along
        pictures.append(np.minimum(np.floor(picture + random.random(picture.shape)), 255).astype(np.uint8))
    return pictures


def grid(stylize: Stylize, photos: Sequence[np.ndarray] = ()) -> float:
    """The largest amplitude, in levels of 255, of a wave at a period of `GRID_PERIODS`; half a level is invisible.

    On stylized gradients, and on `photos` (uint8 BGR, any size) where some are given.
    """
    found = [grid_on_gradients(stylize), *([grid_on_photos(stylize, photos)] if photos else [])]
    return max(max(amplitudes.values()) for amplitudes in found)


def grid_on_gradients(stylize: Stylize) -> dict[int, float]:
    """{period in px: the largest amplitude in levels} on the stylized `gradients`: that of the worst of them."""
    found = [grid_amplitudes([stylize(picture)]) for picture in gradients()]
    return {period: max(amplitudes[period] for amplitudes in found) for period in GRID_PERIODS}


def grid_on_photos(stylize: Stylize, photos: Sequence[np.ndarray]) -> dict[int, float]:
    """{period in px: the largest amplitude in levels} on stylized photos of short side 256, of all in common."""
    # The resizing also takes the 8 px blocks of JPEG files off the grid's places.
    return grid_amplitudes([stylize(resize_short_side(photo, SIDE)) for photo in photos])


def grid_amplitudes(pictures: Sequence[np.ndarray]) -> dict[int, float]:
    """{period in px: the largest amplitude in levels} of waves that pictures (uint8 BGR, from 192 px) share.

    What repeats every 8 px is a sum of waves whose frequencies, down and across, are multiples of 1/8; each is
    counted at the period after which it repeats. Two that cross, as in a lattice, are counted together, and the
    channels as root mean square. A wave's power is that in the Hann-windowed spectrum, the median over the pictures,
    less the mean of the frequencies around; it is 0 unless it is twice the largest of those, which texture has no
    reason to be just there. Raises `ValueError` without pictures or for smaller ones.
    """
    if not pictures:
        raise ValueError("the grid measure needs at least one picture")
    spectra = [_power(picture) for picture in pictures]
    found = dict.fromkeys(GRID_PERIODS, 0.0)
    for down in range(5):
        for across in range(5):
            period = 8 // math.gcd(down, across, 8)
            if period > 1:
                mirrored = [(down, across), (down, -across)] if {down, across} <= {1, 2, 3} else [(down, across)]
                found[period] = max(found[period], sum(_amplitude(spectra, *wave) for wave in mirrored))
    return found


def _power(picture: np.ndarray) -> np.ndarray:
    """Squared amplitudes `[H, W]` of the waves, sides multiples of 8 so that an eighth falls on a bin."""
    inner = picture[EDGE:-EDGE, EDGE:-EDGE].astype(np.float64)
    height, width = (side // 8 * 8 for side in inner.shape[:2])
    if min(height, width) < SMALLEST:
        raise ValueError(f"the grid measure needs pictures of at least {SMALLEST + 2 * EDGE} px")
    inner = inner[:height, :width]
    window = np.hanning(height + 1)[:height, None] * np.hanning(width + 1)[:width]
    windowed = (inner - inner.mean((0, 1))) * window[..., None]
    # Several times faster than numpy's, here.
    spectra = [cv2.dft(channel, flags=cv2.DFT_COMPLEX_OUTPUT) for channel in cv2.split(windowed)]
    return np.asarray(np.mean(np.square(spectra).sum(-1), axis=0) * (2 / window.sum()) ** 2)


def _amplitude(spectra: Sequence[np.ndarray], down: int, across: int) -> float:
    """The amplitude of the wave of `down` and `across` eighths."""
    # The median, since a blind or a brick wall may well have this frequency, but not in half of the photos.
    peak = float(np.median([power[_bin(power, down, across)] for power in spectra]))
    around = np.median([_around(power, down, across) for power in spectra], axis=0)
    if peak <= 2 * around.max():
        return 0.0
    # A wave at the end of the spectrum is its own mirror image: its whole amplitude is in one bin, not in two.
    whole = 0.25 if {down, across} <= {0, 4} else 1.0
    return math.sqrt(whole * (peak - float(around.mean())))


def _bin(power: np.ndarray, down: int, across: int) -> tuple[int, int]:
    return down * power.shape[0] // 8, across * power.shape[1] // 8


def _around(power: np.ndarray, down: int, across: int) -> np.ndarray:
    """The power at the frequencies around, from 3 bins away, since the window spreads a wave over 2."""
    row, column = _bin(power, down, across)
    # What is upright or level in a scene lies on the spectrum's axes: a wave there is compared with its own axis.
    farthest = 9 if down and across else 16
    reach = [np.arange(-farthest, farthest + 1) if steps else np.zeros(1, int) for steps in (down, across)]
    far = np.maximum(np.abs(reach[0])[:, None], np.abs(reach[1])) > 2
    around = power[np.ix_((row + reach[0]) % power.shape[0], (column + reach[1]) % power.shape[1])]
    return np.asarray(around[far])
