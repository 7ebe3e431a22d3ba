"""What `realtime evaluate` prints: a table, a column a style, or one JSON object."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table
from rich.text import Text

from stylecam.realtime.commands.evaluate_input import Published, by_photo
from stylecam.realtime.commands.tables import print_table

if TYPE_CHECKING:
    from stylecam.models.catalog import Style
    from stylecam.realtime.painting.stylizer import Stylizer
    from stylecam.training.evaluate.evaluation import Evaluation
    from stylecam.training.evaluate.likeness import Likeness, Target
    from stylecam.training.evaluate.steadied_measure import Steadied

__all__ = ["PublishedRow", "labels", "print_evaluations", "with_published"]

# (photo, style's label or picture's file, measures)
PublishedRow = tuple[str, str, "Likeness"]


def labels(styles: Sequence[Style]) -> list[str]:
    """Name and tier of each style; where other files have the same, the paths."""
    return _told_apart([f"{style.name} ({style.tier})" for style in styles], [str(style.path) for style in styles])


def _told_apart(shorts: Sequence[str], paths: Sequence[str]) -> list[str]:
    meant = {short: {p for s, p in zip(shorts, paths, strict=True) if s == short} for short in shorts}
    return [short if len(meant[short]) == 1 else path for short, path in zip(shorts, paths, strict=True)]


def with_published(
    stylizers: Sequence[Stylizer], target: Target | None, pairs: Sequence[Published], say: Callable[[str], None]
) -> list[PublishedRow]:
    """The measures of each photo's finished pictures, after those of the styles' own pictures of it."""
    rows: list[PublishedRow] = []
    if target is None:
        return rows
    for file, of_photo in by_photo(pairs).items():
        say(f"published pictures of {file}")
        photo = of_photo[0].photo
        for label, stylizer in zip(labels([stylizer.style for stylizer in stylizers]), stylizers, strict=True):
            rows.append((str(file), label, target.likeness(stylizer(photo), photo)))
        rows += [(str(file), str(p.picture_file), target.likeness(p.picture, photo)) for p in of_photo]
    return rows


def print_evaluations(
    named: Sequence[tuple[Style, Evaluation]], published: Sequence[PublishedRow], as_json: bool
) -> None:
    """Prints the styles and what was measured of each, and below them the published pictures."""
    if as_json:
        rows = [{**_identity(style), **result.to_dict()} for style, result in named]
        click.echo(json.dumps({"styles": rows, "published": [_published_record(row) for row in published]}))
        return
    table = Table("measure", box=None, header_style="bold")
    heads = labels([style for style, _ in named])
    for head in heads:
        table.add_column(Text(head), justify="right", overflow="fold")
    clips = list(named[0][1].clip_stability)
    shorts = _told_apart([Path(clip).name for clip in clips], clips)
    for label, text in _ROWS.items():
        table.add_row(label, *(text(result) for _, result in named))
        if label == _STABILITY:
            for clip, short in zip(clips, shorts, strict=True):
                figures = [_figure(result.clip_stability[clip], 2) for _, result in named]
                table.add_row(Text(f"  on {short}"), *figures)
        if label == _STEADIED:
            for clip, short in zip(clips, shorts, strict=True):
                figures = [_steadied(result.clip_steadied.get(clip)) for _, result in named]
                table.add_row(Text(f"  on {short}"), *figures)
    print_table(table, unbounded=60 * (1 + len(named)) + sum(map(len, heads)))
    if published:
        click.echo()
        _print_published(published)


def _published_record(row: PublishedRow) -> dict[str, Any]:
    photo, picture, likeness = row
    measures = {name: round(value, 4) for name, value in likeness._asdict().items()}
    return {"photo": photo, "picture": picture, **measures}


def _print_published(rows: Sequence[PublishedRow]) -> None:
    table = Table("of one photo", "picture", box=None, header_style="bold")
    for name in rows[0][2]._fields:
        table.add_column(name, justify="right")
    for photo, picture, likeness in rows:
        table.add_row(Text(photo), Text(picture), *(_figure(value, 3) for value in likeness))
    print_table(table, unbounded=60 + 2 * max(len(photo) + len(picture) for photo, picture, _ in rows))


def _identity(style: Style) -> dict[str, str]:
    return {"name": style.name, "tier": style.tier, "path": str(style.path), "sha256": style.sha256}


def _figure(value: float | None, places: int) -> str:
    return "-" if value is None else f"{value:.{places}f}"


def _several(*figures: float | None, places: int) -> str:
    return "-" if None in figures else "  ".join(_figure(value, places) for value in figures)


def _series(figures: Mapping[Any, float] | None) -> str:
    return "-" if figures is None else "  ".join(f"{value:.2f}" for value in figures.values())


def _steadied(found: Steadied | None) -> str:
    return _several(*(found or (None, None)), places=2)


_STABILITY = "stability (1: as the input)"
_STEADIED = "steadied: stability, sharpness kept"
_ROWS: dict[str, Callable[[Evaluation], str]] = {
    "photos": lambda r: str(r.photos),
    "content (0: the photo)": lambda r: _figure(r.content, 3),
    "style (0: the painting)": lambda r: _figure(r.style, 3),
    "swd (0: the painting)": lambda r: _figure(r.swd, 3),
    "sharp (1: as the painting)": lambda r: _figure(r.sharp, 3),
    _STABILITY: lambda r: _figure(r.stability, 2),
    _STEADIED: lambda r: _steadied(r.steadied),
    "gatys iterations, from noise": lambda r: str(r.gatys_iterations.from_noise) if r.gatys_iterations else "-",
    "gatys iterations, from the photo": lambda r: str(r.gatys_iterations.from_content) if r.gatys_iterations else "-",
    "grid, levels": lambda r: _figure(r.grid, 2),
    "  on gradients, at 2, 4, 8 px": lambda r: _series(r.grid_gradients),
    "  on photos, at 2, 4, 8 px": lambda r: _series(r.grid_photos),
    "border (1: clean)": lambda r: _figure(r.border, 2),
    "  levels, outer and middle": lambda r: _several(*(r.border_levels or (None, None)), places=1),
}
