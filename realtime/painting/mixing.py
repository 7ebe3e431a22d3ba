"""Painters mixed: the average of their networks is one network that paints in all their manners, as fast as each.

The weights of networks that were trained from the same start can be averaged, number by number (Wortsman et al. 2022,
"Model soups", arXiv:2203.05482; for painters the interpolation of Dumoulin et al. 2017, arXiv:1610.07629, over all
layers). Without a common start the channels mean different things, and the average paints nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stylecam.models.catalog import NAME, Style
from stylecam.models.errors import OptionsError, StyleError
from stylecam.realtime.painting.ancestry import common_start
from stylecam.realtime.painting.mix_names import HEAVIEST, MOST, joined, mix_name
from stylecam.realtime.painting.mixed_levels import with_mean_levels

__all__ = ["mix_between", "mix_recipe", "mix_styles"]

KERNEL = 4  # axes of a convolution's weight
_AS_THEY_ARE = ("network.head.", "network.detail.")


def mix_styles(parts: Sequence[tuple[Style, float]]) -> Style:
    """The mix of 2 to `MOST` styles, each with its weight, above 0, of which only the proportions count.

    All numbers of the networks, those of the norms and of the detail path too, are weighted arithmetic means, but that
    kernels keep their length (see `_mean`) and that the picture is no lighter or darker than theirs (see
    `with_mean_levels`). The order of the parts changes nothing but the name. The mix is in no file: its `path` is its
    name.

    Raises `OptionsError` for other weights or another count, `StyleError` for styles that cannot be averaged: of
    other people, of networks of several shapes, or without a common start.
    """
    if not 2 <= len(parts) <= MOST:
        raise OptionsError(f"a mix has 2 to {MOST} styles, not {len(parts)}")
    for style, weight in parts:
        if not 0 < weight <= HEAVIEST:
            raise OptionsError(
                f"the weight of {style.name} in a mix must be above 0, at most {HEAVIEST}, not {weight:g}"
            )
    whole = math.fsum(weight for _, weight in parts)
    shares = [(style, weight / whole) for style, weight in parts]
    # In an order of their own, so that the sums come out the same in whatever order they were named.
    shares.sort(key=lambda part: (part[0].sha256, part[1]))
    styles = [style for style, _ in shares]
    start = common_start(styles)
    stored = max(styles, key=lambda style: (sum(w.nbytes for w in style.weights().values()), style.sha256))
    mixed = with_mean_levels(stored.with_weights(_average(shares)), shares)
    texts = _texts([(style, weight / whole) for style, weight in parts], start)
    mixed = mixed.with_metadata(**texts)
    return Style(Path(mixed.metadata["name"]), mixed.data, mixed.metadata)


def mix_between(one: Style, other: Style, weight: float) -> Style:
    """On the way from `one` style, at `weight` 0, to the `other`, at 1; at both ends it is that style itself.

    Raises `OptionsError` for a weight outside, `StyleError` as `mix_styles`.
    """
    if not 0 <= weight <= 1:
        raise OptionsError(f"the way from {one.name} to {other.name} goes from 0 to 1, not to {weight:g}")
    if weight in (0, 1):
        return other if weight else one
    return mix_styles([(one, 1 - weight), (other, weight)])


def mix_recipe(style: Style) -> str:
    """Of what a style was mixed, as in ``hokusai 70 %, scream 30 %``; empty for one that is no mix."""
    return ", ".join(f"{part['name']} {100 * part['weight']:.3g} %" for part in _mixed_from(style))


def _mixed_from(style: Style) -> list[dict[str, Any]]:
    """The parts of a mix as its file keeps them; none where it does not keep them as `_recipe` makes them."""
    told = style.record("training").get("mix")
    kinds = {"name": str, "title": str, "weight": float, "sha256": str}
    parts = told if isinstance(told, list) else []
    whole = all(isinstance(part, dict) and {k: type(v) for k, v in part.items()} == kinds for part in parts)
    return parts if whole else []


def _average(shares: Sequence[tuple[Style, float]]) -> dict[str, np.ndarray]:
    weights = [style.weights() for style, _ in shares]
    shapes = [{name: values.shape for name, values in found.items()} for found in weights]
    for (style, _), found in zip(shares, shapes, strict=True):
        if found != shapes[0] or not found:
            raise StyleError(f"{shares[0][0].name} and {style.name} cannot be mixed: their networks differ in shape")
    each = np.array([share for _, share in shares])
    return {name: _mean(np.stack([found[name] for found in weights]), each, name) for name in shapes[0]}


def _mean(values: np.ndarray, shares: np.ndarray, name: str) -> np.ndarray:
    """The mean of the numbers of one name, `[S, ...]` to `[...]`, where the S parts have `shares` of it.

    Kernels that point in different directions have a mean that is shorter than they are. Where no norm follows, the
    painting would fade, as all features do in Jordan et al. 2022 ("REPAIR", arXiv:2211.08403). So the kernel of each
    channel is made as long as those of the parts are on average. The last layer is left alone: with longer kernels
    the picture would be lighter or darker than both. So is the detail path, whose gains are proportions.
    """
    # In 64 bits, so that rounding to 16 once is all that is lost; a style mixed with itself stays as it is.
    values = values.astype(np.float64)
    mean: np.ndarray = np.einsum("s,s...->...", shares, values)
    if mean.ndim != KERNEL or any(layer in name for layer in _AS_THEY_ARE):
        return mean
    wanted = np.einsum("s,s...->...", shares, _lengths(values))
    return np.asarray(mean * (wanted / np.maximum(_lengths(mean), np.finfo(np.float64).tiny)))


def _lengths(kernels: np.ndarray) -> np.ndarray:
    """Of the kernels of each output channel: `[..., N, C, k, k]` to `[..., N, 1, 1, 1]`."""
    return np.asarray(np.sqrt(np.square(kernels).sum((-3, -2, -1), keepdims=True)))


def _texts(shares: Sequence[tuple[Style, float]], start: Mapping[str, Any]) -> dict[str, str | None]:
    """What the mix says about itself. Nobody measured it, it has no year, and its picture is still to be made."""
    recipe = _recipe(shares)
    titles = [(str(part["title"]), float(part["weight"])) for part in recipe]

    def each(texts: Sequence[str]) -> str:
        return "; ".join(dict.fromkeys(filter(None, texts)))

    return {
        "name": mix_name([(str(part["name"]), float(part["weight"])) for part in recipe]),
        "title": joined(titles, " + ", "{} {} %"),
        "artist": each([style.artist for style, _ in shares]),
        "license": each([style.license for style, _ in shares]),
        "training": json.dumps({"mix": recipe, "start_from": start}),
        **dict.fromkeys(("year", "metrics", "thumbnail")),
    }


def _recipe(shares: Sequence[tuple[Style, float]]) -> list[dict[str, Any]]:
    """Of what the mix is made, with the hashes of the files. A mix without a name of its own counts as its parts."""
    found: dict[str, dict[str, Any]] = {}
    for style, share in shares:
        own: list[dict[str, Any]] = [{"name": style.name, "title": style.title, "weight": 1.0, "sha256": style.sha256}]
        for part in own if NAME.fullmatch(style.name) else _mixed_from(style) or own:
            entry = found.setdefault(part["sha256"], {**part, "weight": 0.0})
            entry["weight"] += share * part["weight"]
    return list(found.values())
