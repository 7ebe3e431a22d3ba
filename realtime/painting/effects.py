"""What is done to a stylized frame outside the style's graph: strength, colours, split view, cross-fade.

All take and return uint8 `[H, W, 3]` BGR frames and leave their inputs alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stylecam.realtime.video.libraries import cv2

__all__ = ["at_lines", "at_size_of", "blend", "for_lines", "keep_colors", "painted_size", "split_view"]

SMALLEST = 32  # px a side, of what a style can paint


def at_lines(stylize: Callable[[np.ndarray], np.ndarray], frame: np.ndarray, lines: int | None) -> np.ndarray:
    """`frame` painted with its shorter side at `lines` px, at its own size again; None paints it as it is.

    A style's strokes have a fixed size in pixels, so the same number of lines gives strokes of the same share
    of the picture, whatever the camera's size.
    """
    return at_size_of(frame, stylize(for_lines(frame, lines)))


def for_lines(frame: np.ndarray, lines: int | None) -> np.ndarray:
    """The frame at the size at which `at_lines` paints it."""
    size = painted_size(frame, lines)
    if size == (frame.shape[1], frame.shape[0]):
        return frame
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA if size[0] < frame.shape[1] else cv2.INTER_CUBIC)


def at_size_of(frame: np.ndarray, painted: np.ndarray) -> np.ndarray:
    """What was painted of a frame, at the frame's own size again."""
    if painted.shape == frame.shape:
        return painted
    back = cv2.INTER_CUBIC if painted.shape[1] < frame.shape[1] else cv2.INTER_AREA
    return cv2.resize(painted, (frame.shape[1], frame.shape[0]), interpolation=back)


def painted_size(frame: np.ndarray, lines: int | None) -> tuple[int, int]:
    """(width, height) at which `at_lines` paints a frame."""
    height, width = frame.shape[:2]
    scale = 1.0 if lines is None else lines / min(width, height)
    return max(SMALLEST, round(width * scale)), max(SMALLEST, round(height * scale))


def blend(first: np.ndarray, second: np.ndarray, share: float) -> np.ndarray:
    """`second` with weight `share` (0..1) over `first`; the ends return the picture itself."""
    if share <= 0:
        return first
    if share >= 1:
        return second
    return cv2.addWeighted(first, 1 - share, second, share, 0)


def keep_colors(original: np.ndarray, stylized: np.ndarray) -> np.ndarray:
    """The painting's strokes in the camera's colours: luma of `stylized`, chroma of `original`.

    The luminance-only transfer of Gatys et al. 2016, "Preserving Color in Neural Artistic Style Transfer".
    """
    merged = cv2.cvtColor(original, cv2.COLOR_BGR2YCrCb)
    luma = cv2.cvtColor(stylized, cv2.COLOR_BGR2GRAY)  # the same weights as YCrCb's Y
    cv2.insertChannel(luma, merged, 0)
    return cv2.cvtColor(merged, cv2.COLOR_YCrCb2BGR)


def split_view(original: np.ndarray, stylized: np.ndarray) -> np.ndarray:
    """Left half before, right half after, with a line between."""
    picture = stylized.copy()
    middle = picture.shape[1] // 2
    picture[:, :middle] = original[:, :middle]
    line = max(1, picture.shape[1] // 320)
    picture[:, middle - line // 2 : middle - line // 2 + line] = 255
    return picture
