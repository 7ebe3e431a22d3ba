"""What the measures of a style share: a style as a function, pictures brought to a frame's size, their sharpness.

Neither needs torch.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

__all__ = ["Stylize", "cover", "sharpness"]

# A style, whatever runs it: uint8 [H, W, 3] BGR to the same shape and type.
Stylize = Callable[[np.ndarray], np.ndarray]


def cover(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """The middle of `[H, W, 3]`, resized with its aspect ratio to fill `[height, width, 3]` exactly."""
    scale = max(width / picture.shape[1], height / picture.shape[0])
    size = max(width, round(picture.shape[1] * scale)), max(height, round(picture.shape[0] * scale))
    resized = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    top, left = (size[1] - height) // 2, (size[0] - width) // 2
    return np.ascontiguousarray(resized[top : top + height, left : left + width])


def sharpness(picture: np.ndarray) -> float:
    """Variance of the Laplacian (4 neighbours) of the luma of uint8 `[H, W, 3]` BGR, in levels squared.

    A measure of focus: Pech-Pacheco et al. 2000, "Diatom Autofocusing in Brightfield Microscopy".
    """
    return float(cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.CV_32F).var())
