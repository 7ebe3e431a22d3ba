"""`realtime convert`: pictures, folders and videos repainted."""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stylecam.models.errors import OptionsError, PartialOutputError
from stylecam.realtime.commands.options import FiniteRange, parse_lines, parse_size, steady_option
from stylecam.realtime.painting.compute_devices import DEVICE_CHOICES

if TYPE_CHECKING:
    from stylecam.realtime.convert.conversion import ConvertOptions, Outcome
    from stylecam.realtime.painting.repainter import Look

__all__ = ["convert_command", "parse_time"]

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("convert")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("-o", "--output", required=True, help="The file to write, or the folder; - is stdout.")
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
@click.option("--resume", is_flag=True, help="Go on with a conversion that broke off.")
@click.option("--keep-partial", is_flag=True, help="At Ctrl-C, keep what is done as a file.")
@click.option("--ray", metavar="ADDRESS", help="Paint on a Ray cluster; local starts one on this machine.")
@click.option("--sheet", type=_FILE, metavar="FILE.png", help="Also save a sheet of originals and results.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as one JSON object.")
def convert_command(inputs: tuple[str, ...], output: str, as_json: bool, **given: Any) -> int:
    """Repaint pictures, folders of them, and videos; sound, subtitles, times and tags are kept.

    \b
    Examples:
      realtime convert holiday.mp4 -o painted.mp4 --style scream
      realtime convert photos/ -o painted/ --style hokusai,scream
      realtime convert holiday.mp4 -o painted.mp4 --style hokusai:0.7+scream:0.3
      cat photo.jpg | realtime convert - -o - > painted.jpg
    """  # fmt: skip
    if as_json and output == "-":
        raise OptionsError("--json and -o - both want stdout: give -o a file")
    look, options = _look(given), _options(given)
    from stylecam.realtime.painting.mix_names import spoken_name

    styles = [name.strip() for name in given["style"].split(",") if name.strip()]
    names = [spoken_name(style) for style in styles]
    if not styles or len(set(styles)) < len(styles):
        raise OptionsError(f"--style {given['style']}: want one style, or several different ones with commas between")
    if len(set(map(os.path.normcase, names))) < len(names):
        raise OptionsError(f"--style {given['style']}: results are called by their styles' names, and two are the same")
    # Checked before anything is loaded.
    from stylecam.realtime.commands.convert_session import run
    from stylecam.realtime.common.targets import check_target
    from stylecam.realtime.convert.assembly import check_encoder
    from stylecam.realtime.convert.jobs import check_extra, plan_jobs
    from stylecam.realtime.convert.pipes import input_from_stdin, output_to_stdout

    if given["sheet"] is not None:
        check_target(given["sheet"], (), ".png")
    if output == "-" and (len(styles) > 1 or len(inputs) > 1 or not _is_one_file(inputs[0])):
        raise OptionsError("-o - takes one input and one style: give -o a folder")
    with ExitStack() as stack:
        inputs = tuple(stack.enter_context(input_from_stdin()) if text == "-" else text for text in inputs)
        target = stack.enter_context(output_to_stdout(inputs)) if output == "-" else output
        plan = plan_jobs(inputs, target, names, options.overwrite or output == "-", options.resume)
        jobs = plan.jobs
        if given["sheet"] is not None:
            check_extra(given["sheet"], plan, options.overwrite)
        for suffix in {path.suffix.lower() for job in jobs if not job.is_picture for path in job.targets}:
            check_encoder(options.encoding(Path(f"x{suffix}")), suffix)
        for count, what in ((plan.others, "neither pictures nor videos"), (plan.finished, "finished before")):
            if count:
                _say(f"left alone, being {what}: {count} of the files")
        outcomes, lacks_sheet = run(jobs, styles, look, options, given, _say)
        if output == "-" and outcomes and outcomes[0].exit_code not in (0, 3, 130):
            raise _failure(outcomes[0])
    return _report(outcomes, len(jobs), as_json, lacks_sheet)


def _is_one_file(text: str) -> bool:
    """Not a folder, nor a pattern, even if that matches one file only."""
    return not Path(text).is_dir() and (Path(text).exists() or not glob.has_magic(text))


def parse_time(name: str, text: str | None) -> Fraction | None:
    """``"90"``, ``"1:30"`` or ``"0:01:30.5"`` in seconds, exactly. Raises `OptionsError`."""
    if text is None:
        return None
    try:
        seconds = Fraction(0)
        for part in text.split(":"):
            seconds = seconds * 60 + Fraction(part)
        if text.count(":") > 2 or "/" in text or seconds < 0:
            raise ValueError
    except ValueError:
        raise OptionsError(f"{name} {text}: want seconds or h:mm:ss, as in 90 or 1:30.5") from None
    return seconds


def _rate(text: str | None) -> Fraction | None:
    from stylecam.realtime.video.frame import rate

    if text is None:
        return None
    try:
        exact = Fraction(text)
    except (ValueError, ZeroDivisionError):
        exact = Fraction(0)
    found = exact if "/" in text or not 0 < exact <= 1000 else rate(float(exact))
    if not found or not 0 < found <= 1000:
        raise OptionsError(f"--fps {text}: want a rate from 0.001 to 1000, as in 25 or 30000/1001")
    return found


def _look(given: dict[str, Any]) -> Look:
    from stylecam.realtime.painting.repainter import Look

    lines = parse_lines(given["paint_lines"])
    return Look(given["strength"], given["preserve_color"], given["split"], lines, given["steady"])


def _options(given: dict[str, Any]) -> ConvertOptions:
    from stylecam.realtime.convert.conversion import ConvertOptions
    from stylecam.realtime.convert.cut import Cut

    start, end = parse_time("--start", given["start"]), parse_time("--end", given["end"])
    return ConvertOptions(
        codec=given["codec"],
        crf=given["crf"],
        preset=given["preset"],
        quality=given["quality"],
        cut=Cut(start, end, parse_size(given["size"]), _rate(given["fps"])),
        audio=not given["no_audio"],
        reencode=not given["no_reencode"],
        resume=given["resume"],
        keep_partial=given["keep_partial"],
        overwrite=given["overwrite"],
    )


def _report(outcomes: Sequence[Outcome], jobs: int, as_json: bool, lacks_sheet: bool) -> int:
    code = _exit_code(outcomes, jobs) or 3 * lacks_sheet
    if as_json:
        click.echo(json.dumps({"exit_code": code, "files": [outcome.to_dict() for outcome in outcomes]}))
    if jobs == 1 and outcomes and not outcomes[0].outputs and code != 130:
        raise _failure(outcomes[0])
    if jobs > 1:
        whole = sum(outcome.exit_code == 0 for outcome in outcomes)
        _say(f"{whole} of {jobs} files converted" + (f", {jobs - whole} not, or not whole" if code else ""))
    return code


def _exit_code(outcomes: Sequence[Outcome], jobs: int) -> int:
    """0: all whole; 130: stopped; 3: something was kept; else that of the first failure."""
    codes = [outcome.exit_code for outcome in outcomes]
    if 130 in codes or len(codes) < jobs:
        return 130
    if not any(codes):
        return 0
    return 3 if any(outcome.outputs for outcome in outcomes) else next(code for code in codes if code)


def _failure(outcome: Outcome) -> Exception:
    return outcome.error or PartialOutputError(outcome.problem or f"{outcome.source} could not be converted")


def _say(sentence: str) -> None:
    click.echo(f"realtime: {sentence}", err=True)
