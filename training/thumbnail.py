"""The small picture of its painting by which a style shows itself."""

from __future__ import annotations

import base64

import cv2
import numpy as np

__all__ = ["thumbnail"]

SIDE = 160  # px, of the longer side


def thumbnail(painting: np.ndarray) -> str:
    """uint8 `[H, W, 3]` RGB as a PNG of at most 160 px, in base64, for the style file."""
    scale = SIDE / max(painting.shape[:2])
    size = max(1, int(painting.shape[1] * scale)), max(1, int(painting.shape[0] * scale))
    small = cv2.resize(painting, size, interpolation=cv2.INTER_AREA)
    return base64.b64encode(cv2.imencode(".png", small[..., ::-1])[1].tobytes()).decode("ascii")
