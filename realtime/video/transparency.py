"""Pictures through which something else can be seen."""

from __future__ import annotations

import numpy as np

from stylecam.realtime.video.libraries import av, cv2
from stylecam.realtime.video.reformat import reformat

__all__ = ["DECODERS", "alpha_of", "has_alpha", "over_white"]

# FFmpeg's own decoders of these leave the transparency out, which Matroska keeps beside their pictures.
DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


def has_alpha(frame: av.VideoFrame) -> bool:
    """Whether a decoded frame's pixels may be transparent."""
    return any(component.is_alpha for component in frame.format.components) or frame.format.has_palette


def alpha_of(frame: av.VideoFrame) -> np.ndarray | None:
    """How much is seen of each pixel of a decoded frame, uint8 `[H, W]` from 0 to 255; None where all of it is."""
    if not has_alpha(frame):
        return None
    plane = reformat(frame, "gbrap").planes[3]
    alpha = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]
    return None if alpha.min() == 255 else np.ascontiguousarray(alpha)


def over_white(picture: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """uint8 `[H, W, 3]` BGR as it looks over white paper."""
    weight = cv2.merge([alpha] * 3).astype(np.uint16)
    blended = picture * weight + np.uint16(255) * (255 - weight) + 127
    return np.asarray((blended // 255).astype(np.uint8))
