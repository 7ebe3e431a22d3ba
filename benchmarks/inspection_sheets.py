"""Sheets to look at: what figures do not tell of a style.

    python benchmarks/inspection_sheets.py hokusai scream starry-night --sizes docs/sizes.jpg
    python benchmarks/inspection_sheets.py hokusai scream starry-night udnie composition-vii shipwreck \\
        --hard docs/hard.jpg

`--sizes`: the demo scene at 320, 480, 720 and 1080 lines, each painted as the live command does it. `--hard`: what is
hard for a network with instance normalization, pixel for pixel: a plain sky, a dark room of which little more than the
sensor's noise is left, an over-exposed wall, black, pure noise, text.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from stylecam.realtime.painting.effects import at_lines
from stylecam.realtime.painting.painter import PaintLines
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.pictures.contact_sheet import CELL, Cell, Sheet, photo_sheet
from stylecam.realtime.sources.demo_scene import draw_scene

LINES = (320, 480, 720, 1080)


def sizes_sheet(stylizers: list[Stylizer]) -> np.ndarray:
    """A row for each style, a column for each number of lines: uint8 BGR."""
    cells = []
    for stylizer in stylizers:
        for lines in LINES:
            scene = draw_scene(0, (lines * 4 // 3, lines))
            painted = at_lines(stylizer, scene, PaintLines().of(scene))
            cells.append(Cell(painted, [f"{stylizer.style.title}, {lines} lines"]))
    return Sheet(cells, len(LINES)).drawn()


def hard_scenes() -> dict[str, np.ndarray]:
    """Scenes by name, uint8 BGR of the sheet's own size."""
    random = np.random.default_rng(0)
    down = np.linspace(0, 1, CELL[1])[:, None, None]
    noise = random.normal(0, 1, (CELL[1], CELL[0], 3))
    scenes = {
        "a plain sky": (np.array([220, 160, 90]) * (1 - down) + np.array([250, 230, 200]) * down) + noise,
        "a dark room": 6 + 12 * down + 4 * noise,
        "over-exposed": 244 + 11 * down + 2 * noise,
        "black": np.zeros(noise.shape),
        "noise": random.integers(0, 256, noise.shape),
        "text": _text(),
    }
    return {name: np.clip(np.rint(scene), 0, 255).astype(np.uint8) for name, scene in scenes.items()}


def _text() -> np.ndarray:
    page = np.full((CELL[1], CELL[0], 3), 245, np.uint8)
    for line in range(6):
        scale = 0.5 + 0.1 * line
        at = (12, 40 + 44 * line)
        cv2.putText(page, "A line of plain letters", at, cv2.FONT_HERSHEY_SIMPLEX, scale, (20, 20, 20), 1 + line // 3)
    return page


def _save(path: Path, sheet: np.ndarray) -> None:
    if not cv2.imwrite(str(path), sheet, [cv2.IMWRITE_JPEG_QUALITY, 88]):
        raise SystemExit(f"cannot save {path}")


def main() -> None:
    """Saves the sheets that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("styles", nargs="+")
    parser.add_argument("--tier", default="fast")
    parser.add_argument("--sizes", type=Path)
    parser.add_argument("--hard", type=Path)
    given = parser.parse_args()

    stylizers = [Stylizer.load(name, given.tier, "cpu") for name in given.styles]
    if given.sizes:
        _save(given.sizes, sizes_sheet(stylizers))
    if given.hard:
        scenes = hard_scenes()
        styles = [(stylizer.style.name, stylizer) for stylizer in stylizers]
        _save(given.hard, photo_sheet(list(scenes.values()), styles, list(scenes), "hard scenes").drawn())


if __name__ == "__main__":
    main()
