"""The perceptual loss: how far pictures are from photos in content and from one painting in style."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from stylecam.models.errors import OptionsError
from stylecam.training.losses.activations import published_size, torchvision_size
from stylecam.training.losses.feature_distances import (
    at_least_float32,
    content_distance,
    gram_matrix,
    pixels_of,
    style_distance,
)
from stylecam.training.losses.vgg import VGGFeatures, layer_names
from stylecam.training.losses.wasserstein import directions, quantiles, sliced_wasserstein

__all__ = ["CONTENT_LAYER", "STYLE_LAYERS", "Distances", "LossForms", "PerceptualLoss"]

STYLE_LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")
CONTENT_LAYER = "relu3_3"
SWD_DIRECTIONS, SWD_PIXELS = 48, 2048  # of a layer, for the training

# Features `[N, C, H, W]`, or Gram matrices with their target `[1 or N, C, C]`, to `[N]`.
_Distance = Callable[[Tensor, Tensor], Tensor]


def _each(values: Tensor) -> Tensor:
    return values.flatten(1)


def _content_mean(features: Tensor, target: Tensor) -> Tensor:
    return _each((at_least_float32(features) - at_least_float32(target)).square()).mean(1)


_CONTENT: dict[str, _Distance] = {"relative": content_distance, "mean": _content_mean}
_STYLE: dict[tuple[str, str], _Distance] = {
    ("relative", "l2"): style_distance,
    ("relative", "l1"): lambda g, a: _each((g - a).abs()).sum(1) / _each(a.abs()).sum(1).clamp_min(1e-12),
    ("mean", "l2"): lambda g, a: _each((g - a).square()).mean(1),
    ("mean", "l1"): lambda g, a: _each((g - a).abs()).mean(1),
    ("sum", "l2"): lambda g, a: _each((g - a).square()).sum(1),
    ("sum", "l1"): lambda g, a: _each((g - a).abs()).sum(1),
}

_SIZES = {"published": published_size, "torchvision": torchvision_size}


@dataclass(frozen=True)
class LossForms:
    """Which layers are compared, and in what form; the defaults are dimensionless.

    ``relative`` divides by the target's own size and is the mean over the style layers. ``mean`` and ``sum`` are over
    the features or the Gram matrix's entries, with G = F F^T / (C H W), and are summed over the style layers, as in the
    programs of Johnson et al.'s method. ``published`` activations bring each layer to the size that Caffe's VGG-16
    gives it, ``torchvision`` to that of torchvision's, so that weights chosen for one of them fit; ``own`` leaves them.
    Raises `OptionsError` for a layer or a form that does not exist.
    """

    content_layer: str = CONTENT_LAYER
    style_layers: tuple[str, ...] = STYLE_LAYERS
    content_form: str = "relative"
    style_form: str = "relative"
    style_distance: str = "l2"
    activations: str = "own"

    def __post_init__(self) -> None:
        known = set(layer_names())
        for flag, names in (("--content-layer", (self.content_layer,)), ("--style-layers", self.style_layers)):
            unknown = [name for name in names if name not in known]
            if unknown or not names or len(set(names)) < len(names):
                wrong = f"VGG-16 has no layer {unknown[0]!r}" if unknown else "each layer once, and one at least"
                raise OptionsError(f"{flag}: {wrong}; its layers are conv1_1, relu1_1, conv1_2 to pool5")
        _choice("--content-form", self.content_form, tuple(_CONTENT))
        _choice("--style-form", self.style_form, ("relative", "mean", "sum"))
        _choice("--style-distance", self.style_distance, ("l2", "l1"))
        _choice("--activations", self.activations, ("own", *_SIZES))

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer that is needed, each once."""
        return tuple(dict.fromkeys((*self.style_layers, self.content_layer)))


