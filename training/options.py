"""The settings of a training run."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from stylecam.models.checkpoint import check_style_name
from stylecam.models.errors import OptionsError
from stylecam.models.networks import NETWORKS
from stylecam.training.losses.perceptual import CONTENT_LAYER, STYLE_LAYERS, LossForms

__all__ = ["LISTS", "RECIPE", "TrainOptions"]

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
    "flatten": (int, 0, 255),
    "learning_rate": (float, 1e-8, 1),
    "content_weight": (float, 0, 1e12),
    "style_weight": (float, 0, 1e12),
    "swd_weight": (float, 0, 1e6),
    "tv_weight": (float, 0, 1e6),
    "stability_weight": (float, 0, 1e6),
    "grid_weight": (float, 0, 1e6),
    "calibrate": (int, 0, 10**6),
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
    "schedule": ("cosine", "constant"),
    "stability_unit": ("painting", "picture"),
    "grid_on": ("photos", "smooth"),
    "device": ("auto", "cpu", "cuda", "mps"),
    "precision": ("auto", "bf16", "float32"),
}
_TEXTS = ("name", "title", "artist", "year", "license")


@dataclass(frozen=True)
class TrainOptions:
    """What `train` is told. The fields under "recipe" decide the result; the others only how it is computed.

    Raises `OptionsError`, in the command's spelling, for a value that is of the wrong type or out of range.
    """

    painting: Path
    content: Path | None  # None, for a texture alone: there is nothing to keep then, and nothing that moves
    output: Path
    # Recipe: together with the pictures, these repeat a run.
    name: str = "style"
    title: str = ""
    artist: str = ""
    year: str = ""
    license: str = ""
    network: str = "transform"
    tier: str = ""  # empty: fast, or full where the network is of no other
    channels: tuple[int, ...] | None = None
    blocks: int | None = None
    trunk: int | None = None  # 4: residual blocks at a quarter of the size in tier fast, not an eighth
    blur: bool | None = None  # whether the finest wave is taken from what the residual blocks give
    detail: bool | None = None  # whether the photo's details and colours go around the network
    norm: str = "instance"
    steps: int = 3000
    epochs: int | None = None  # passes over the photographs, in place of `steps`
    batch: int = 4
    size: int = 256  # side of what the VGG sees of each content crop, px
    frame: int | None = None  # largest side of the content crops, px; None: `size`, or twice that in tier fast
    style_size: int = 512  # short side of the painting, px
    crop: float = 0.0  # fraction of the painting's short side cut from each edge (printed borders)
    speckle: int = 0  # side of the median filter on the painting, px: 0, 3 or 5
    flatten: int = 0  # colours of the painting no further apart than this, in levels, become one; 0: they stay
    optimizer: str = "muon"
    learning_rate: float = 2e-3  # of Adam; Muon's own is a multiple of it
    clip: float = 10.0  # the largest norm of the gradient; 0: any
    schedule: str = "cosine"  # of the learning rate: see `learning_rate_at`
    content_layer: str = CONTENT_LAYER  # this and the next five are those of `LossForms`
    style_layers: tuple[str, ...] = STYLE_LAYERS
    content_form: str = "relative"
    style_form: str = "relative"
    style_distance: str = "l2"
    activations: str = "own"
    content_weight: float = 1.0
    style_weight: float = 6.0
    swd_weight: float = 4.0  # of the sliced Wasserstein distance: the painting's rare colours and strokes
    tv_weight: float = 0.0
    stability_weight: float = 3.0
    stability_unit: str = "painting"  # whose variance the stability's error is divided by: "painting" or "picture"
    grid_weight: float = 100.0
    grid_on: str = "photos"  # where a grid is looked for; "smooth": in a smooth scene too, where it is seen most
    calibrate: int = 16  # whole photographs on which the contrast is chosen at the end; 0: as it was learnt
    ramp: float = 1 / 3  # share of the run over which the style weight rises from a tenth
    zoom: float = 1.25  # content pictures are brought to a short side of up to this times the crop's
    seed: int = 0
    # How it is computed.
    start_from: Path | None = None  # a checkpoint or style whose network is trained on, instead of a new one
    vgg_weights: Path | None = None
    workers: int = 1
    device: str = "auto"
    precision: str = "auto"  # of the VGG: auto, bf16 or float32
    resume: bool = False
    tensorboard: bool = False  # events for it, beside metrics.csv
    checkpoint_every: int = 100
    preview_every: int = 250

    def __post_init__(self) -> None:
        if self.tier == "":
            object.__setattr__(self, "tier", "full" if self.network == "texture" else "fast")
        for name, (kind, lowest, highest) in _NUMBERS.items():
            if not (name in ("epochs", "frame") and getattr(self, name) is None):
                _check_number(name, getattr(self, name), kind, lowest, highest)
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise OptionsError(f"{_flag(name)} is one of {', '.join(choices)}, not {getattr(self, name)!r}")
        for name in _TEXTS:
            if not isinstance(getattr(self, name), str):
                raise OptionsError(f"{_flag(name)} must be text, not {getattr(self, name)!r}")
        if self.frame is None:
            larger = self.tier == "fast"
            object.__setattr__(self, "frame", min(2 * self.size, 4096) if larger else self.size)
        if self.side < self.size:
            raise OptionsError(f"--frame is at least --size, {self.size}, not {self.frame}")
        if not (isinstance(self.channels, tuple | None) and isinstance(self.style_layers, tuple)):
            raise OptionsError("channels and style_layers must be lists")
        if not all(isinstance(n, int) for n in (*(self.channels or ()), self.blocks or 0, self.trunk or 0)):
            raise OptionsError("channels must be three whole numbers, and blocks and trunk one")
        for name in ("blur", "detail"):
            if not isinstance(value := getattr(self, name), bool | None):
                raise OptionsError(f"{name} is true or false, not {value!r}")
        check_style_name(self.name)
        if not all(isinstance(name, str) for name in (self.content_layer, *self.style_layers)):
            raise OptionsError("content_layer and style_layers must be names of VGG-16's layers")
        self.forms()
        self._check_network()

    @property
    def side(self) -> int:
        """The largest side of the content crops, px."""
        return self.frame or self.size

    def forms(self) -> LossForms:
        """The forms of the content and the style distance."""
        return LossForms(**{f.name: getattr(self, f.name) for f in fields(LossForms)})

    def _check_network(self) -> None:
        texture = self.network == "texture"
        if texture and self.tier != "full":
            raise OptionsError(
                f"--network texture is of tier full: leave the tier {self.tier} of --tier or the recipe out"
            )
        if texture and any(getattr(self, name) is not None for name in SHAPE):
            names = f"{', '.join(SHAPE[:-1])} and {SHAPE[-1]}"
            raise OptionsError(f"{names} are those of --network transform: leave them out of the recipe")
        if self.content is None:
            if not texture:
                raise OptionsError("give a folder of photographs with --content: only --network texture learns without")
            if self.epochs:
                raise OptionsError(
                    "--epochs, or those of the recipe, are passes over the photographs of --content: give --steps"
                )
            for name in ("content_weight", "stability_weight"):  # so that the recipe says what was done
                object.__setattr__(self, name, 0.0)

    def recipe(self) -> dict[str, Any]:
        """The settings that decide the result, as JSON values."""
        values = {k: v for k, v in asdict(self).items() if k in RECIPE}
        return {**values, **{k: list(values[k]) for k in LISTS if values[k] is not None}}


_NOT_RECIPE = {
    "painting",
    "content",
    "output",
    "vgg_weights",
    "workers",
    "device",
    "precision",
    "resume",
    "start_from",
    "tensorboard",
}
LISTS = ("channels", "style_layers")
SHAPE = ("channels", "blocks", "trunk", "blur", "detail")  # of a network that repaints photographs
_NOT_RECIPE |= {"checkpoint_every", "preview_every", "tensorboard"}
RECIPE = frozenset(f.name for f in fields(TrainOptions)) - _NOT_RECIPE


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _check_number(name: str, value: object, kind: type, lowest: float, highest: float) -> None:
    allowed = (int,) if kind is int else (int, float)
    fits = isinstance(value, allowed) and not isinstance(value, bool) and math.isfinite(value)
    if not fits or not lowest <= value <= highest:  # type: ignore[operator]
        what = "a whole number" if kind is int else "a number"
        raise OptionsError(f"{_flag(name)} must be {what} from {lowest:g} to {highest:g}, not {value!r}")
