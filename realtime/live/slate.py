"""What a virtual camera shows while there is no picture: a calm card with a few words."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from stylecam.realtime.live.text import WEIGHT
from stylecam.realtime.pictures.lettering import font, text_width
from stylecam.realtime.video.libraries import cv2

__all__ = ["PAUSED", "WAITING", "slate"]

PAUSED, WAITING = "paused", "waiting for the camera"

TOP, BOTTOM = np.array((46, 38, 32)), np.array((26, 21, 17))  # BGR of the ground, which darkens downwards
INK, QUIET = (238, 238, 238), (142, 134, 128)
SMALLEST = 8  # px of the text


@lru_cache(maxsize=4)
def slate(text: str, size: tuple[int, int]) -> np.ndarray:
    """A card of (width, height) px that says `text`: uint8 `[H, W, 3]` BGR, the same one every time: not to be written.

    A sign above the text says the same without words: two bars for `PAUSED`, else three dots.
    """
    width, height = size
    share = np.linspace(0, 1, height)[:, None, None]
    column = (TOP * (1 - share) + BOTTOM * share).round().astype(np.uint8)
    card = np.ascontiguousarray(np.broadcast_to(column, (height, width, 3)))
    letters = _fitting(text, max(SMALLEST, min(width, height) // 12), width * 9 // 10)
    radius = round(1.5 * letters)
    middle = height // 2
    _sign(card, (width // 2, middle - round(0.8 * letters)), radius, text == PAUSED)
    _centred(card, text, middle + round(2.2 * letters), letters, INK)
    _centred(card, "stylecam", height - letters, max(SMALLEST, letters // 2), QUIET)
    card.setflags(write=False)
    return card


def _fitting(text: str, size: int, width: int) -> int:
    """The size of the text, or the largest smaller one at which it goes into `width` px."""
    return next((s for s in range(size, SMALLEST, -1) if text_width(text, s, WEIGHT) <= width), SMALLEST)


def _centred(card: np.ndarray, text: str, baseline: int, size: int, colour: tuple[int, int, int]) -> None:
    left = (card.shape[1] - text_width(text, size, WEIGHT)) // 2
    cv2.putText(card, text, (left, baseline), colour, font(), size, WEIGHT)


def _sign(card: np.ndarray, centre: tuple[int, int], radius: int, bars: bool) -> None:
    x, y = centre
    line, part = max(1, radius // 12), max(1, radius // 7)
    cv2.circle(card, centre, radius, QUIET, line, cv2.LINE_AA)
    if bars:
        for side in (-1, 1):
            left = x + side * round(radius * 0.24) - part // 2
            top = y - round(radius * 0.36)
            cv2.rectangle(card, (left, top), (left + part, 2 * y - top), INK, -1, cv2.LINE_AA)
    else:
        for step in (-1, 0, 1):
            cv2.circle(card, (x + step * round(radius * 0.42), y), part * 3 // 4, INK, -1, cv2.LINE_AA)
