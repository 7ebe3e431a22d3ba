"""The pictures that `realtime evaluate` saves: the sheet to look at, and the curve of the optimisation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stylecam.realtime.commands.evaluate_input import Published, by_photo
from stylecam.realtime.commands.evaluate_output import labels
from stylecam.realtime.pictures.contact_sheet import Cell, Sheet
from stylecam.realtime.pictures.sheet_file import save_sheet

if TYPE_CHECKING:
    from stylecam.models.catalog import Style
    from stylecam.realtime.painting.stylizer import Stylizer
    from stylecam.training.evaluate.evaluation import Evaluation

__all__ = ["save_curve", "save_pictures"]

SHEET_PHOTOS = 8
SHEET_CELL = (640, 480)  # px: photos of 480 lines are shown as they are measured


def save_pictures(
    path: Path,
    photos: Sequence[np.ndarray],
    stylizers: Sequence[Stylizer],
    paintings: Sequence[Path | None],
    pairs: Sequence[Published],
) -> None:
    """Saves a row for each photo that has published pictures, then for each of the first photos.

    In it: the photo, each style's painting where it is not the one before, the style's picture; the published ones.
    """
    columns = _style_columns(stylizers, paintings)
    rows = []
    for file, of_photo in by_photo(pairs).items():
        cells = [Cell(p.picture, [p.picture_file.name]) for p in of_photo]
        rows.append([Cell(of_photo[0].photo, [file.name]), *columns(of_photo[0].photo), *cells])
    for number, photo in enumerate(photos[:SHEET_PHOTOS], 1):
        rows.append([Cell(photo, [f"photo {number}"]), *columns(photo)])
    width = max(map(len, rows))
    nothing = Cell(np.full((32, 32, 3), 30, np.uint8), [""])
    filled = [cell for row in rows for cell in (*row, *[nothing] * (width - len(row)))]
    title = f"photos, paintings and {', '.join(labels([stylizer.style for stylizer in stylizers]))}"
    save_sheet(path, Sheet(filled, width, title, SHEET_CELL))


def _style_columns(
    stylizers: Sequence[Stylizer], paintings: Sequence[Path | None]
) -> Callable[[np.ndarray], list[Cell]]:
    """What gives the cells of a photo in every style, with the paintings between them."""
    from stylecam.training.painting import read_scan

    scans = {path: np.ascontiguousarray(read_scan(path)[..., ::-1]) for path in paintings if path}
    named = list(zip(labels([stylizer.style for stylizer in stylizers]), stylizers, paintings, strict=True))

    def cells(photo: np.ndarray) -> list[Cell]:
        row, shown = [], None
        for label, stylizer, path in named:
            if path and path != shown:
                row.append(Cell(scans[path], [path.name]))
                shown = path
            row.append(Cell(stylizer(photo), [label]))
        return row

    return cells


def save_curve(path: Path, named: Sequence[tuple[Style, Evaluation]]) -> None:
    """Draws the optimisation from noise, and the networks' objectives on the photos that were optimised."""
    from stylecam.realtime.common.whole_files import save_bytes
    from stylecam.training.optimize.loss_plot import curve_plot

    pairs = zip(labels([style for style, _ in named]), (result.gatys_iterations for _, result in named), strict=True)
    found = {label: gatys for label, gatys in pairs if gatys is not None}
    curves = {label: (gatys.curve, gatys.goal) for label, gatys in found.items()}
    weight, photos = next(((gatys.style_weight, gatys.photos) for gatys in found.values()), (1.0, 0))
    told = "1 photo" if photos == 1 else f"mean of {photos} photos"
    title = f"Optimising the pixels, compared with one pass of the network: {told}"
    save_bytes(path, curve_plot(curves, title, weight, path.suffix))
