"""The optimisation methods: each is one choice of the same few parts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from stylecam.models.errors import OptionsError
from stylecam.training.losses.vgg import POOLINGS, PREPROCESSINGS, layer_names

__all__ = ["ALL_LAYERS", "METHODS", "Layers", "Method", "method_of", "parse_layers"]

Layers = tuple[tuple[str, float], ...]  # names of the VGG's layers with their weights

# Stands for every convolution's ReLU, the d-th of D with the weight 2^(D - d) (Novak and Nikulin 2016, section 4).
ALL_LAYERS: Layers = (("all", 1.0),)

_CHOICES: dict[str, tuple[Any, ...]] = {
    "vgg": (16, 19),
    "pooling": POOLINGS,
    "preprocessing": PREPROCESSINGS,
    "activations": ("published", "unit", "own"),
    "content_form": ("gatys", "cs20", "keras"),
    "style_form": ("gatys", "keras"),
    "style_distance": ("l2", "l1"),
    "init": ("noise", "content", "noisy-content", "painting"),
    "optimizer": ("lbfgs", "adam"),
}
# Setting: (lowest, highest).
_RANGES = {
    "gram_shift": (-1e3, 1e3),
    "content_weight": (0, 1e12),
    "style_weight": (0, 1e12),
    "tv_weight": (0, 1e12),
    "learning_rate": (1e-8, 10),
    "iterations": (1, 10**6),
}


def _flag(name: str) -> str:
    return {"content_layers": "--content-layer"}.get(name, "--" + name.replace("_", "-"))


@dataclass(frozen=True)
class Method:
    """What is minimised, from where and how. The formulas of the forms are in `pixel_losses`.

    Raises `OptionsError`, in the command's spelling, for an impossible value or an unknown layer.
    """

    vgg: int = 19  # depth
    pooling: str = "avg"
    preprocessing: str = "imagenet"
    activations: str = "published"  # the mean size each layer's features are brought to: see `PictureObjective`
    content_layers: Layers = (("relu4_2", 1.0),)
    style_layers: Layers = ALL_LAYERS
    content_form: str = "gatys"
    style_form: str = "gatys"
    style_distance: str = "l2"
    gram_shift: float = 0.0  # added to the features before they are multiplied
    chain: bool = False  # correlations of neighbouring style layers instead of each one's own
    content_weight: float = 1.0
    style_weight: float = 1e3
    tv_weight: float = 0.0
    init: str = "noise"
    optimizer: str = "lbfgs"
    learning_rate: float = 0.01  # of Adam, in pixels of 0..1
    iterations: int = 200

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise OptionsError(
                    f"{_flag(name)} must be one of {', '.join(map(str, choices))}, not {getattr(self, name)!r}"
                )
        for name, (lowest, highest) in _RANGES.items():
            value = getattr(self, name)
            if not (math.isfinite(value) and lowest <= value <= highest):
                raise OptionsError(f"{_flag(name)} must be from {lowest:g} to {highest:g}, not {value:g}")
        self._check_layers("content_layers", self.content_layers)
        self._check_layers("style_layers", self.resolved_style_layers())
        if self.chain and len(self.resolved_style_layers()) < 2:
            raise OptionsError("--chain needs at least two style layers: give them with --style-layers")
        if not (self.content_weight or self.style_weight or self.tv_weight):
            raise OptionsError("all weights are 0: give one of --content-weight, --style-weight and --tv-weight")

    def resolved_style_layers(self) -> Layers:
        """The style layers in the network's order, with `ALL_LAYERS` spelled out for its depth."""
        names = layer_names(self.vgg)
        if self.style_layers == ALL_LAYERS:
            convolutions = [name for name in names if name.startswith("relu")]
            return tuple((name, 2.0 ** (len(convolutions) - d)) for d, name in enumerate(convolutions, 1))
        order = {name: number for number, name in enumerate(names)}
        return tuple(sorted(self.style_layers, key=lambda layer: order.get(layer[0], 0)))

    def layers(self) -> tuple[str, ...]:
        """Every layer of the VGG that is needed, each once; of a loss whose weight is 0, none."""
        content = self.content_layers if self.content_weight else ()
        style = self.resolved_style_layers() if self.style_weight else ()
        # With the total variation alone the VGG has nothing to say, but there is one.
        found = (*content, *style) or self.content_layers[:1]
        return tuple(dict.fromkeys(name for name, _ in found))

    def _check_layers(self, field: str, layers: Layers) -> None:
        flag, known, names = _flag(field), layer_names(self.vgg), [name for name, _ in layers]
        for name, weight in layers:
            if name not in known:
                raise OptionsError(f"{flag}: VGG-{self.vgg} has no layer {name!r}, its layers are conv1_1 to pool5")
            if not (math.isfinite(weight) and weight >= 0):
                raise OptionsError(f"{flag}: the weight of {name} must be 0 or more, not {weight:g}")
        if not names or len(set(names)) < len(names):
            raise OptionsError(f"{flag} needs at least one layer, and each layer only once, not {','.join(names)!r}")


