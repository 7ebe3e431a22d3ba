"""Text on panels, at the resolution of what it is shown on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np

from stylecam.realtime.video.libraries import cv2

__all__ = ["GREY", "WHITE", "Row", "column_widths", "shortened", "text_panel", "text_width", "wrapped"]

WHITE, GREY = (255, 255, 255), (215, 215, 215)
GROUND = (24, 22, 20)  # BGR of a panel, through which the picture is seen
OPAQUE = 180  # of 255
WEIGHT = 500  # of the strokes: thin ones are lost on a moving picture
LINE = 1.4  # from one line to the next, in heights of the text

Row = Sequence[tuple[str, tuple[int, int, int]]]
"""Texts of a line, one a column, each with its colour (BGR)."""


@cache
def _font() -> cv2.FontFace:
    return cv2.FontFace("sans")  # in OpenCV's own library, with the letters of many languages


@lru_cache(maxsize=1024)
def text_width(text: str, size: int) -> int:
    """How wide a text of `size` px is, in px."""
    if not text:
        return 0
    left, _, across, _ = cv2.getTextSize((10_000, 1000), text, (0, 0), _font(), size, WEIGHT)
    return int(left + across)


def column_widths(rows: Sequence[Row], size: int) -> list[int]:
    """The width of each column of a panel, px."""
    columns = max(map(len, rows))
    return [max(text_width(row[n][0], size) for row in rows if n < len(row)) for n in range(columns)]


def wrapped(text: str, size: int, width: int) -> list[str]:
    """A text in lines of at most `width` px, but for words that are longer."""
    lines = [""]
    for word in text.split():
        if lines[-1] and text_width(f"{lines[-1]} {word}", size) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def shortened(text: str, size: int, width: int) -> str:
    """A text that is at most `width` px wide, with three dots where something is left out."""
    if text_width(text, size) <= width:
        return text
    return next((short for n in range(len(text), 0, -1) if text_width(short := f"{text[:n]}...", size) <= width), "")


def text_panel(rows: Sequence[Row], size: int) -> np.ndarray:
    """The rows on a dark ground that lets the picture through: uint8 `[h, w, 4]`, BGRA. `size`: of the text, px."""
    return _panel(tuple(tuple(row) for row in rows), size)


@lru_cache(maxsize=32)
def _panel(rows: tuple[tuple[tuple[str, tuple[int, int, int]], ...], ...], size: int) -> np.ndarray:
    pad, step, gap = round(0.6 * size), round(LINE * size), round(0.9 * size)
    widths = column_widths(rows, size)
    width, height = sum(widths) + gap * (len(widths) - 1) + 2 * pad, step * len(rows) + pad
    ground = np.empty((height, width, 3), np.uint8)
    ground[:] = GROUND
    written = ground.copy()
    for number, row in enumerate(rows):
        left, baseline = pad, pad // 2 + number * step + round(1.05 * size)
        for (text, colour), across in zip(row, widths, strict=False):
            if text:
                cv2.putText(written, text, (left, baseline), colour, _font(), size, WEIGHT)
            left += across + gap
    # Where there is ink the panel hides what is below.
    ink = np.abs(written.astype(np.int16) - ground).max(axis=2)
    alpha = np.clip(OPAQUE + ink, 0, 255).astype(np.uint8)
    return np.dstack([written, alpha])
