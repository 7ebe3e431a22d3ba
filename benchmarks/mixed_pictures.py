"""Pictures of mixes: the way from one painter to another, and what lies between three.

    python benchmarks/mixed_pictures.py strip docs/kodak-15.jpg hokusai scream -o docs/mix-strip.jpg
    python benchmarks/mixed_pictures.py triangle demo hokusai scream udnie -o docs/mix-triangle.jpg

The strip goes in six steps. In the triangle the painters are the corners, the first above; each picture between has so
much of each as it is near to it, and the one in the middle a third of all. The scene is painted at 480 lines and then
made small.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from stylecam.models.catalog import BUNDLED, StyleCatalog
from stylecam.realtime.painting.named_styles import find_style
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.sources.demo_scene import draw_scene

LINES, QUALITY = 480, 85
STRIP, TRIANGLE = 5, 3  # steps from one painter to the next
WIDTH, GAP = 220, 4  # px, of one picture and around it


def main() -> None:
    """Saves one of the two pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=["strip", "triangle"])
    parser.add_argument("scene", help="a picture, or demo")
    parser.add_argument("styles", nargs="+")
    parser.add_argument("-o", "--output", type=Path, required=True)
    given = parser.parse_args()
    if len(given.styles) != {"strip": 2, "triangle": 3}[given.kind]:
        parser.error("a strip has two styles, a triangle three")
    scene = _scene(given.scene)
    if given.kind == "strip":
        rows = [[(STRIP - step, step) for step in range(STRIP + 1)]]
    else:
        rows = [[(TRIANGLE - row, row - right, right) for right in range(row + 1)] for row in range(TRIANGLE + 1)]
    painted = [[_painted(scene, given.styles, shares) for shares in row] for row in rows]
    if not cv2.imwrite(str(given.output), _laid_out(painted), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]):
        raise SystemExit(f"{given.output} cannot be written")


def _scene(text: str) -> np.ndarray:
    picture = draw_scene(60, (640, LINES)) if text == "demo" else cv2.imread(text)
    if picture is None:
        raise SystemExit(f"{text} is no picture")
    scale = LINES / min(picture.shape[:2])
    return np.ascontiguousarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def _painted(scene: np.ndarray, styles: list[str], shares: tuple[int, ...]) -> np.ndarray:
    text = "+".join(f"{style}:{share}" for style, share in zip(styles, shares, strict=True) if share)
    alone = text.rpartition(":")[0] if "+" not in text else text
    picture = Stylizer(find_style(StyleCatalog([BUNDLED]), alone), "cpu")(scene)
    height = round(WIDTH * scene.shape[0] / scene.shape[1])
    return cv2.resize(picture, (WIDTH, height), interpolation=cv2.INTER_AREA)


def _laid_out(rows: list[list[np.ndarray]]) -> np.ndarray:
    """The rows below one another, each in the middle, on white."""
    height, width = rows[0][0].shape[:2]
    columns = max(map(len, rows))
    sheet = np.full((len(rows) * (height + GAP) - GAP, columns * (width + GAP) - GAP, 3), 255, np.uint8)
    for number, row in enumerate(rows):
        top, left = number * (height + GAP), (columns - len(row)) * (width + GAP) // 2
        for picture in row:
            sheet[top : top + height, left : left + width] = picture
            left += width + GAP
    return sheet


if __name__ == "__main__":
    main()
