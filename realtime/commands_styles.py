"""`realtime styles`: what there is to paint with."""

from __future__ import annotations

import json
from typing import Any

import click

from stylecam.models.catalog import Style, StyleCatalog

__all__ = ["styles_command"]


@click.group("styles", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.pass_context
def styles_command(ctx: click.Context, as_json: bool) -> int | None:
    """List the styles there are, bundled and your own.

    \b
    Example:
      realtime styles
      realtime styles show hokusai
    """
    if ctx.invoked_subcommand:
        return None
    catalog = StyleCatalog()
    for error in catalog.broken:
        click.echo(f"realtime: skipped: {error}", err=True)
    if as_json:
        click.echo(json.dumps([_record(style) for style in catalog.styles]))
        return 0
    for style in catalog.styles:
        key = catalog.names.index(style.name) + 1
        painter = ", ".join(filter(None, (style.artist, style.year)))
        click.echo(f"{key if key < 10 else '-':>2}  {style.name:20} {style.tier:5} {style.title}; {painter}")
    if not catalog.styles:
        click.echo(f"realtime: no styles in {', '.join(map(str, catalog.folders))}", err=True)
    return 0


@styles_command.command("show")
@click.argument("name")
@click.option("--tier", type=click.Choice(["fast", "full"]), default="fast", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def show_command(name: str, tier: str, as_json: bool) -> int:
    """Show everything a style says about itself; NAME may be a file.

    \b
    Example:
      realtime styles show hokusai --json
    """
    record = _record(StyleCatalog().find(name, tier), full=True)
    if as_json:
        click.echo(json.dumps(record))
        return 0
    for key, value in record.items():
        text = json.dumps(value) if isinstance(value, dict) else value
        click.echo(f"{key:9} {text}")
    return 0


def _record(style: Style, full: bool = False) -> dict[str, Any]:
    record: dict[str, Any] = {
        "name": style.name,
        "title": style.title,
        "artist": style.artist,
        "year": style.year,
        "tier": style.tier,
        "license": style.license,
        "path": str(style.path),
        "bytes": len(style.data),
        "sha256": style.sha256,
    }
    if full:
        record |= {key: style.record(key) for key in ("network", "training", "metrics")}
    return record
