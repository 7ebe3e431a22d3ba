"""The demo: an animated scene drawn by the program, for machines without a camera and for measurements.

A bay under a mountain: clouds, waves, a sailing boat, birds and a balloon move, people walk on the beach,
and someone stands close enough that one sees whether a face stays a face.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from fractions import Fraction
from types import TracebackType
from typing import Self

import numpy as np

from stylecam.realtime.sources.demo_background import HORIZON, Canvas, Point, background, clouds, leaves
from stylecam.realtime.video.frame import Frame, rate
from stylecam.realtime.video.libraries import cv2

__all__ = ["DemoSource", "draw_scene"]

RATE = Fraction(30)
_SKIN, _SKIN_SHADE, _HAIR, _SHIRT = (140, 178, 226), (110, 146, 200), (34, 40, 58), (60, 56, 178)


class DemoSource:
    """A FrameSource that never ends: frame n is a pure function of n and the size."""

    name = "demo"
    live = False
    mirrors = False
    dropped = 0
    sound = None
    problem: str | None = None
    still = False
    notes: Sequence[str] = ()
    damaged: str | None = None

    def __init__(self, size: tuple[int, int] = (640, 480), fps: float | None = None) -> None:
        self.size = size
        self.fps: Fraction | None = rate(fps) or RATE
        self.time_base: Fraction | None = 1 / self.fps
        self.captured = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def read(self, timeout: float) -> Frame:
        """Return the next frame; it never waits."""
        number = self.captured
        self.captured += 1
        # At any frame rate the scene moves at the same speed.
        pts = number / (self.fps or RATE)
        return Frame(draw_scene(float(pts * RATE), self.size), number, time.monotonic(), pts)


def draw_scene(number: float, size: tuple[int, int]) -> np.ndarray:
    """The scene at 1/30 s times `number`: uint8 `[H, W, 3]` BGR of `size` (width, height) from 32x32."""
    t = number / float(RATE)
    image = background(*size).copy()
    canvas = Canvas(image)
    _clouds(image, t)
    _balloon(canvas, t)
    _birds(canvas, t)
    _sea(canvas, t)
    _tree(canvas)
    for phase, x, colour in ((0.0, 250.0, (70, 60, 150)), (1.3, 282.0, (130, 90, 40))):
        _walker(canvas, x + 40 * math.sin(0.11 * t), t + phase, colour)
    _portrait(canvas, t)
    return image


def _clouds(image: np.ndarray, t: float) -> None:
    width = image.shape[1]
    white, rest = clouds(width, image.shape[0])
    start = int(width * (t / 60)) % width
    sky = image[: white.shape[0]]
    part = cv2.multiply(sky, np.ascontiguousarray(np.repeat(rest[:, start : start + width], 3, axis=2)), scale=1 / 255)
    cv2.add(part, np.ascontiguousarray(white[:, start : start + width]), dst=sky)


def _wave(t: float, row: int) -> np.ndarray:
    """(x, y) of the crest of one of the sea's rows."""
    y = HORIZON + 6 + 1.9 * row**1.95
    xs = np.linspace(-8, 648, 42)
    height, length = 0.7 + 0.75 * row, 26 + 14 * row
    swell = np.sin(xs / length + 0.9 * t * (1 + 0.08 * row) + 2.1 * row)
    return np.stack([xs, y - height * (swell + 0.35 * np.sin(2.3 * xs / length - 1.3 * t))], axis=1)


def _sea(canvas: Canvas, t: float) -> None:
    for row in range(1, 9):
        crest = _wave(t, row)
        shade = row / 8
        colour = (int(150 - 30 * shade), int(104 + 22 * shade), int(40 + 14 * shade))
        below = crest[::-1] + np.array((0, 4.0 + 4.4 * row))
        canvas.polygon(np.concatenate([crest, below]), colour)
        canvas.line(crest, (236, 232, 214) if row % 2 else (206, 176, 110), 0.5 + 0.28 * row)
        if row == 4:
            _boat(canvas, t)
    _surf(canvas, t)


def _surf(canvas: Canvas, t: float) -> None:
    xs = np.linspace(0, 640, 40)
    edge = 374 + 14 * np.sin(xs / 95) + 0.035 * (xs - 320) + 4 * math.sin(0.8 * t)
    canvas.line(np.stack([xs, edge + 2 * np.sin(xs / 17 + t)], axis=1), (244, 246, 240), 4)
    canvas.line(np.stack([xs, edge - 9 + 2 * np.sin(xs / 23 - t)], axis=1), (216, 214, 176), 2)


def _tree(canvas: Canvas) -> None:
    canvas.polygon([(22, 462), (33, 330), (27, 236), (44, 236), (51, 330), (60, 462)], (44, 66, 96))
    canvas.line([(42, 300), (74, 240)], (44, 66, 96), 6)
    canvas.line([(30, 280), (8, 238)], (44, 66, 96), 5)
    colour, rest = leaves(canvas.image.shape[1], canvas.image.shape[0])
    corner = canvas.image[: colour.shape[0], : colour.shape[1]]
    corner[:] = cv2.add(cv2.multiply(corner, rest, scale=1 / 255), colour)


