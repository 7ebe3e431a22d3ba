"""How loud it is, drawn beside the figures."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from stylecam.realtime.live.text import GROUND, OPAQUE

__all__ = ["level_meter"]

STEPS = 10
QUIETEST = -50.0  # dB: below it nothing is lit
LIT = [(96, 196, 110)] * 7 + [(70, 190, 240)] * 2 + [(70, 70, 250)]  # BGR, from the lowest: green, amber, red
UNLIT = (74, 70, 66)


def level_meter(level: float, size: tuple[int, int]) -> np.ndarray:
    """A column of lights for a level in dB: uint8 `[h, w, 4]`, BGRA, of `size` (width, height) px.

    The same for levels that light as many, so that it is drawn anew only where something changes.
    """
    lit = round((level - QUIETEST) / -QUIETEST * STEPS)
    return _meter(min(STEPS, max(0, lit)), size)


@lru_cache(maxsize=2 * STEPS)
def _meter(lit: int, size: tuple[int, int]) -> np.ndarray:
    width, height = size
    image = np.empty((height, width, 4), np.uint8)
    image[:] = (*GROUND, OPAQUE)
    edge, gap = max(2, width // 5), max(1, height // (6 * STEPS))
    bounds = np.linspace(height - edge, edge, STEPS + 1).round().astype(int)
    for step in range(STEPS):
        colour = LIT[step] if step < lit else UNLIT
        image[bounds[step + 1] + gap : bounds[step], edge : width - edge] = (*colour, 255)
    return image
