"""What networks were trained from, as their style files tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stylecam.models.catalog import Style
from stylecam.models.errors import StyleError

__all__ = ["common_start"]

_DEEP = 64  # trainings one after the other; a forged file may tell of more
_TOLD_ANEW = {"title", "artist", "year", "license"}  # which `realtime export` may be given in place of the recipe's


def common_start(styles: Sequence[Style]) -> dict[str, Any]:
    """The record of the network that all of some styles were trained from, at first, or that is one of them.

    It has the keys ``recipe``, ``step`` and ``start_from``, as style files keep what they were trained from. Raises
    `StyleError` where there is none, or where the networks are of several tiers or kinds.
    """
    first, *others = styles
    for style in styles:
        if not style.record("network"):
            raise StyleError(f"{style.name} cannot be mixed: it is a model from another program")
        if style.tier != first.tier:
            raise StyleError(
                f"{first.name} and {style.name} cannot be mixed: one is of tier {first.tier}, the other of {style.tier}"
            )
        if style.record("network") != first.record("network"):
            raise StyleError(f"{first.name} and {style.name} cannot be mixed: their networks differ in shape")
    starts = {style.sha256: _start(style) for style in styles}
    for style in others:
        if style.sha256 != first.sha256 and not _is_same(starts[first.sha256], starts[style.sha256]):
            raise StyleError(
                f"{first.name} and {style.name} cannot be mixed: they were not trained from the same network; "
                "train one with --start-from the other, or both with --start-from base"
            )
    return min(starts.values(), key=len)  # one that is kept of a start is shorter than what a file tells of itself


def _start(style: Style) -> dict[str, Any]:
    """The first network of those that a style's was trained from; its own training where it is the first."""
    told = style.record("training")
    for _ in range(_DEEP):
        before = told.get("start_from")
        if not isinstance(before, dict):
            break
        told = before
    return told


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two records tell of one network, as a file tells it of itself, or as it is kept of a start."""
    ours, theirs = (record.get("recipe", record) for record in (one, other))
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return False
    both = (ours.keys() & theirs.keys()) - _TOLD_ANEW
    known = {"name", "steps", "seed"} <= both
    return known and one.get("step") == other.get("step") and all(ours[key] == theirs[key] for key in both)
