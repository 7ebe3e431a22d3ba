"""The values of `realtime convert`'s options, understood and checked."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any

from stylecam.models.catalog import Style, StyleCatalog
from stylecam.models.errors import OptionsError
from stylecam.realtime.commands.options import parse_lines, parse_size
from stylecam.realtime.convert.cut import Cut
from stylecam.realtime.convert.outcome import ConvertOptions
from stylecam.realtime.painting.engines.choosing import default_tier
from stylecam.realtime.painting.mix_names import spoken_name
from stylecam.realtime.painting.named_styles import find_style
from stylecam.realtime.painting.repainter import Look
from stylecam.realtime.video.frame import rate

__all__ = ["convert_options", "find_styles", "look_of", "parse_time", "run_settings"]


def find_styles(text: str, tier: str, device: str) -> dict[str, Style]:
    """The styles that --style names, by what they are called there. Raises `OptionsError` and `StyleError`."""
    styles = [name.strip() for name in text.split(",") if name.strip()]
    names = [spoken_name(style) for style in styles]
    if not styles or len(set(styles)) < len(styles):
        raise OptionsError(f"--style {text}: give one style, or several different ones separated by commas")
    if len(set(map(os.path.normcase, names))) < len(names):
        raise OptionsError(f"--style {text}: two styles have the same name, so their results would too")
    catalog, wanted = StyleCatalog(), default_tier(device) if tier == "auto" else tier
    return {style: find_style(catalog, style, wanted) for style in styles}


def run_settings(
    inputs: Sequence[str], output: str, styles: Sequence[Style], look: Look, options: ConvertOptions
) -> dict[str, Any]:
    """All on which a run's results depend, as JSON values: where it is the same, it is the same run."""
    neutral = ConvertOptions()  # what is no matter of the results is as ever
    same = replace(
        options, discard=neutral.discard, keep_partial=neutral.keep_partial, overwrite=neutral.overwrite, at_once=1
    )
    return {
        "stylecam": importlib.metadata.version("stylecam"),
        "inputs": [os.path.abspath(text) for text in inputs],
        "output": os.path.abspath(output),
        "styles": [[style.name, style.sha256] for style in styles],
        "look": look.to_dict(),
        "options": {name: str(value) for name, value in asdict(same).items()},
    }


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
        raise OptionsError(f"{name} {text}: give seconds or h:mm:ss, for example 90 or 1:30.5") from None
    return seconds


def _rate(text: str | None) -> Fraction | None:
    if text is None:
        return None
    try:
        exact = Fraction(text)
    except (ValueError, ZeroDivisionError):
        exact = Fraction(0)
    found = exact if "/" in text or not 0 < exact <= 1000 else rate(float(exact))
    if not found or not 0 < found <= 1000:
        raise OptionsError(f"--fps {text}: give a rate from 0.001 to 1000, for example 25 or 30000/1001")
    return found


def look_of(given: dict[str, Any]) -> Look:
    """How pictures are painted. Raises `OptionsError`."""
    lines = parse_lines(given["paint_lines"])
    return Look(given["strength"], given["preserve_color"], given["split"], lines, given["steady"])


def convert_options(given: dict[str, Any]) -> ConvertOptions:
    """How files are converted. Raises `OptionsError`."""
    if given["discard"] and (given["keep_partial"] or given["resume"]):
        other = "--keep-partial" if given["keep_partial"] else "--resume"
        raise OptionsError(f"--discard and {other} contradict each other: give only one")
    start, end = parse_time("--start", given["start"]), parse_time("--end", given["end"])
    return ConvertOptions(
        codec=given["codec"],
        crf=given["crf"],
        preset=given["preset"],
        quality=given["quality"],
        cut=Cut(start, end, parse_size(given["size"]), _rate(given["fps"])),
        audio=not given["no_audio"],
        reencode=not given["no_reencode"],
        discard=given["discard"],
        keep_partial=given["keep_partial"],
        overwrite=given["overwrite"],
    )
