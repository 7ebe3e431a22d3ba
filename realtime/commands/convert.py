"""`realtime convert`: pictures, folders and videos repainted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stylecam.realtime.commands.options import FiniteRange, steady_option
from stylecam.realtime.painting.compute_devices import DEVICE_CHOICES

__all__ = ["convert_command"]

_FILE = click.Path(dir_okay=False, path_type=Path)
_ARGUMENTS = f"{__name__}.arguments"  # where click's context keeps them


class _Repeatable(click.Command):
    """A command that knows the words it was called with, to say them again."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_ARGUMENTS] = tuple(args)
        return super().parse_args(ctx, args)


@click.command("convert", cls=_Repeatable)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "-o",
    "--output",
    required=True,
    help="The folder; or the file to write, where it is one or has the suffix of a picture or video. - is stdout.",
)
@click.option(
    "--style", default="hokusai", show_default=True, metavar="NAME,...", help="One or several styles; a+b mixes two."
)
@click.option("--tier", type=click.Choice(["auto", "fast", "full"]), default="auto", show_default=True)
@click.option(
    "--device",
    type=click.Choice(DEVICE_CHOICES),
    default="auto",
    show_default=True,
    help="What computes.",
)
@click.option("--strength", type=FiniteRange(0, 1), default=1.0, show_default=True, help="0 original .. 1 painted.")
@steady_option("How steady a film's strokes are: 0 as painted .. 1 most.")
@click.option("--preserve-color", is_flag=True, help="Keep the original's colours.")
@click.option(
    "--paint-lines",
    metavar="N|auto|native",
    default="auto",
    show_default=True,
    help="Lines at which frames are painted; auto: their own, 720 at most.",
)
@click.option("--split", is_flag=True, help="Before on the left, after on the right.")
@click.option("--size", metavar="WxH", help="Size of the result.")
@click.option("--fps", metavar="RATE", help="Constant frame rate of the result, such as 25 or 30000/1001.")
@click.option("--start", metavar="TIME", help="Begin here: seconds or h:mm:ss.")
@click.option("--end", metavar="TIME", help="End here.")
@click.option("--no-audio", is_flag=True, help="Leave the sound out.")
@click.option("--no-reencode", is_flag=True, help="Leave out sound that the output cannot hold as it is.")
@click.option("--codec", metavar="NAME", help="h264, hevc, vp9, av1, ffv1, or an encoder such as h264_nvenc.")
@click.option("--crf", type=int, help="Quality of the video: less is better and larger.")
@click.option("--preset", help="The encoder's speed.")
@click.option("--quality", type=click.IntRange(1, 100), help="Of JPEG and WebP.  [default: 95]")
@click.option("--overwrite", is_flag=True, help="Replace files that exist.")
@click.option("--discard", is_flag=True, help="Start anew; and where it is stopped, leave nothing to go on from.")
@click.option("--resume", is_flag=True, hidden=True)  # from when going on had to be asked for
@click.option("--keep-partial", is_flag=True, help="At Ctrl-C, make the film of what is done.")
@click.option("--ray", metavar="ADDRESS", help="Paint on a Ray cluster; local starts one on this machine.")
@click.option("--sheet", type=_FILE, metavar="FILE", help="Also save a sheet of originals and results: PNG, SVG, PDF.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as one JSON object.")
@click.pass_context
def convert_command(ctx: click.Context, /, inputs: tuple[str, ...], output: str, as_json: bool, **given: Any) -> int:
    """Repaint pictures, folders of them, and videos; sound, subtitles, times and tags are kept.

    Stopped by Ctrl-C, it keeps what is finished, and the same command goes on.

    \b
    Examples:
      realtime convert holiday.mp4 -o painted.mp4 --style scream
      realtime convert photos/ -o painted/ --style hokusai,scream
      realtime convert holiday.mp4 -o painted.mp4 --style hokusai:0.7+scream:0.3
      realtime convert *.mp4 -o painted
      cat photo.jpg | realtime convert - -o - > painted.jpg
    """  # fmt: skip
    from stylecam.realtime.commands.convert_run import convert_all

    return convert_all(ctx.meta[_ARGUMENTS], inputs, output, as_json, given)
