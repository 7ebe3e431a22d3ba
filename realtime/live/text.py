"""Text on panels, at the resolution of what it is shown on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from stylecam.realtime.pictures.lettering import font, text_width
from stylecam.realtime.video.libraries import cv2

__all__ = ["GREY", "GROUND", "LINE", "OPAQUE", "WEIGHT", "WHITE", "Row", "column_widths", "text_panel", "wrapped"]

WHITE, GREY = (255, 255, 255), (215, 215, 215)
GROUND = (24, 22, 20)  # BGR of a panel, through which the picture is seen
OPAQUE = 180  # of 255
WEIGHT = 500  # of the strokes: thin ones are lost on a moving picture
LINE = 1.4  # from one line to the next, in heights of the text

Row = Sequence[tuple[str, tuple[int, int, int]]]
"""Texts of a line, one a column, each with its colour (BGR)."""


def column_widths(rows: Sequence[Row], size: int) -> list[int]:
    """The width of each column of a panel, px."""
    columns = max(map(len, rows))
    return [max(text_width(row[n][0], size, WEIGHT) for row in rows if n < len(row)) for n in range(columns)]


def wrapped(text: str, size: int, width: int) -> list[str]:
    """A text in lines of at most `width` px, but for words that are longer."""
    lines = [""]
    for word in text.split():
        if lines[-1] and text_width(f"{lines[-1]} {word}", size, WEIGHT) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


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
                cv2.putText(written, text, (left, baseline), colour, font(), size, WEIGHT)
            left += across + gap
    # Where there is ink the panel hides what is below.
    ink = np.abs(written.astype(np.int16) - ground).max(axis=2)
    alpha = np.clip(OPAQUE + ink, 0, 255).astype(np.uint8)
    return np.dstack([written, alpha])
