"""Contact sheets: pictures side by side, each with its label."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from stylecam.models.catalog import Style
from stylecam.realtime.painting.effects import at_lines
from stylecam.realtime.painting.painter import PaintLines
from stylecam.realtime.video.libraries import cv2

__all__ = ["CELL", "Cell", "contact_sheet", "fitted", "photo_sheet", "style_lines", "style_sheet"]

CELL = (384, 288)  # px: the box (width, height) each picture is fitted into
GAP, LINE = 8, 24  # px
_TEXT = 17  # px
_MIN_SIDE = 32  # px that a style needs
_BACKGROUND, _INK, _FAINT = (32, 30, 28), (240, 240, 240), (170, 170, 170)

Stylize = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Cell:
    """A picture, `[H, W, 3]` uint8 BGR, and the lines below it, the first the brightest."""

    picture: np.ndarray
    lines: Sequence[str]


def contact_sheet(cells: Sequence[Cell], columns: int, cell: tuple[int, int] = CELL) -> np.ndarray:
    """The cells in rows of `columns`, left to right: uint8 BGR. Raises `ValueError` without cells or columns."""
    if not cells or columns < 1:
        raise ValueError("a contact sheet has at least one cell and one column")
    lines = max(len(c.lines) for c in cells)
    width, height = cell[0] + GAP, cell[1] + lines * LINE + GAP
    sheet = np.empty((math.ceil(len(cells) / columns) * height + GAP, columns * width + GAP, 3), np.uint8)
    sheet[:] = _BACKGROUND
    for number, content in enumerate(cells):
        row, column = divmod(number, columns)
        box = sheet[row * height + GAP :, column * width + GAP :][: height - GAP, : cell[0]]
        _draw(box, content, cell)
    return sheet


def _draw(box: np.ndarray, content: Cell, cell: tuple[int, int]) -> None:
    picture = fitted(content.picture, cell)
    top, left = (cell[1] - picture.shape[0]) // 2, (cell[0] - picture.shape[1]) // 2
    box[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    labels = np.ascontiguousarray(box[cell[1] :])
    font = cv2.FontFace("sans")  # in OpenCV's own library, with the letters of many languages
    for number, line in enumerate(content.lines):
        text = _shortened(line, font, cell[0])
        cv2.putText(labels, text, (0, number * LINE + 18), _FAINT if number else _INK, font, _TEXT)
    box[cell[1] :] = labels


def _shortened(text: str, font: cv2.FontFace, width: int) -> str:
    def fits(candidate: str) -> bool:
        left, _, across, _ = cv2.getTextSize((width, LINE), candidate, (0, 0), font, _TEXT)
        return left + across <= width

    if fits(text):
        return text
    return next((f"{text[:n]}..." for n in range(len(text), 0, -1) if fits(f"{text[:n]}...")), "")


def fitted(picture: np.ndarray, cell: tuple[int, int] = CELL) -> np.ndarray:
    """`[H, W, 3]` as large as the box (width, height) allows, its aspect ratio kept but for sides below 32 px."""
    scale = min(cell[0] / picture.shape[1], cell[1] / picture.shape[0])
    size = max(_MIN_SIDE, round(picture.shape[1] * scale)), max(_MIN_SIDE, round(picture.shape[0] * scale))
    if size == picture.shape[1::-1]:
        return picture
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC))


def photo_sheet(
    photos: Sequence[np.ndarray], styles: Sequence[tuple[str, Stylize]], labels: Sequence[str] | None = None
) -> np.ndarray:
    """One row for each photo (uint8 BGR): the photo with its label, else its number, then each labelled style on it.

    They are painted at the sheet's size, which is near the one at which they are measured.
    """
    cells = []
    labels = labels or [f"photo {number}" for number in range(1, len(photos) + 1)]
    for label, photo in zip(labels, photos, strict=True):
        small = fitted(photo)
        cells.append(Cell(small, [label]))
        cells += [Cell(stylize(small), [name]) for name, stylize in styles]
    return contact_sheet(cells, 1 + len(styles))


def style_sheet(picture: np.ndarray, styles: Sequence[tuple[Style, Stylize]]) -> np.ndarray:
    """The picture (uint8 BGR) and every style on it, each with its title, painter and year.

    It is painted at the size at which the live command would paint it, and then brought to the sheet's: painted in the
    sheet's own small size, the strokes would be twice as large as the user will see them.
    """
    lines = PaintLines().of(picture)
    cells = [Cell(picture, ["original"])]
    cells += [Cell(at_lines(stylize, picture, lines), style_lines(style)) for style, stylize in styles]
    return contact_sheet(cells, math.ceil(math.sqrt(len(cells))))


def style_lines(style: Style) -> list[str]:
    """The label of a style: its title, then painter and year."""
    return [style.title, ", ".join(filter(None, (style.artist, style.year)))]
