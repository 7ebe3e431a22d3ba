"""`realtime styles mix`: a mix of styles as a style file of its own."""

from __future__ import annotations

from pathlib import Path

import click

from stylecam.models.catalog import StyleCatalog
from stylecam.models.errors import OptionsError

__all__ = ["mix_command"]

_FILE = click.Path(path_type=Path)


@click.command("mix")
@click.argument("parts", metavar="NAME[:WEIGHT]...", nargs=-1, required=True)
@click.option("-o", "--output", type=_FILE, required=True, help="The style file, FILE.onnx.")
@click.option("--name", required=True, help="What to call the mix.")
@click.option("--title", help="Its title.  [default: those of its parts]")
@click.option("--tier", type=click.Choice(["fast", "full"]), default="fast", show_default=True)
@click.option("--overwrite", is_flag=True, help="Replace the file if there is one.")
def mix_command(parts: tuple[str, ...], output: Path, name: str, title: str | None, tier: str, overwrite: bool) -> int:
    """Save a mix of two to four styles as a style file of its own, checked as `add` does; prints its path.

    Parts without a WEIGHT share what the others leave of 1.

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
        raise OptionsError(f"{text} alone is no mix: name two to four styles")
    check_target(output, [part for part, _ in parse_mix(text)], ".onnx")
    if output.exists() and not overwrite:
        raise OptionsError(f"{output} exists already; --overwrite replaces it")
    style = renamed(find_style(StyleCatalog(), text, tier), name, title)
    if lacking := without_tier(tier, [(name, style)]):
        click.echo(f"realtime: {another_tier(tier, lacking)}", err=True)
    style = with_thumbnail(style, Stylizer(style, "cpu")(draw_scene(0, (640, 480))))
    save_bytes(output, style.data)
    click.echo(str(output))
    click.echo(f"realtime: mixed {mix_recipe(style)}; `realtime styles add {output}` makes it one of yours", err=True)
    return 0
