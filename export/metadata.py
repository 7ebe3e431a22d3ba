"""What a style file says about itself: ``metadata_props`` under ``stylecam.``."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any

from stylecam.models.checkpoint import Checkpoint, check_style_name

__all__ = ["SCHEMA", "StyleInfo", "style_metadata"]

SCHEMA = 1


@dataclass(frozen=True)
class StyleInfo:
    """Texts that replace those of the checkpoint's recipe; None keeps them. Raises `OptionsError` for a bad name."""

    name: str | None = None
    title: str | None = None
    artist: str | None = None
    year: str | None = None
    license: str | None = None

    def __post_init__(self) -> None:
        if self.name is not None:
            check_style_name(self.name)


def _history(training: dict[str, Any]) -> dict[str, Any]:
    """Beside the recipe: how far it came, from where, its last touch, and the checksum of the VGG's weights."""
    return {
        "step": training.get("step", 0),
        "contrast": training.get("contrast", 1.0),
        "start_from": training.get("start_from"),
        "vgg": training.get("data", {}).get("vgg"),
    }


def style_metadata(checkpoint: Checkpoint, info: StyleInfo) -> dict[str, str]:
    """The properties of the style file, with their prefix. Raises `OptionsError` for a name that is none."""
    training = checkpoint.training
    recipe: dict[str, Any] = dict(training.get("recipe", {}))
    for field in fields(info):
        replacement = getattr(info, field.name)
        recipe[field.name] = str(recipe.get(field.name, "")) if replacement is None else replacement
    check_style_name(recipe["name"])
    config = checkpoint.network.config
    values = {
        "schema": str(SCHEMA),
        **{field.name: recipe[field.name] for field in fields(info)},
        "tier": config.tier,
        "network": json.dumps(config.to_dict()),
        "training": json.dumps({**recipe, **_history(training)}),
        "metrics": json.dumps(training.get("metrics", {})),
    }
    if training.get("painting_thumbnail"):
        values["thumbnail"] = training["painting_thumbnail"]
    return {f"stylecam.{key}": value for key, value in values.items()}
