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
    from stylecam.models.catalog import Style
    from stylecam.training.evaluate import Evaluation

__all__ = ["print_evaluations"]


def print_evaluations(named: Sequence[tuple[Style, Evaluation]], style_weight: float, as_json: bool) -> None:
    """Prints the styles and what was measured of each, with the weight in their objectives."""
    if as_json:
        rows = [{**_identity(style), **result.to_dict()} for style, result in named]
        click.echo(json.dumps({"style_weight": style_weight, "styles": rows}))
        return
    table = Table("measure", box=None, header_style="bold")
    for style, _ in named:
        table.add_column(Text(f"{style.name} ({style.tier})"), justify="right")
    for label, text in _ROWS.items():
        table.add_row(label, *(text(result) for _, result in named))
    for clip in named[0][1].clip_stability:
        figures = [_figure(result.clip_stability[clip], 2) for _, result in named]
        table.add_row(Text(f"stability on {Path(clip).name}"), *figures)
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
