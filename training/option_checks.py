"""What the settings of a training may be: their ranges and choices, said in the command's spelling."""

from __future__ import annotations

import math

from stylecam.models.errors import OptionsError
from stylecam.models.networks import NETWORKS
from stylecam.training.losses.table import LOSSES

__all__ = ["check_settings"]

# Setting: (type, lowest, highest).
_NUMBERS: dict[str, tuple[type, float, float]] = {
    "steps": (int, 1, 10**8),
    "epochs": (int, 1, 10**6),
    "clip": (float, 0, 1e12),
    "batch": (int, 1, 1024),
    "size": (int, 64, 2048),  # VGG's layers halve the picture three times
    "frame": (int, 64, 4096),
    "style_size": (int, 64, 4096),
    "crop": (float, 0, 0.4),
    "speckle": (int, 0, 5),
    "spots": (int, 0, 64),
    "flatten": (int, 0, 255),
    "chroma": (float, 0, 2),
    "learning_rate": (float, 1e-8, 1),
    **{loss.setting: (float, 0, loss.highest) for loss in LOSSES},
    "calibrate": (int, 0, 10**6),
    "keep_start": (float, 0, 1),
    "palette": (float, 0, 1),
    "ramp": (float, 0, 1),
    "zoom": (float, 1, 8),
    "seed": (int, 0, 2**31),
    "workers": (int, 0, 256),
    "checkpoint_every": (int, 1, 10**8),
    "preview_every": (int, 1, 10**8),
}
_CHOICES = {
    "network": NETWORKS,
    "tier": ("fast", "full"),
    "norm": ("instance", "batch"),
    "optimizer": ("muon", "adam"),
    "schedule": ("cosine", "constant", "inverse-sqrt"),
    "stability_unit": ("painting", "picture"),
    "grid_on": ("photos", "smooth"),
    "device": ("auto", "cpu", "cuda", "mps"),
    "precision": ("auto", "bf16", "float32"),
}
_TEXTS = ("name", "title", "artist", "year", "license")
_MAY_BE_NONE = ("epochs", "frame", "chroma")


def check_settings(settings: object) -> None:
    """Raises `OptionsError` for a number, a choice or a text of `TrainOptions` that it cannot be."""
    for name, (kind, lowest, highest) in _NUMBERS.items():
        value = getattr(settings, name)
        if not (name in _MAY_BE_NONE and value is None):
            _check_number(name, value, kind, lowest, highest)
    for name, choices in _CHOICES.items():
        if (value := getattr(settings, name)) not in choices:
            raise OptionsError(f"{_flag(name)} is one of {', '.join(choices)}, not {value!r}")
    for name in _TEXTS:
        if not isinstance(value := getattr(settings, name), str):
            raise OptionsError(f"{_flag(name)} must be text, not {value!r}")


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _check_number(name: str, value: object, kind: type, lowest: float, highest: float) -> None:
    allowed = (int,) if kind is int else (int, float)
    fits = isinstance(value, allowed) and not isinstance(value, bool) and math.isfinite(value)
    if not fits or not lowest <= value <= highest:  # type: ignore[operator]
        what = "a whole number" if kind is int else "a number"
        raise OptionsError(f"{_flag(name)} must be {what} from {lowest:g} to {highest:g}, not {value!r}")
