"""A picture written as a PNG file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from stylecam.realtime.common.whole_files import save_bytes
from stylecam.realtime.video.libraries import cv2

__all__ = ["save_png"]


def save_png(path: Path, picture: np.ndarray) -> None:
    """Writes uint8 BGR as PNG, under its name only when complete. Raises `RecordError`."""
    save_bytes(path, cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes())
