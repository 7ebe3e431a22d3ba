"""The plain border of a picture: a mount, a wall, the white of a scan."""

from __future__ import annotations

import numpy as np

from stylecam.realtime.video.libraries import cv2

__all__ = ["is_blank", "without_plain_border"]

LINES = 256  # px: the shorter side at which it is looked for
PLAIN, ALIKE = 7.0, 16.0  # levels: standard deviation within a plain line, and how far two lines' means may differ
MOST = 0.3  # of a side that is cut from either end: beyond, it is no border but the picture
BLANK = 4.0  # levels of standard deviation of a picture that shows nothing


def without_plain_border(picture: np.ndarray) -> np.ndarray:
    """uint8 `[H, W, 3]` without the rows and columns at its edges that are all of one colour, a view of it.

    The colour is each edge's own. A picture with little beyond its border stays as it is.
    """
    small, scale = _small(picture)
    top, bottom = _cuts(small)
    left, right = _cuts(small[top : small.shape[0] - bottom].transpose(1, 0, 2))
    # One line more than is plain: where the border ends both colours are mixed.
    cut = [round((n + 1) / scale) if n else 0 for n in (top, bottom, left, right)]
    inside = picture[cut[0] : picture.shape[0] - cut[1], cut[2] : picture.shape[1] - cut[3]]
    return inside if min(inside.shape[:2]) >= 32 else picture


def is_blank(picture: np.ndarray) -> bool:
    """Whether uint8 `[H, W, 3]` is of one colour, or nearly."""
    small, _ = _small(picture)
    return bool(small.reshape(-1, 3).std(axis=0).max() < BLANK)


def _small(picture: np.ndarray) -> tuple[np.ndarray, float]:
    """The picture at the size at which it is looked at, and by how much it was made smaller."""
    scale = min(1.0, LINES / min(picture.shape[:2]))
    if scale == 1:
        return picture, scale
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), scale


def _cuts(picture: np.ndarray) -> tuple[int, int]:
    """How many rows to cut from the top and the bottom."""
    means, deviations = picture.mean(axis=1), picture.std(axis=1).max(axis=1)
    most = int(MOST * len(picture))
    if most < 1:
        return 0, 0

    def plain(rows: range) -> int:
        first = rows[0]
        count = 0
        for row in rows:
            if deviations[row] > PLAIN or np.abs(means[row] - means[first]).max() > ALIKE:
                break
            count += 1
        return count if count < most else 0

    return plain(range(most)), plain(range(len(picture) - 1, len(picture) - 1 - most, -1))
