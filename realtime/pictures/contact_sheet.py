"""Contact sheets: pictures side by side, each with its label."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stylecam.models.catalog import Style
from stylecam.realtime.painting.effects import at_lines
from stylecam.realtime.painting.painter import PaintLines
from stylecam.realtime.pictures.lettering import font, shortened
from stylecam.realtime.video.libraries import cv2

__all__ = ["CELL", "Cell", "Sheet", "fitted", "photo_sheet", "style_lines", "style_sheet"]

CELL = (384, 288)  # px: the box (width, height) each picture is fitted into
GAP, LINE, TITLE = 8, 24, 40  # px; a line below a picture, and the title's above all
TEXT, TITLE_TEXT = 17, 24  # px
BASE = 18  # px from the top of a line to where its letters stand
_MIN_SIDE = 32  # px that a style needs
BACKGROUND, INK, FAINT = (32, 30, 28), (240, 240, 240), (170, 170, 170)  # BGR

Stylize = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Cell:
    """A picture, `[H, W, 3]` uint8 BGR, and the lines below it, the first the brightest."""

    picture: np.ndarray
    lines: Sequence[str]


@dataclass(frozen=True)
class Placed:
    """A cell on a sheet: where its box of picture and lines begins, its picture as shown and where that is in px."""

    left: int
    top: int
    picture: np.ndarray
    at: tuple[int, int]
    lines: Sequence[str]


@dataclass(frozen=True)
class Sheet:
    """Cells in rows of `columns`, left to right, below a title. Raises `ValueError` without cells or columns."""

    cells: Sequence[Cell]
    columns: int
    title: str = ""
    cell: tuple[int, int] = CELL

    def __post_init__(self) -> None:
        if not self.cells or self.columns < 1:
            raise ValueError("a contact sheet has at least one cell and one column")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, px."""
        width, height = self._step
        rows = math.ceil(len(self.cells) / self.columns)
        return self.columns * width + GAP, rows * height + GAP + self._head

    def placed(self) -> Iterator[Placed]:
        """Where everything is, with lines that fit their cells."""
        for number, content in enumerate(self.cells):
            row, column = divmod(number, self.columns)
            left, top = column * self._step[0] + GAP, row * self._step[1] + GAP + self._head
            picture = fitted(content.picture, self.cell)
            at = left + (self.cell[0] - picture.shape[1]) // 2, top + (self.cell[1] - picture.shape[0]) // 2
            yield Placed(
                left, top + self.cell[1], picture, at, [shortened(t, TEXT, self.cell[0]) for t in content.lines]
            )

    def heading(self) -> str:
        """The title as far as there is room for it."""
        return shortened(self.title, TITLE_TEXT, self.size[0] - 2 * GAP)

    def drawn(self) -> np.ndarray:
        """The sheet as uint8 BGR."""
        sheet = np.empty((*self.size[::-1], 3), np.uint8)
        sheet[:] = BACKGROUND
        cv2.putText(sheet, self.heading(), (GAP, GAP + TITLE_TEXT), INK, font(), TITLE_TEXT)
        for placed in self.placed():
            left, top = placed.at
            sheet[top : top + placed.picture.shape[0], left : left + placed.picture.shape[1]] = placed.picture
            labels = np.ascontiguousarray(sheet[placed.top :, placed.left :][: self._lines * LINE, : self.cell[0]])
            for number, text in enumerate(placed.lines):
                cv2.putText(labels, text, (0, number * LINE + BASE), FAINT if number else INK, font(), TEXT)
            sheet[placed.top :, placed.left :][: self._lines * LINE, : self.cell[0]] = labels
        return sheet

    @property
    def _lines(self) -> int:
        return max(len(cell.lines) for cell in self.cells)

    @property
    def _step(self) -> tuple[int, int]:
        """From one cell to the next."""
        return self.cell[0] + GAP, self.cell[1] + self._lines * LINE + GAP

    @property
    def _head(self) -> int:
        return TITLE if self.title else 0


def fitted(picture: np.ndarray, cell: tuple[int, int] = CELL) -> np.ndarray:
    """`[H, W, 3]` as large as the box (width, height) allows, its aspect ratio kept but for sides below 32 px."""
    scale = min(cell[0] / picture.shape[1], cell[1] / picture.shape[0])
    size = max(_MIN_SIDE, round(picture.shape[1] * scale)), max(_MIN_SIDE, round(picture.shape[0] * scale))
    if size == picture.shape[1::-1]:
        return picture
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC))


def photo_sheet(
    photos: Sequence[np.ndarray],
    styles: Sequence[tuple[str, Stylize]],
    labels: Sequence[str] | None = None,
    title: str = "",
) -> Sheet:
    """One row for each photo (uint8 BGR): the photo with its label, else its number, then each labelled style on it.

    They are painted at the sheet's size, which is near the one at which they are measured.
    """
    cells = []
    labels = labels or [f"photo {number}" for number in range(1, len(photos) + 1)]
    for label, photo in zip(labels, photos, strict=True):
        small = fitted(photo)
        cells.append(Cell(small, [label]))
        cells += [Cell(stylize(small), [name]) for name, stylize in styles]
    return Sheet(cells, 1 + len(styles), title)


def style_sheet(picture: np.ndarray, styles: Sequence[tuple[Style, Stylize]], title: str = "") -> Sheet:
    """The picture (uint8 BGR) and every style on it, each with its title, painter and year.

    It is painted at the size at which the live command would paint it, and then brought to the sheet's: painted in the
    sheet's own small size, the strokes would be twice as large as the user will see them.
    """
    lines = PaintLines().of(picture)
    cells = [Cell(picture, ["original"])]
    cells += [Cell(at_lines(stylize, picture, lines), style_lines(style)) for style, stylize in styles]
    return Sheet(cells, math.ceil(math.sqrt(len(cells))), title)


def style_lines(style: Style) -> list[str]:
    """The label of a style: its title, then painter and year."""
    return [style.title, ", ".join(filter(None, (style.artist, style.year)))]
