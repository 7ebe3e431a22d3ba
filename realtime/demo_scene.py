"""Placeholder until the real scene arrives."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Self

import cv2
import numpy as np

from stylecam.realtime.frame import Frame, rate


def draw_scene(n: int, size: tuple[int, int]) -> np.ndarray:
    w, h = size
    yy, xx = np.mgrid[0:h, 0:w]
    img = np.stack([200 - yy * 150 // h, 100 + xx * 100 // w, (xx + yy + 3 * n) % 256], -1).astype(np.uint8)
    img = np.ascontiguousarray(img)
    cv2.circle(img, (w // 2 + n % 50, h // 2), h // 5, (40, 180, 250), -1, cv2.LINE_AA)
    return img


class DemoSource:
    name, live, problem, dropped = "demo", False, None, 0

    def __init__(self, size: tuple[int, int], fps: float | None = None) -> None:
        self.size, self.fps, self.captured = size, rate(fps) or Fraction(30), 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *a: object) -> None: ...

    def read(self, timeout: float) -> Frame:
        self.captured += 1
        return Frame(draw_scene(self.captured - 1, self.size), self.captured - 1, time.monotonic())
