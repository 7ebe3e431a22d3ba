"""Pictures in memory to learn on: a camera's frames, disturbed so that a style learnt in one room paints others."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import cv2
import numpy as np
import torch
from torch import Tensor

from stylecam.training.data import at_most

__all__ = ["LINES", "FramePool"]

KEPT = 64  # frames; an older one gives way to a newer one
LINES = 576  # px: the shorter side of what is kept
SHARE = 1 / 3  # of the pictures that are the scene's, where there are frames of a camera too


class FramePool:
    """Random crops of frames, each with a light, colours and a size of its own.

    `scene`: pictures that are always there, so that a camera before a wall is not all there is. `add` takes the
    camera's. All are uint8 `[H, W, 3]` RGB. One painter learns one palette: what it must know of the world is shapes
    and shades, and those one room has in few lights.
    """

    def __init__(self, scene: Iterable[np.ndarray], seed: int = 0) -> None:
        self._scene = [at_most(picture, LINES) for picture in scene]
        self._frames: deque[np.ndarray] = deque(maxlen=KEPT)
        self._random = np.random.default_rng(seed)

    def __len__(self) -> int:
        return len(self._scene) + len(self._frames)

    def add(self, frame: np.ndarray) -> None:
        """One more frame, uint8 `[H, W, 3]` RGB."""
        self._frames.append(at_most(frame, LINES))

    @property
    def frames(self) -> list[np.ndarray]:
        """The camera's, else the scene's."""
        return list(self._frames) or self._scene

    def batch(self, count: int, side: int) -> Tensor:
        """uint8 `[count, 3, side, side]`. Raises `ValueError` where there is no picture at all."""
        if not len(self):
            raise ValueError("there are no frames to learn on")
        return torch.stack([self._picture(side) for _ in range(count)])

    def _picture(self, side: int) -> Tensor:
        draw = self._random
        of_scene = not self._frames or (self._scene and draw.random() < SHARE)
        source = self._scene if of_scene else self._frames
        crop = self._crop(source[int(draw.integers(len(source)))], side)
        return torch.from_numpy(np.ascontiguousarray(self._disturbed(crop).transpose(2, 0, 1)))

    def _crop(self, picture: np.ndarray, side: int) -> np.ndarray:
        """Of `side` px: a part of the picture or the whole of it, enlarged or made smaller, mirrored or not."""
        draw, short = self._random, min(picture.shape[:2])
        cut = int(min(short, max(32, round(side * draw.uniform(0.6, 1.6)))))
        top = int(draw.integers(picture.shape[0] - cut + 1))
        left = int(draw.integers(picture.shape[1] - cut + 1))
        crop = picture[top : top + cut, left : left + cut]
        how = cv2.INTER_AREA if cut > side else cv2.INTER_CUBIC
        crop = cv2.resize(crop, (side, side), interpolation=how)
        return crop[:, ::-1] if draw.random() < 0.5 else crop

    def _disturbed(self, crop: np.ndarray) -> np.ndarray:
        """In another light, by gain and gamma, and in more or less colour, half of the time with channels exchanged."""
        draw = self._random
        levels = np.arange(256) / 255
        table = np.clip(draw.uniform(0.6, 1.25) * levels ** draw.uniform(0.6, 1.7) + draw.uniform(-0.05, 0.15), 0, 1)
        lit = cv2.LUT(crop, np.round(255 * table).astype(np.uint8)).astype(np.float32)
        grey = lit @ np.array([0.299, 0.587, 0.114], np.float32)
        colours = lit - grey[..., None]
        if draw.random() < 0.5:
            colours = colours[..., draw.permutation(3)]
        return np.clip(grey[..., None] + draw.uniform(0.3, 1.4) * colours + 0.5, 0, 255).astype(np.uint8)
