"""Recipes: settings from a file, or those of a published program."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stylecam.models.errors import OptionsError
from stylecam.training.losses.table import LOSSES
from stylecam.training.options import LISTS, RECIPE

__all__ = ["PUBLISHED", "read_recipe", "with_options"]

# What the programs of Johnson et al.'s method have in common: their network, loss and optimizer, and nothing else.
_PROGRAM: dict[str, Any] = {
    "tier": "full",
    "light": False,
    "blur": False,
    "detail": False,
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "schedule": "constant",
    "batch": 4,
    "epochs": 2,
    "zoom": 1.0,
    "ramp": 0.0,
    "clip": 0.0,
    "content_form": "mean",
    "calibrate": 0,
    **{loss.setting: 0.0 for loss in LOSSES},  # each program says which it has
}
PUBLISHED: Mapping[str, Mapping[str, Any]] = {
    # PyTorch's example "fast neural style" with the paper's content layer; its own is relu2_2.
    "johnson": {
        **_PROGRAM,
        "style_form": "mean",
        "activations": "torchvision",
        "content_weight": 1e5,
        "style_weight": 1e10,
    },
    # MATLAB's example "Train Fast Style Transfer Network". Its plots come every 10 iterations.
    "matlab": {
        **_PROGRAM,
        "style_form": "sum",
        "activations": "published",
        "content_weight": 1e-4,
        "style_weight": 3e-8,
        "preview_every": 10,
    },
}


def read_recipe(name: str | Path) -> dict[str, Any]:
    """Settings with keys as in `TrainOptions`: of a `PUBLISHED` program, else of a TOML file.

    A file of that name without a folder is reached as ``./johnson``. Raises `OptionsError` for anything else.
    """
    if str(name) in PUBLISHED:
        return dict(PUBLISHED[str(name)])
    path = Path(name)
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        published = ", ".join(PUBLISHED)
        raise OptionsError(f"cannot read the recipe {path}: {error.strerror} (built in are {published})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionsError(f"the recipe {path} is not TOML: {error}") from None
    unknown = sorted(set(values) - RECIPE)
    if unknown:
        raise OptionsError(f"the recipe {path} has an unknown setting {unknown[0]!r}")
    if isinstance(values.get("style_layers"), str):
        values["style_layers"] = _layers(values["style_layers"])
    values |= {key: tuple(values[key]) for key in LISTS if isinstance(values.get(key), list)}
    _check_length(values, f"the recipe {path}")
    if isinstance(values.get("year"), int):  # `year = 1831` is what people write
        values["year"] = str(values["year"])
    return values


def with_options(recipe: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe's settings with those of a command line before them; None is an option that was not given."""
    options = {key: value for key, value in given.items() if value is not None}
    if isinstance(layers := options.get("style_layers"), str):
        options["style_layers"] = _layers(layers)
    _check_length(options, "the command")
    settings = {**recipe, **options}
    for given_one, other in (("steps", "epochs"), ("epochs", "steps")):  # else both would be there
        if given_one in options:
            settings.pop(other, None)
    return settings


def _layers(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


def _check_length(settings: Mapping[str, Any], where: str) -> None:
    if {"steps", "epochs"} <= set(settings):
        raise OptionsError(f"{where} gives both --steps and --epochs: give only one")
