"""Letters on pictures: how wide a text is, and how much of it there is room for."""

from __future__ import annotations

from functools import cache, lru_cache

from stylecam.realtime.video.libraries import cv2

__all__ = ["font", "shortened", "text_width"]


@cache
def font() -> cv2.FontFace:
    """What OpenCV's `putText` writes with: in its own library, with the letters of many languages."""
    return cv2.FontFace("sans")


@lru_cache(maxsize=1024)
def text_width(text: str, size: int, weight: int = 0) -> int:
    """How far a line of text reaches, px. size: of the letters, px. weight: of their strokes, 0 for the usual."""
    if not text:
        return 0
    left, _, across, _ = cv2.getTextSize((0, 0), text, (0, 0), font(), size, weight)
    return int(left + across)


def shortened(text: str, size: int, width: int, weight: int = 0) -> str:
    """The text as far as there is room for it in `width` px, with dots where something is left out."""
    if text_width(text, size, weight) <= width:
        return text
    dotted = (f"{text[:n]}..." for n in range(len(text), 0, -1))
    return next((candidate for candidate in dotted if text_width(candidate, size, weight) <= width), "")
