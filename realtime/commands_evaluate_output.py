"""What `realtime evaluate` prints: a table, a column a style, or one JSON object."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table
from rich.text import Text

from stylecam.realtime.tables import print_table

if TYPE_CHECKING:
    import numpy as np

    from stylecam.models.catalog import Style
    from stylecam.realtime.stylizer import Stylizer
    from stylecam.training.evaluate import Evaluation

__all__ = ["labels", "print_evaluations", "save_curve", "save_sheets"]

SHEET_PHOTOS = 8


def labels(styles: Sequence[Style]) -> list[str]:
    """Name and tier of each style; where other files have the same, the paths."""
    return _told_apart([f"{style.name} ({style.tier})" for style in styles], [str(style.path) for style in styles])


def _told_apart(shorts: Sequence[str], paths: Sequence[str]) -> list[str]:
    meant = {short: {p for s, p in zip(shorts, paths, strict=True) if s == short} for short in shorts}
    return [short if len(meant[short]) == 1 else path for short, path in zip(shorts, paths, strict=True)]


def print_evaluations(named: Sequence[tuple[Style, Evaluation]], style_weight: float, as_json: bool) -> None:
    """Prints the styles and what was measured of each, with the weight in their objectives."""
    if as_json:
        rows = [{**_identity(style), **result.to_dict()} for style, result in named]
        click.echo(json.dumps({"style_weight": style_weight, "styles": rows}))
        return
    table = Table("measure", box=None, header_style="bold")
    for label in labels([style for style, _ in named]):
        table.add_column(Text(label), justify="right", overflow="fold")
    for label, text in _ROWS.items():
        table.add_row(label, *(text(result) for _, result in named))
    clips = list(named[0][1].clip_stability)
    for clip, short in zip(clips, _told_apart([Path(clip).name for clip in clips], clips), strict=True):
        figures = [_figure(result.clip_stability[clip], 2) for _, result in named]
        table.add_row(Text(f"stability on {short}"), *figures)
    print_table(table, unbounded=60 * (1 + len(named)))


def _identity(style: Style) -> dict[str, str]:
    return {"name": style.name, "tier": style.tier, "path": str(style.path), "sha256": style.sha256}


def _figure(value: float | None, places: int) -> str:
    return "-" if value is None else f"{value:.{places}f}"


def _several(*figures: float | None, places: int = 3) -> str:
    return "-" if None in figures else "  ".join(_figure(value, places) for value in figures)


def _series(figures: Mapping[Any, float] | None, places: int = 2) -> str:
    return "-" if figures is None else "  ".join(f"{value:.{places}f}" for value in figures.values())


_ROWS: dict[str, Callable[[Evaluation], str]] = {
    "photos": lambda r: str(r.photos),
    "style distance": lambda r: _figure(r.style, 3),
    "content distance": lambda r: _figure(r.content, 3),
    "objective": lambda r: _figure(r.objective, 3),
    "  the three at 480 px": lambda r: _several(r.style_480, r.content_480, r.objective_480),
    "gatys iterations, from noise": lambda r: str(r.gatys_iterations.from_noise) if r.gatys_iterations else "-",
    "gatys iterations, from the photo": lambda r: str(r.gatys_iterations.from_content) if r.gatys_iterations else "-",
    "style at contrast 0.25, 0.5, 1, 2": lambda r: _series(r.contrast, 3),
    "  spread": lambda r: _figure(r.contrast_spread, 3),
    "stability (1: as the input)": lambda r: _figure(r.stability, 2),
    "grid, levels": lambda r: _figure(r.grid, 2),
    "  on gradients, at 2, 4, 8 px": lambda r: _series(r.grid_gradients),
    "  on photos, at 2, 4, 8 px": lambda r: _series(r.grid_photos),
    "border (1: clean)": lambda r: _figure(r.border, 2),
    "  levels, outer and middle": lambda r: _several(*(r.border_levels or (None, None)), places=1),
}


def save_sheets(
    sheet: Path | None, contrast_sheet: Path | None, photos: Sequence[np.ndarray], stylizers: Sequence[Stylizer]
) -> None:
    """Saves the pictures that are asked for: the first photos in every style, the first one at four contrasts."""
    from stylecam.realtime.contact_sheet import photo_sheet
    from stylecam.realtime.sinks import save_png
    from stylecam.training.contrast import CONTRASTS, at_contrast

    styles = list(zip(labels([stylizer.style for stylizer in stylizers]), stylizers, strict=True))
    if sheet:
        save_png(sheet, photo_sheet(photos[:SHEET_PHOTOS], styles))
    if contrast_sheet:
        rows = [at_contrast(photos[0], contrast) for contrast in CONTRASTS]
        save_png(contrast_sheet, photo_sheet(rows, styles, [f"contrast {c:g}" for c in CONTRASTS]))


def save_curve(path: Path, named: Sequence[tuple[Style, Evaluation]]) -> None:
    """Draws the optimisation from noise, and the networks' objectives on the photos that were optimised."""
    from stylecam.realtime.sinks import save_bytes
    from stylecam.training.loss_plot import curve_plot

    found = zip(labels([style for style, _ in named]), (result.gatys_iterations for _, result in named), strict=True)
    save_bytes(path, curve_plot({label: (gatys.curve, gatys.goal) for label, gatys in found if gatys is not None}))
