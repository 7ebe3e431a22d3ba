"""The settings of a training run."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

__all__ = ["OptionsError", "TrainOptions", "read_recipe"]


class OptionsError(ValueError):
    """A setting with an impossible value, or an unknown one; the text names it."""


@dataclass(frozen=True)
class TrainOptions:
    """What `train` is told. The fields under "recipe" decide the result; the others only how it is computed."""

    painting: Path
    content: Path
    output: Path
    # Recipe: together with the pictures, these repeat a run.
    name: str = "style"
    title: str = ""
    artist: str = ""
    year: str = ""
    license: str = ""
    tier: str = "fast"
    channels: tuple[int, ...] | None = None
    blocks: int | None = None
    norm: str = "instance"
    steps: int = 3000
    batch: int = 3
    size: int = 256
    style_size: int = 512  # short side of the painting, px
    crop: float = 0.0  # fraction of the painting's short side cut from each edge (printed borders)
    learning_rate: float = 2e-3
    content_weight: float = 1.0
    style_weight: float = 6.0
    tv_weight: float = 0.0
    stability_weight: float = 2.0
    seed: int = 0
    # How it is computed.
    vgg_weights: Path | None = None
    workers: int = 1
    device: str = "auto"
    precision: str = "auto"  # of the VGG: auto, bf16 or float32
    resume: bool = False
    checkpoint_every: int = 100
    preview_every: int = 250

    def __post_init__(self) -> None:
        positive = ("steps", "batch", "learning_rate", "content_weight", "style_weight", "checkpoint_every")
        for name in (*positive, "preview_every"):
            if not getattr(self, name) > 0:
                raise OptionsError(f"{name.replace('_', '-')} must be greater than 0, not {getattr(self, name)}")
        if min(self.tv_weight, self.stability_weight, self.workers) < 0:
            raise OptionsError("weights and workers must not be negative")
        if self.size < 64 or self.style_size < 64:
            raise OptionsError("size and style-size must be at least 64 px: VGG's layers halve the picture three times")
        if not 0 <= self.crop < 0.4:
            raise OptionsError(f"crop must be from 0 to below 0.4, not {self.crop}")
        if not self.name or any(c in self.name for c in "/\\: \t\n."):
            raise OptionsError(f"the name {self.name!r} must be one word without dots, slashes, colons or blanks")

    def recipe(self) -> dict[str, Any]:
        """The settings that decide the result, as JSON values."""
        values = {k: v for k, v in asdict(self).items() if k in RECIPE}
        return {**values, "channels": list(self.channels) if self.channels else None}


_NOT_RECIPE = {"painting", "content", "output", "vgg_weights", "workers", "device", "precision", "resume"}
_NOT_RECIPE |= {"checkpoint_every", "preview_every"}
RECIPE = frozenset(f.name for f in fields(TrainOptions)) - _NOT_RECIPE


def read_recipe(path: Path) -> dict[str, Any]:
    """A recipe file (TOML, keys as in `TrainOptions`). Raises `OptionsError` for anything else."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise OptionsError(f"cannot read the recipe {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionsError(f"the recipe {path} is not TOML: {error}") from None
    unknown = sorted(set(values) - RECIPE)
    if unknown:
        raise OptionsError(f"the recipe {path} has an unknown setting {unknown[0]!r}")
    if values.get("channels") is not None:
        values["channels"] = tuple(values["channels"])
    return values
