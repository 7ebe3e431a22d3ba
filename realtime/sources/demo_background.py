"""The demo scene's parts that stand still: sky, sun, mountains, beach, leaves; painted once for each size.

Places and sizes are in units of the scene, 640 x 480; `Canvas` brings them to pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from stylecam.realtime.video.libraries import cv2

__all__ = ["HORIZON", "Canvas", "background", "clouds", "leaves"]

HORIZON = 215.0
SHORE = 372.0
CROWN = (135, 270)  # the tree's crown ends there, to the right and below
_SHIFT = 4  # OpenCV draws with 1/16 px: slow motion without jumps
Point = tuple[float, float]
Colour = tuple[int, int, int]


class Canvas:
    """Draws on uint8 BGR `[H, W, 3]` in scene units."""

    def __init__(self, image: np.ndarray) -> None:
        self.image = image
        self.x, self.y = image.shape[1] / 640, image.shape[0] / 480
        self.scale = min(self.x, self.y)

    def polygon(self, points: Sequence[Point] | np.ndarray, colour: Colour) -> None:
        """A filled polygon."""
        fixed = np.rint(np.asarray(points) * (self.x, self.y) * (1 << _SHIFT)).astype(np.int32)
        cv2.fillPoly(self.image, [fixed], colour, cv2.LINE_AA, _SHIFT)

    def line(self, points: Sequence[Point] | np.ndarray, colour: Colour, width: float) -> None:
        """An open line, `width` units thick."""
        fixed = np.rint(np.asarray(points) * (self.x, self.y) * (1 << _SHIFT)).astype(np.int32)
        cv2.polylines(self.image, [fixed], False, colour, max(1, round(width * self.scale)), cv2.LINE_AA, _SHIFT)

    def ellipse(self, centre: Point, radii: Point, colour: Colour, angle: float = 0, arc: Point = (0, 360)) -> None:
        """A filled ellipse, turned by `angle` degrees, or the sector `arc` of it."""
        fixed = [round(v * (1 << _SHIFT)) for v in (centre[0] * self.x, centre[1] * self.y)]
        axes = [max(1, round(v * (1 << _SHIFT))) for v in (radii[0] * self.x, radii[1] * self.y)]
        cv2.ellipse(self.image, fixed, axes, angle, *arc, colour, -1, cv2.LINE_AA, _SHIFT)


@lru_cache(maxsize=2)
def background(width: int, height: int) -> np.ndarray:
    """The still scene, uint8 `[height, width, 3]` BGR. Copy it before drawing on it."""
    image = np.empty((height, width, 3), np.uint8)
    _gradients(image)
    canvas = Canvas(image)
    _sun(image, canvas)
    _mountains(canvas)
    _beach(image, canvas)
    image.flags.writeable = False
    return image


@lru_cache(maxsize=2)
def clouds(width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """(white part, rest) of the drifting clouds, uint8 `[rows, 2 width, 1 or 3]`; its right half repeats the left."""
    rows = int(HORIZON * 0.72 * height / 480)
    random = np.random.default_rng(3)
    alpha = np.zeros((rows, width), np.uint8)
    canvas = Canvas(np.zeros((height, width, 3), np.uint8))
    for _ in range(5):
        x, y = random.uniform(60, 580), random.uniform(25, 120)
        for _ in range(14):
            dx, dy, r = random.normal(0, 34), random.normal(0, 7), random.uniform(8, 20)
            canvas.ellipse((x + dx, y + dy), (1.5 * r, 0.8 * r), (225, 225, 225))
    blur = 3.5 * canvas.scale
    alpha[:] = cv2.GaussianBlur(canvas.image[:rows, :, 0], (0, 0), max(0.8, blur))
    return np.repeat(np.hstack([alpha, alpha])[..., None], 3, axis=2), 255 - np.hstack([alpha, alpha])[..., None]


@lru_cache(maxsize=2)
def leaves(width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """(colour part, rest) of the tree's crown, uint8 `[rows, columns, 3]` from the top left; it is before the sea."""
    rows, columns = -(-height * CROWN[1] // 480), -(-width * CROWN[0] // 640)
    on_black, on_white = np.zeros((height, width, 3), np.uint8), np.full((height, width, 3), 255, np.uint8)
    for image in (on_black, on_white):
        _leaves(Canvas(image))
    colour = on_black[:rows, :columns].copy()
    return colour, on_white[:rows, :columns] - colour  # what white shows and black does not is what shines through


def _gradients(image: np.ndarray) -> None:
    height = image.shape[0]
    y = np.linspace(0, 480, height)
    stops = {
        0: (176, 104, 38), 110: (222, 168, 96), 190: (196, 214, 240), 215: (170, 206, 250),
        216: (150, 112, 46), 300: (132, 92, 20), 372: (158, 142, 62), 480: (150, 150, 80),
    }  # fmt: skip
    for channel in range(3):
        column = np.interp(y, list(stops), [colour[channel] for colour in stops.values()])
        image[..., channel] = column[:, None]


def _sun(image: np.ndarray, canvas: Canvas) -> None:
    height, width = image.shape[:2]
    yy, xx = np.mgrid[0:height, 0:width]
    distance = np.hypot((xx / canvas.x - 455), (yy / canvas.y - 150))
    glow = np.clip(1 - distance / 190, 0, 1)[..., None] ** 2 * (np.linspace(0, 480, height) < HORIZON)[:, None, None]
    image[:] = np.clip(image + glow * (20, 70, 90), 0, 255)
    canvas.ellipse((455, 150), (30, 30), (120, 226, 255))


def _ridge(seed: int, base: float, rise: float, left: float, right: float, peak: float) -> list[Point]:
    random = np.random.default_rng(seed)
    xs = np.linspace(left, right, 33)
    tent = 1 - np.abs(xs - peak) / np.where(xs < peak, peak - left, right - peak)
    ys = base - rise * tent**1.3 - random.uniform(0, 0.12 * rise, xs.size) * (tent > 0.02)
    return [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]


def _mountains(canvas: Canvas) -> None:
    canvas.polygon(_ridge(1, HORIZON, 62, -80, 300, 80), (176, 150, 118))
    canvas.polygon(_ridge(2, HORIZON, 48, 400, 760, 620), (168, 146, 122))
    mountain = _ridge(5, HORIZON, 118, 120, 430, 262)
    canvas.polygon(mountain, (140, 106, 78))
    top = [p for p in mountain if p[1] < HORIZON - 72]
    teeth = [(x, HORIZON - 66 + (9 if i % 2 else -8)) for i, (x, _) in enumerate(reversed(top))]
    canvas.polygon([*top, *teeth], (240, 240, 236))
    canvas.polygon([p for p in mountain if p[0] >= 262] + [(330, HORIZON), (285, 170)], (120, 88, 62))


def _beach(image: np.ndarray, canvas: Canvas) -> None:
    xs = np.linspace(0, 640, 60)
    edge = SHORE + 14 * np.sin(xs / 95) + 0.035 * (xs - 320)
    canvas.polygon([*zip(xs.tolist(), edge.tolist(), strict=True), (640, 480), (0, 480)], (142, 196, 226))
    random = np.random.default_rng(8)
    rows = slice(int(390 * canvas.y), None)
    grain = random.normal(0, 7, image[rows].shape[:2])
    image[rows] = np.clip(image[rows] + grain[..., None], 0, 255)
    for _ in range(60):
        x, y = random.uniform(0, 640), random.uniform(400, 476)
        shade = int(random.uniform(90, 190))
        canvas.ellipse((x, y), (random.uniform(1.5, 5), random.uniform(1, 2.5)), (shade, shade + 10, shade + 20))
    _grass(canvas, random, range(260))


def _grass(canvas: Canvas, random: np.random.Generator, blades: Iterable[int]) -> None:
    for _ in blades:
        x = random.uniform(0, 210) * random.uniform(0.2, 1)
        y = 486 - random.uniform(0, 40)
        tip = (x + random.normal(4, 9), y - random.uniform(18, 46))
        colour = (int(random.uniform(30, 80)), int(random.uniform(110, 190)), int(random.uniform(50, 120)))
        canvas.polygon([(x - 2, y), tip, (x + 2, y)], colour)


def _leaves(canvas: Canvas) -> None:
    random = np.random.default_rng(12)
    for _ in range(190):
        angle, radius = random.uniform(0, 2 * np.pi), np.sqrt(random.uniform(0, 1))
        x, y = 40 + 74 * radius * np.cos(angle), 190 + 58 * radius * np.sin(angle)
        light = random.uniform(0.45, 1) * (1.15 - 0.3 * (y - 130) / 120)
        colour = (int(52 * light), int(min(255, 168 * light)), int(92 * light))
        canvas.ellipse((x, y), (random.uniform(6, 12), random.uniform(4, 8)), colour, float(random.uniform(0, 180)))
