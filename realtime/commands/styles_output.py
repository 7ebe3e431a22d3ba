"""What `realtime styles` prints: the list, one style, and what could not be read."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table
from rich.text import Text

from stylecam.models.catalog import Style, StyleCatalog
from stylecam.realtime.commands.tables import print_table
from stylecam.realtime.live.control_table import CONTROLS

__all__ = ["print_list", "print_style", "record", "say_problems"]

COLUMNS = 80  # of the list where no terminal has more
LONG_NAME = 24  # columns for a style's name at most


def print_list(catalog: StyleCatalog) -> None:
    """Prints one line for each style, in the order of the number keys."""
    table = Table("key", box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("name", no_wrap=True, max_width=LONG_NAME)
    for heading in ("painting", "painter"):
        table.add_column(heading)  # these two are shortened first
    for heading in ("year", "tiers"):
        table.add_column(heading, no_wrap=True)
    styles: dict[str, list[Style]] = {}
    for style in catalog.styles:
        styles.setdefault(style.name, []).append(style)
    keys = CONTROLS["style"].keys
    for place, name in enumerate(catalog.names):
        first = styles[name][0]
        tiers = ",".join(style.tier for style in styles[name])
        texts = (name, first.title, first.artist, first.year, tiers)
        table.add_row(keys[place] if place < len(keys) else "-", *map(_line, texts))
    print_table(table, COLUMNS)


def print_style(style: Style) -> None:
    """Prints everything a style says about itself, a line each."""
    from stylecam.realtime.painting.mixing import mix_recipe  # not for the list, which is to be quick

    said = record(style, full=True)
    said |= {"size": f"{len(style.data) / 1e6:.2f} MB", "metrics": _metrics(style)}
    del said["bytes"]
    if recipe := mix_recipe(style):
        said["training"] = f"mixed of {recipe}"
    table = Table(box=None, show_header=False)
    for key, value in said.items():
        text = _settings(value) if isinstance(value, dict) else str(value)
        table.add_row("licence" if key == "license" else key, _plain(text or "-"))
    print_table(table)


def record(style: Style, full: bool = False) -> dict[str, Any]:
    """A style as JSON values; `full` has its network and its training too."""
    found: dict[str, Any] = {
        "name": style.name,
        "title": style.title,
        "artist": style.artist,
        "year": style.year,
        "tier": style.tier,
        "license": style.license,
        "path": str(style.path),
        "bytes": len(style.data),
        "sha256": style.sha256,
        "metrics": style.record("metrics"),
    }
    if full:
        found |= {key: style.record(key) for key in ("network", "training", "conventions")}
    return found


def say_problems(catalog: StyleCatalog) -> None:
    """Says on stderr which files and which order cannot be used."""
    for error in catalog.broken:
        click.echo(f"realtime: skipped: {error}", err=True)
    if catalog.order_problem:
        click.echo(f"realtime: {catalog.order_problem}", err=True)


def _settings(values: dict[str, Any]) -> str:
    """What is set, without what the file says elsewhere and records of its own (``--json`` has all)."""
    said = ("name", "title", "artist", "year", "license", "tier")
    return ", ".join(f"{k} {v}" for k, v in values.items() if k not in said and not isinstance(v, dict | None))


def _metrics(style: Style) -> str:
    return ", ".join(f"{name} {value}" for name, value in style.record("metrics").items())


def _plain(text: str) -> Text:
    """A stranger's text without what a terminal would obey."""
    return Text("".join(c if c.isprintable() else "?" for c in text))


def _line(text: str) -> Text:
    """The same on one line, shortened where there is no room."""
    plain = _plain(text)
    plain.no_wrap, plain.overflow = True, "ellipsis"
    return plain
