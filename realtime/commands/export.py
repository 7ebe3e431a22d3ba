"""`realtime export`: a checkpoint as a style file."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from stylecam.realtime.commands.tables import print_table
from stylecam.realtime.common.extras import needs_extra

if TYPE_CHECKING:
    from stylecam.export.onnx_export import VerificationReport

__all__ = ["export_command"]

_PATH = click.Path(path_type=Path)


@click.command("export")
@click.argument("checkpoint", type=_PATH)
@click.option("-o", "--output", type=_PATH, required=True, help="The style file to write: NAME.onnx.")
@click.option("--name", help="Replace the style's name.")
@click.option("--title", help="Replace the painting's title.")
@click.option("--artist", help="Replace the painter.")
@click.option("--year", help="Replace the year.")
@click.option("--license", help="Replace the licence.")
@click.option("--json", "as_json", is_flag=True, help="Print the report of the check as JSON.")
def export_command(checkpoint: Path, output: Path, as_json: bool, **texts: str | None) -> int:
    """Turn a CHECKPOINT of `realtime train` into a style file, and check it against torch.

    \b
    Example:
      realtime export runs/hokusai/checkpoint.safetensors -o hokusai-fast.onnx
    """
    with needs_extra("export", "exporting needs torch and onnx"):
        from stylecam.export.onnx_export import StyleInfo, export_style
    err = Console(stderr=True)
    status = err.status("starting") if err.is_terminal else None
    with status or contextlib.nullcontext():
        report = export_style(checkpoint, output, StyleInfo(**texts), status.update if status else lambda what: None)
    if not report.finished:
        lacks = "its contrast was not set and it was not measured"
        click.echo(
            f"realtime: the run was not finished: {lacks}; run `realtime train ... --resume` to finish it", err=True
        )
    if as_json:
        click.echo(json.dumps({"style": str(output), **report.to_dict()}))
        return 0
    print_table(_report_table(report))
    weights = f"{report.file_bytes} bytes, weights in {report.weight_bits} bits"
    click.echo(f"{output}: {weights}, at most {report.max_difference} of 255 from torch")
    return 0


def _report_table(report: VerificationReport) -> Table:
    table = Table(
        "picture", "size", "max difference", "mean difference", title="ONNX Runtime against torch, levels of 255"
    )
    for c in report.comparisons:
        table.add_row(c.picture, f"{c.width}x{c.height}", str(c.max_difference), f"{c.mean_difference:.5f}")
    return table
