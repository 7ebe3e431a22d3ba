"""What the options of several commands have in common: kinds of values, and where an option means nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import click
from click.core import ParameterSource

from stylecam.models.errors import OptionsError
from stylecam.realtime.painting.compute_devices import DEVICE_CHOICES
from stylecam.realtime.painting.usual import STEADY

__all__ = [
    "FiniteRange",
    "device_option",
    "parse_lines",
    "parse_rate",
    "parse_size",
    "refuse_options",
    "steady_option",
    "tier_option",
    "vgg_option",
]

MAX_SIDE = 8192
TIERS = ("fast", "full")


class FiniteRange(click.FloatRange):
    """A range that `nan`, which is not below its ends either, is not in."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number. Raises `click.BadParameter`."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


def parse_size(text: str | None, option: str = "--size") -> tuple[int, int] | None:
    """``"640x480"`` to (width, height). Raises `OptionsError` for anything else than 32..8192 px a side."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,6})[xX](\d{1,6})", text.strip())
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(32 <= side <= MAX_SIDE for side in size):
        raise OptionsError(f"{option} {text}: give WIDTHxHEIGHT with sides of 32 to {MAX_SIDE} px, for example 640x480")
    return size


def parse_lines(text: str) -> Any:
    """``auto``, ``native`` or a number of lines, as `PaintLines`. Raises `OptionsError` for anything else."""
    from stylecam.realtime.painting.painter import PaintLines

    if text in ("auto", "native"):
        return PaintLines() if text == "auto" else PaintLines(at_most=None)
    if not re.fullmatch(r"\d{1,5}", text) or not 32 <= int(text) <= MAX_SIDE:
        raise OptionsError(f"--paint-lines {text}: give auto, native or a number from 32 to {MAX_SIDE}")
    return PaintLines(exactly=int(text))


def parse_rate(text: str, lines: str) -> float | Literal["auto"] | None:
    """--target-fps as in `LiveOptions.target_fps`. Where --paint-lines chose the lines, ``auto`` leaves them alone.

    Raises `OptionsError` for anything else than ``auto``, ``off`` or a number up to 1000.
    """
    if text in ("auto", "off"):
        return "auto" if text == "auto" and lines == "auto" else None
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 < rate <= 1000:
        raise OptionsError(f"--target-fps {text}: give auto, off or a number above 0, up to 1000")
    return rate


def device_option(help: str = "Processor or GPU that paints.") -> Callable[[Any], Any]:
    """--device of the commands that paint with style files."""
    return click.option("--device", type=click.Choice(DEVICE_CHOICES), default="auto", show_default=True, help=help)


def tier_option() -> Callable[[Any], Any]:
    """--tier of the commands for which ``auto`` has no meaning."""
    help = "Network of the style; full: finer, four times the work."
    return click.option("--tier", type=click.Choice(TIERS), default="fast", show_default=True, help=help)


def vgg_option(depths: str = "VGG-16", size: str = "553 MB") -> Callable[[Any], Any]:
    """--vgg-weights of the commands that compare features; `size` is that of the download."""
    help = f"{depths} weights in torchvision's layout.  [default: downloaded once, {size}]"
    return click.option("--vgg-weights", type=click.Path(path_type=Path), help=help)


def steady_option(help: str) -> Callable[[Any], Any]:
    """--steady, the same for every command but for what it does there."""
    return click.option("--steady", type=FiniteRange(0, 1), default=STEADY, show_default=True, help=help)


def refuse_options(ctx: click.Context) -> None:
    """Raises `click.UsageError` for an option that was given to a group, but is none of its subcommand's."""
    for option in ctx.command.params:
        if option.expose_value and ctx.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE:
            name, command = option.opts[0], ctx.invoked_subcommand
            raise click.UsageError(
                f"{name} has no effect before {command}: put it after {command}, if {command} has this option"
            )