# Caffe's blob conv4_2 and Keras's block4_conv2, which the papers and programs name, are after the ReLU: relu4_2.
_FIVE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
_GATYS = Method(style_layers=tuple((name, 0.2) for name in _FIVE))

_KERAS = replace(_GATYS, content_form="keras", style_form="keras", init="content")

METHODS: Mapping[str, Method] = {
    "gatys": _GATYS,
    "cs20": replace(
        _GATYS,
        style_layers=tuple(zip(_FIVE, (0.5, 1.0, 1.5, 3.0, 4.0), strict=True)),
        content_form="cs20",
        content_weight=0.01,
        style_weight=1.0,
        init="noisy-content",
        optimizer="adam",
        learning_rate=2 / 255,
        iterations=300,
    ),
    "keras": replace(_KERAS, vgg=16, pooling="max", content_weight=0.025, style_weight=1.0, tv_weight=1.0),
    "improved": replace(
        _KERAS, content_layers=(("relu5_2", 1.0),), content_weight=1.0, style_weight=0.01, tv_weight=1e-3
    ),
    "novak": replace(
        _GATYS,
        pooling="max",
        style_layers=ALL_LAYERS,
        gram_shift=-1.0,
        chain=True,
        style_weight=0.1,  # 2^(D - d) weighs the layers thousands of times as much as 0.2 each does
        init="content",
    ),
}


def method_of(name: str, given: Mapping[str, Any] | None = None) -> Method:
    """The method `name` with the settings in `given`, keys as in `Method`, in place of its own.

    Layers and numbers may be text, as the command gets them; None is a setting that is not given. Raises
    `OptionsError` for a method, a setting or a value that does not exist.
    """
    if name not in METHODS:
        raise OptionsError(f"there is no method {name!r}: choose one of {', '.join(METHODS)}")
    kinds = {field.name: str(field.type) for field in fields(Method)}
    changes = {}
    for key, value in (given or {}).items():
        if key not in kinds:
            raise OptionsError(f"a method has no setting {_flag(key)[2:]}")
        if value is not None:
            changes[key] = _value(key, kinds[key], value) if isinstance(value, str) else value
    return replace(METHODS[name], **changes)


def parse_layers(text: str, flag: str = "--style-layers") -> Layers:
    """``relu1_1:0.5,relu2_1`` as layers, with the weight 1 where there is none; ``all``. Raises `OptionsError`."""
    layers = []
    for part in text.split(","):
        name, _, weight = part.strip().partition(":")
        try:
            layers.append((name, float(weight) if weight else 1.0))
        except ValueError:
            raise OptionsError(f"{flag}: {part.strip()!r} is not LAYER or LAYER:WEIGHT") from None
    return tuple(layers)


def _value(key: str, kind: str, text: str) -> Any:
    if kind == "Layers":
        return parse_layers(text, _flag(key))
    if kind == "str":
        return text
    try:
        return {"int": int, "float": float, "bool": {"yes": True, "no": False}.__getitem__}[kind](text)  # type: ignore[operator]
    except (KeyError, ValueError):
        what = {"int": "a whole number", "float": "a number", "bool": "yes or no"}[kind]
        raise OptionsError(f"{_flag(key)} must be {what}, not {text!r}") from None
