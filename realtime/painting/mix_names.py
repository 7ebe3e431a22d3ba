"""What a user types for a mix of styles, such as ``hokusai:0.7+scream:0.3``, and what the mix is called."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path

from stylecam.models.errors import OptionsError

__all__ = ["HEAVIEST", "MOST", "is_mix", "joined", "mix_name", "parse_mix", "spoken_name"]

MOST = 4  # painters in one mix
HEAVIEST = 1000  # a weight


def is_mix(text: str) -> bool:
    """Whether several styles are meant, and not one by its name or a file that has a + in its path."""
    return "+" in text and not os.path.isfile(text)


def parse_mix(text: str) -> list[tuple[str, float]]:
    """The names or files in a mix and their shares, which sum to 1.

    Parts without a weight share equally what the weights of the others leave of 1. With no weight all are equal; where
    each has one, only the proportions count. Raises `OptionsError` for a text that is none of this.
    """
    parts = [_part(part, text) for part in text.split("+")]
    names = [name for name, _ in parts]
    if not 2 <= len(parts) <= MOST:
        raise OptionsError(f"{text} mixes {len(parts)} styles: 2 to {MOST} can be mixed")
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise OptionsError(f"{text} has {twice} twice: name it once, with a weight, for example {twice}:0.7")
    given = math.fsum(weight for _, weight in parts if weight is not None)
    open_parts = [name for name, weight in parts if weight is None]
    if not open_parts:
        return [(name, (weight or 0) / given) for name, weight in parts]
    if given > 1 - 1e-9:
        raise OptionsError(f"{text} leaves nothing for {open_parts[0]}: the others' weights must sum to less than 1")
    rest = (1 - given) / len(open_parts)
    return [(name, rest if weight is None else weight) for name, weight in parts]


def spoken_name(text: str) -> str:
    """What results are called after for this text, before anything is read. Raises `OptionsError` as `parse_mix`."""
    if not is_mix(text):
        return Path(text).stem
    return mix_name([(Path(name).stem, share) for name, share in parse_mix(text)])


def mix_name(parts: Sequence[tuple[str, float]]) -> str:
    """What a mix of names and shares (which sum to 1) is called: ``a+b``, or in percent ``a-70+b-30``.

    It can be a part of a file's name on every system.
    """
    return joined(parts, "+", "{}-{}")


def joined(parts: Sequence[tuple[str, float]], between: str, with_percent: str) -> str:
    """The texts in a row, each with its share in percent where the shares differ."""
    if max(share for _, share in parts) - min(share for _, share in parts) < 1e-9:
        return between.join(text for text, _ in parts)
    return between.join(with_percent.format(text, min(99, max(1, round(100 * share)))) for text, share in parts)


def _part(part: str, text: str) -> tuple[str, float | None]:
    """A name or file, and its weight where it has one."""
    name, colon, weight = (word.strip() for word in part.rpartition(":"))
    if not colon or weight.startswith(("/", os.sep)):  # C:\wave.onnx has none
        name, weight = part.strip(), ""
    if not name or part.rstrip().endswith(":"):
        raise OptionsError(f"{text} is not a mix: write for example hokusai+scream or hokusai:0.7+scream:0.3")
    if not weight:
        return name, None
    try:
        number = float(weight)
    except ValueError:
        raise OptionsError(f"{text}: the weight {weight} of {name} is not a number such as 0.3") from None
    if not 0 < number <= HEAVIEST:
        raise OptionsError(
            f"{text}: the weight {weight} of {name} must be above 0, at most {HEAVIEST}; "
            "leave out a style that you do not want"
        )
    return name, number
