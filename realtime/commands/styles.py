"""`realtime styles`: what there is to paint with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stylecam.models.catalog import Style, StyleCatalog, user_folder
from stylecam.models.errors import OptionsError, SourceError, StyleError
from stylecam.realtime.commands.options import device_option, refuse_options, tier_option
from stylecam.realtime.commands.styles_mix import mix_command
from stylecam.realtime.commands.styles_output import print_list, print_style, record, say_problems
from stylecam.realtime.commands.styles_own import remove_command, rename_command

if TYPE_CHECKING:
    import numpy as np

__all__ = ["styles_command"]

_RANGES = click.Choice(["0..255", "0..1", "-1..1"])


@click.group("styles", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.pass_context
def styles_command(ctx: click.Context, as_json: bool) -> int | None:
    """List the styles there are, bundled and your own.

    \b
    Examples:
      realtime styles
      realtime styles show hokusai
      realtime styles add wave-fast.onnx
      realtime styles order scream hokusai
      realtime styles rename mias-drawing rainbow
      realtime styles remove rainbow
      realtime styles mix hokusai scream:0.3 -o storm-fast.onnx --name storm
      realtime styles sheet portrait.jpg -o sheet.png
    """
    if ctx.invoked_subcommand:
        refuse_options(ctx)
        return None
    catalog = StyleCatalog()
    say_problems(catalog)
    if as_json:
        click.echo(json.dumps([record(style) for style in catalog.styles]))
        return 0
    if not catalog.names:
        click.echo(f"realtime: no styles in {', '.join(map(str, catalog.folders))}", err=True)
        return 0
    print_list(catalog)
    return 0


for _command in (mix_command, remove_command, rename_command):
    styles_command.add_command(_command)


@styles_command.command("show")
@click.argument("name")
@tier_option()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def show_command(name: str, tier: str, as_json: bool) -> int:
    """Show all details of a style. NAME may also be a file or a mix.

    \b
    Examples:
      realtime styles show hokusai --json
      realtime styles show hokusai:0.7+scream:0.3
    """
    from stylecam.realtime.painting.named_styles import find_style
    from stylecam.realtime.painting.stylizer import another_tier, without_tier

    style = find_style(StyleCatalog(), name, tier)
    if lacking := without_tier(tier, [(name, style)]):
        click.echo(f"realtime: {another_tier(tier, lacking)}", err=True)
    if as_json:
        click.echo(json.dumps(record(style, full=True)))
    else:
        print_style(style)
    return 0


@styles_command.command("add")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace your style of the same name and tier.")
@click.option("--name", help="Name of another program's model.  [default: the file's name]")
@click.option("--title", help="Title of the painting.")
@click.option("--artist", help="The painter.")
@click.option(
    "--range", "levels", type=_RANGES, help="Input values of the model, from black to white. Required for such models."
)
@click.option("--output-range", type=_RANGES, help="Output values, from black to white.  [default: as --range]")
@click.option("--colours", type=click.Choice(["rgb", "bgr"]), help="Order of the colour channels.  [default: rgb]")
@click.option(
    "--multiple", type=click.IntRange(1, 64), help="The sides of its pictures must be multiples of N px.  [default: 1]"
)
def add_command(file: Path, overwrite: bool, **foreign: Any) -> int:
    """Check a style FILE, copy it to your own styles and print the new path.

    FILE may also be a model from another program, float32 [1, 3, H, W] or [1, H, W, 3]. Give --range for it.
    The options are stored in the copy.

    \b
    Examples:
      realtime styles add wave-fast.onnx
      realtime styles add mosaic-9.onnx --range 0..255 --name mosaic
      realtime styles add AnimeGANv2_Hayao.onnx --range -1..1 --multiple 32 --name hayao
    """
    from stylecam.realtime.painting.user_styles import add_style, as_style

    style = as_style(Style.read(file, foreign["name"] or ""), **foreign)
    click.echo(str(add_style(style, user_folder(), overwrite)))
    click.echo(f"realtime: added {style.name} ({style.tier}), sha256 {style.sha256}", err=True)
    return 0


@styles_command.command("order")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--reset", is_flag=True, help="Go back to the usual order.")
def order_command(names: tuple[str, ...], reset: bool) -> int:
    """Put styles in order for the number keys, or print the order.

    Styles without a place follow in the usual order: the bundled ones, then your own by date.

    \b
    Examples:
      realtime styles order scream hokusai
      realtime styles order --reset
    """
    if names and reset:
        raise OptionsError("--reset takes no names: leave them out")
    catalog = StyleCatalog()
    if names or reset:
        catalog.reorder(names)  # which also mends an order that could not be read
    say_problems(catalog)
    for name in catalog.names:
        click.echo(name)
    return 0


@styles_command.command("sheet")
@click.argument("picture")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The sheet: PNG, SVG or PDF.")
@tier_option()
@device_option("Processor or GPU to use.")
def sheet_command(picture: str, output: Path, tier: str, device: str) -> int:
    """Paint PICTURE, a file or `demo`, in every style and save one sheet.

    \b
    Examples:
      realtime styles sheet portrait.jpg -o sheet.png
      realtime styles sheet demo -o sheet.pdf
    """
    from stylecam.realtime.common.targets import FIGURES, check_target
    from stylecam.realtime.painting.stylizer import Stylizer, another_tier
    from stylecam.realtime.pictures.contact_sheet import style_sheet
    from stylecam.realtime.pictures.sheet_file import save_sheet

    check_target(output, (picture,), *FIGURES)
    catalog = StyleCatalog()
    say_problems(catalog)
    frame = _first_frame(picture)
    styles = []
    for style in (catalog.find(name, tier) for name in catalog.names):
        try:
            styles.append((style, Stylizer(style, device)))
        except StyleError as error:
            click.echo(f"realtime: skipped: {error}", err=True)
    if not styles:
        raise StyleError(f"no styles in {', '.join(map(str, catalog.folders))}: put style files there")
    if lacking := [style.name for style, _ in styles if style.tier != tier]:
        click.echo(f"realtime: {another_tier(tier, lacking)}", err=True)
    shown = "the demo scene" if picture == "demo" else Path(picture).name
    save_sheet(output, style_sheet(frame, styles, f"{shown} in every style, tier {tier}"))
    click.echo(str(output))
    return 0


def _first_frame(picture: str) -> np.ndarray:
    from stylecam.realtime.sources.demo_scene import draw_scene
    from stylecam.realtime.sources.file_source import FileSource

    if picture == "demo":
        return draw_scene(0, (640, 480))
    frame = None
    with FileSource(picture, ", or give demo") as source:
        while frame is None:  # a disk may be slow
            frame = source.read(timeout=1)
    if min(frame.image.shape[:2]) < 8:
        raise SourceError(f"{picture} is too small to paint: give a picture of at least 8 px each way")
    return frame.image
