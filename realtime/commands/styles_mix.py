"""`realtime styles mix`: a mix of styles as a style file of its own."""

from __future__ import annotations

from pathlib import Path

import click

from stylecam.models.catalog import StyleCatalog
from stylecam.models.errors import OptionsError
from stylecam.realtime.commands.options import tier_option

__all__ = ["mix_command"]

_FILE = click.Path(path_type=Path)


@click.command("mix")
@click.argument("parts", metavar="NAME[:WEIGHT]...", nargs=-1, required=True)
@click.option("-o", "--output", type=_FILE, required=True, help="Style file to write: FILE.onnx.")
@click.option("--name", required=True, help="Name of the mix.")
@click.option("--title", help="Title.  [default: the titles of its parts]")
@tier_option()
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
def mix_command(parts: tuple[str, ...], output: Path, name: str, title: str | None, tier: str, overwrite: bool) -> int:
    """Mix two to four styles, save the mix as a style file and print its path.

    Styles without a WEIGHT share what the others leave of 1.

    \b
    Examples:
      realtime styles mix hokusai starry-night -o night-wave-fast.onnx --name night-wave
      realtime styles mix hokusai scream:0.3 -o storm-fast.onnx --name storm --title "A storm"
    """
    from stylecam.realtime.common.targets import check_target
    from stylecam.realtime.common.whole_files import save_bytes
    from stylecam.realtime.painting.mix_names import is_mix, parse_mix
    from stylecam.realtime.painting.mixing import mix_recipe
    from stylecam.realtime.painting.named_styles import find_style
    from stylecam.realtime.painting.stylizer import Stylizer, another_tier, without_tier
    from stylecam.realtime.painting.user_styles import renamed, with_thumbnail
    from stylecam.realtime.sources.demo_scene import draw_scene

    text = "+".join(parts)
    if not is_mix(text):
        raise OptionsError(f"{text} is only one style: name two to four")
    check_target(output, [part for part, _ in parse_mix(text)], ".onnx")
    if output.exists() and not overwrite:
        raise OptionsError(f"{output} exists already; --overwrite replaces it")
    style = renamed(find_style(StyleCatalog(), text, tier), name, title)
    if lacking := without_tier(tier, [(name, style)]):
        click.echo(f"realtime: {another_tier(tier, lacking)}", err=True)
    style = with_thumbnail(style, Stylizer(style, "cpu")(draw_scene(0, (640, 480))))
    save_bytes(output, style.data)
    click.echo(str(output))
    click.echo(f"realtime: mixed {mix_recipe(style)}; `realtime styles add {output}` adds it to your styles", err=True)
    return 0