def _choice(flag: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise OptionsError(f"{flag} is one of {', '.join(choices)}, not {value!r}")


class Distances(NamedTuple):
    """Of N pictures, `[N]` each: from their photos in content, from the painting in style and `sliced_wasserstein`."""

    content: Tensor
    style: Tensor
    swd: Tensor


class PerceptualLoss(nn.Module):
    """Content and style distance of pictures to photos and to one painting (Johnson et al. 2016).

    `painting` is `[1, 3, H, W]`, RGB in 0..1. Its Gram matrices and `painting_variance` are computed once. `vgg` must
    reach the layers of `forms`. `with_swd` is for a loss that was made with `swd`: sorting all of a painting takes a
    second.
    """

    def __init__(
        self, vgg: VGGFeatures, painting: Tensor, forms: LossForms | None = None, *, swd: bool = False
    ) -> None:
        super().__init__()
        self.vgg, self.forms = vgg, forms or LossForms()
        self._content, self._style = _CONTENT[self.forms.content_form], _STYLE[self._style_key]
        self.painting_variance = max(1e-3, float(painting.var()))  # a painting of one colour has none
        with torch.no_grad():
            features = vgg(painting, self.forms.layers)
        self.scales = {name: self._scale(name, features[name]) for name in self.forms.layers}
        for layer in self.forms.style_layers:
            self.register_buffer(f"style_{layer}", self._gram(layer, features), persistent=False)
        if swd:
            self._keep_quantiles(features)

    def _keep_quantiles(self, features: dict[str, Tensor]) -> None:
        along = directions([features[layer].shape[1] for layer in self.forms.style_layers], SWD_DIRECTIONS)
        for layer, vectors in zip(self.forms.style_layers, along, strict=True):
            vectors = vectors.to(features[layer].device)
            self.register_buffer(f"along_{layer}", vectors, persistent=False)
            target = quantiles(pixels_of(features[layer]), vectors, SWD_PIXELS)
            self.register_buffer(f"quantiles_{layer}", target, persistent=False)

    @property
    def _style_key(self) -> tuple[str, str]:
        return self.forms.style_form, self.forms.style_distance

    def _scale(self, layer: str, features: Tensor) -> float:
        if self.forms.activations == "own":
            return 1.0
        # What is compared before the ReLU is measured after it, as the published sizes are.
        return _SIZES[self.forms.activations](layer, "max") / max(1e-12, float(features.relu().mean()))

    def _gram(self, layer: str, features: dict[str, Tensor]) -> Tensor:
        gram = gram_matrix(features[layer])
        if self.forms.style_form == "relative":
            return gram
        return gram * (self.scales[layer] ** 2 / gram.shape[-1])

    def with_vgg(self, vgg: VGGFeatures) -> PerceptualLoss:
        """The same loss with another VGG, such as one that computes in less precision; the target keeps its own."""
        other = copy.copy(self)
        other._modules = {"vgg": vgg}
        return other

    @torch.no_grad()
    def content_target(self, photos: Tensor) -> Tensor:
        """The photos' features at the content layer."""
        layer = self.forms.content_layer
        features: dict[str, Tensor] = self.vgg(photos, (layer,))
        return features[layer]

    def forward(self, pictures: Tensor, content_target: Tensor | None) -> tuple[Tensor, Tensor]:
        """(content distance, style distance) of `[N, 3, H, W]` pictures in 0..1, `[N]` each.

        Without a content target there is nothing to keep, and the content distance is 0.
        """
        return self._distances(self.vgg(pictures, self.forms.layers), content_target)

    def with_swd(self, pictures: Tensor, content_target: Tensor | None, generator: torch.Generator) -> Distances:
        """As `forward`, and the sliced Wasserstein distance on some 2048 pixels of each layer, which are enough for a
        gradient: every so many, from a place which `generator`, a CPU's, draws.
        """
        features = self.vgg(pictures, self.forms.layers)
        found = [self._swd(layer, features[layer], generator) for layer in self.forms.style_layers]
        return Distances(*self._distances(features, content_target), torch.stack(found).mean(0))

    def _swd(self, layer: str, features: Tensor, generator: torch.Generator) -> Tensor:
        every = max(1, math.isqrt(features.shape[-2] * features.shape[-1] // SWD_PIXELS))
        top, left = torch.randint(every, (2,), generator=generator).tolist()
        # Slices, not a list of places: their gradient costs a tenth.
        chosen = quantiles(
            pixels_of(features[..., top::every, left::every]), self.get_buffer(f"along_{layer}"), SWD_PIXELS
        )
        return sliced_wasserstein(chosen, self.get_buffer(f"quantiles_{layer}"))

    def _distances(self, features: dict[str, Tensor], content_target: Tensor | None) -> tuple[Tensor, Tensor]:
        forms = self.forms
        styles = [self._style(self._gram(k, features), self.get_buffer(f"style_{k}")) for k in forms.style_layers]
        style = torch.stack(styles).mean(0) if forms.style_form == "relative" else torch.stack(styles).sum(0)
        if content_target is None:
            return torch.zeros_like(style), style
        content = self._content(features[forms.content_layer], content_target)
        if forms.content_form == "mean":
            content = content * self.scales[forms.content_layer] ** 2
        return content, style