def _boat(canvas: Canvas, t: float) -> None:
    x, y = 170 + 120 * math.sin(0.09 * t), 246 + 2.5 * math.sin(1.1 * t)
    lean = 3 * math.sin(0.9 * t)
    canvas.polygon([(x - 34, y), (x + 36, y - 2), (x + 24, y + 13), (x - 24, y + 13)], (42, 58, 120))
    canvas.line([(x - 33, y + 3), (x + 35, y + 1)], (220, 226, 232), 2)
    canvas.line([(x, y), (x + lean, y - 76)], (40, 60, 84), 2.5)
    canvas.polygon([(x + 3, y - 6), (x + lean + 1, y - 74), (x + 36, y - 12)], (226, 236, 244))
    canvas.polygon([(x - 3, y - 8), (x + lean - 1, y - 66), (x - 27, y - 12)], (72, 96, 226))


def _balloon(canvas: Canvas, t: float) -> None:
    x, y = 560 - 18 * t % 760, 78 + 9 * math.sin(0.5 * t)
    x = x + 760 if x < -60 else x
    for angle, colour in ((0, (60, 70, 210)), (1, (90, 200, 250)), (2, (170, 110, 60))):
        canvas.ellipse((x, y), (30 - 10 * angle, 35), colour)
    canvas.polygon([(x - 16, y + 29), (x + 16, y + 29), (x + 6, y + 46), (x - 6, y + 46)], (60, 70, 210))
    canvas.line([(x - 6, y + 44), (x - 5, y + 58)], (40, 50, 60), 1)
    canvas.line([(x + 6, y + 44), (x + 5, y + 58)], (40, 50, 60), 1)
    canvas.polygon([(x - 7, y + 57), (x + 7, y + 57), (x + 6, y + 67), (x - 6, y + 67)], (50, 90, 130))


def _birds(canvas: Canvas, t: float) -> None:
    for n in range(5):
        x, y = (38 * t + 60 * n + 17 * n * n) % 720 - 40, 118 + 16 * math.sin(1.7 * n) + 6 * math.sin(t + n)
        flap = 7 * math.sin(7 * t + 2 * n)
        canvas.line([(x - 13, y - flap), (x - 5, y - 3), (x, y), (x + 5, y - 3), (x + 13, y - flap)], (50, 44, 40), 2)


def _walker(canvas: Canvas, x: float, t: float, colour: tuple[int, int, int]) -> None:
    y, step = 436.0, math.sin(4 * t)
    for side in (-1, 1):
        canvas.line([(x, y - 24), (x + 7 * side * step, y)], (60, 50, 44), 5)
        canvas.line([(x, y - 44), (x + 8 * side * step, y - 28)], _SKIN_SHADE, 3.5)
    canvas.polygon([(x - 8, y - 50), (x + 8, y - 50), (x + 10, y - 20), (x - 10, y - 20)], colour)
    canvas.ellipse((x, y - 59), (7, 9), _SKIN)
    canvas.ellipse((x, y - 63), (7.5, 6), _HAIR)


def _portrait(canvas: Canvas, t: float) -> None:
    x, y = 500 + 5 * math.sin(0.7 * t), 330 + 2 * math.sin(1.1 * t)
    canvas.polygon(
        [(x - 98, 482), (x - 80, y + 112), (x - 30, y + 88), (x + 30, y + 88), (x + 82, y + 112), (x + 100, 482)],
        _SHIRT,
    )
    canvas.polygon([(x - 22, y + 60), (x + 22, y + 60), (x + 27, y + 96), (x, y + 118), (x - 27, y + 96)], _SKIN_SHADE)
    canvas.ellipse((x, y - 8), (68, 86), _HAIR)
    canvas.ellipse((x, y + 8), (54, 72), _SKIN)
    canvas.ellipse((x + 24, y + 26), (26, 40), (132, 168, 218))
    for side in (-1, 1):
        canvas.ellipse((x + 55 * side, y + 12), (9, 15), _SKIN_SHADE)
        _eye(canvas, (x + 23 * side, y), t, side)
    canvas.polygon([(x - 2, y + 4), (x + 11, y + 33), (x - 7, y + 34)], _SKIN_SHADE)
    smile = 4 + 2 * math.sin(0.5 * t)
    canvas.polygon(
        [(x - 21, y + 50), (x - 8, y + 47), (x, y + 49), (x + 8, y + 47), (x + 21, y + 50), (x, y + 53 + 2 * smile)],
        (88, 84, 186),
    )
    canvas.line([(x - 21, y + 50), (x, y + 52 + smile / 2), (x + 21, y + 50)], (60, 52, 120), 1.5)
    fringe = [(x - 58, y + 4), (x - 52, y - 46), (x - 12, y - 72), (x + 34, y - 66), (x + 58, y - 26), (x + 58, y + 4)]
    canvas.polygon([*fringe, (x + 44, y - 32), (x + 6, y - 44), (x - 34, y - 34), (x - 48, y - 14)], _HAIR)


def _eye(canvas: Canvas, centre: Point, t: float, side: int) -> None:
    x, y = centre
    open_ = 0.15 if (t + 1.5) % 3.7 < 0.13 else 1.0
    canvas.ellipse(centre, (11, 6.5 * open_), (238, 240, 240))
    if open_ == 1.0:
        look = 3 * math.sin(0.6 * t)
        canvas.ellipse((x + look, y), (5.2, 5.8), (96, 84, 40))
        canvas.ellipse((x + look, y), (2.6, 3.0), (10, 10, 10))
        canvas.ellipse((x + look + 1.5, y - 2), (1.3, 1.3), (255, 255, 255))
    canvas.line([(x - 13, y - 14 - 2 * side), (x, y - 19), (x + 13, y - 14 + 2 * side)], _HAIR, 4)
