"""`realtime convert`: pictures, folders and videos repainted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stylecam.realtime.commands.options import FiniteRange, device_option, steady_option

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
    help="Output folder, or a file name with the suffix of a picture or video; - for stdout.",
)
@click.option(
    "--style",
    default="hokusai",
    show_default=True,
    metavar="NAME,...",
    help="One style, or several separated by commas; a+b mixes two.",
)
@click.option(
    "--tier",
    type=click.Choice(["auto", "fast", "full"]),
    default="auto",
    show_default=True,
    help="Network of the style; full: finer, four times the work; auto: full on a GPU, else fast.",
)
@device_option()
@click.option(
    "--strength",
    type=FiniteRange(0, 1),
    default=1.0,
    show_default=True,
    help="How much is painted: 0 original .. 1 painted.",
)
@steady_option("How steady the strokes of a video are: 0 off .. 1 most.")
@click.option("--preserve-color", is_flag=True, help="Keep the original's colours.")
@click.option(
    "--paint-lines",
    metavar="N|auto|native",
    default="auto",
    show_default=True,
    help="Shorter side, in pixels, at which frames are painted; auto: the frame's own, up to 720.",
)
@click.option("--split", is_flag=True, help="Show the original on the left and the painting on the right.")
@click.option("--size", metavar="WxH", help="Size of the result.")
@click.option("--fps", metavar="RATE", help="Constant frame rate of the result, for example 25 or 30000/1001.")
@click.option("--start", metavar="TIME", help="Start at this time of the video: seconds or h:mm:ss.")
@click.option("--end", metavar="TIME", help="End at this time of the video.")
@click.option("--no-audio", is_flag=True, help="Leave out the sound.")
@click.option("--no-reencode", is_flag=True, help="Leave out sound that would have to be encoded again.")
@click.option(
    "--codec", metavar="NAME", help="Video codec: h264, hevc, vp9, av1, ffv1, or an encoder such as h264_nvenc."
)
@click.option("--crf", type=int, help="Video quality: a lower number is better and gives larger files.")
@click.option("--preset", help="Speed preset of the encoder, for example superfast.")
@click.option(
    "--quality", type=click.IntRange(1, 100), help="Quality of JPEG, WebP, AVIF and HEIC pictures.  [default: 95]"
)
@click.option("--overwrite", is_flag=True, help="Replace existing files.")
@click.option("--discard", is_flag=True, help="Start from the beginning. If stopped, keep nothing.")
@click.option("--resume", is_flag=True, hidden=True)  # from when going on had to be asked for
@click.option("--keep-partial", is_flag=True, help="At Ctrl-C, save the finished part of the video.")
@click.option("--ray", metavar="ADDRESS", help="Paint on the Ray cluster at ADDRESS; local starts one on this machine.")
@click.option(
    "--sheet", type=_FILE, metavar="FILE", help="Also save originals and results side by side: PNG, SVG or PDF."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.pass_context
def convert_command(ctx: click.Context, /, inputs: tuple[str, ...], output: str, as_json: bool, **given: Any) -> int:
    """Repaint pictures, folders of pictures, and videos. Sound, subtitles, times and tags are kept.

    Ctrl-C stops and keeps what is finished. Run the same command again to continue.

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
