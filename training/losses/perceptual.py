"""One painting and the VGG: how far pictures are from photos in content and from the painting in style."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from stylecam.training.losses.activations import published_size, torchvision_size
from stylecam.training.losses.content_loss import CONTENT_FORMS
from stylecam.training.losses.feature_distances import gram_matrix
from stylecam.training.losses.forms import LossForms
from stylecam.training.losses.style_loss import STYLE_FORMS
from stylecam.training.losses.swd_loss import painting_quantiles, swd_loss
from stylecam.training.losses.vgg import VGGFeatures

__all__ = ["PerceptualLoss"]

_SIZES = {"published": published_size, "torchvision": torchvision_size}


class PerceptualLoss(nn.Module):
    """Content and style distance of pictures to photos and to one painting (Johnson et al. 2016).

    `painting` is `[1, 3, H, W]`, RGB in 0..1. Its Gram matrices and `painting_variance` are computed once. `vgg` must
    reach the layers of `forms`. The method `swd` is for a loss that was made with `swd`: sorting all of a painting
    takes a second.
    """

    def __init__(
        self, vgg: VGGFeatures, painting: Tensor, forms: LossForms | None = None, *, swd: bool = False
    ) -> None:
        super().__init__()
        self.vgg, self.forms = vgg, forms or LossForms()
        self._content = CONTENT_FORMS[self.forms.content_form]
        self._style = STYLE_FORMS[self.forms.style_form, self.forms.style_distance]
        self.painting_variance = max(1e-3, float(painting.var()))  # a painting of one colour has none
        with torch.no_grad():
            features = vgg(painting, self.forms.layers)
        self.scales = {name: self._scale(name, features[name]) for name in self.forms.layers}
        for layer in self.forms.style_layers:
            self.register_buffer(f"style_{layer}", self._gram(layer, features), persistent=False)
        if swd:
            found = painting_quantiles([features[layer] for layer in self.forms.style_layers])
            for layer, (along, quantiles) in zip(self.forms.style_layers, found, strict=True):
                self.register_buffer(f"along_{layer}", along, persistent=False)
                self.register_buffer(f"quantiles_{layer}", quantiles, persistent=False)

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

    def features(self, pictures: Tensor) -> dict[str, Tensor]:
        """The features of `[N, 3, H, W]` pictures in 0..1, by layer: what the three distances want."""
        features: dict[str, Tensor] = self.vgg(pictures, self.forms.layers)
        return features

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
        features = self.features(pictures)
        style = self.style(features)
        return torch.zeros_like(style) if content_target is None else self.content(features, content_target), style

    def content(self, features: dict[str, Tensor], content_target: Tensor) -> Tensor:
        """The content distance of `features` from those of the photos, `[N]`."""
        content = self._content(features[self.forms.content_layer], content_target)
        return content * self.scales[self.forms.content_layer] ** 2 if self.forms.content_form == "mean" else content

    def style(self, features: dict[str, Tensor]) -> Tensor:
        """The style distance of `features` from the painting, `[N]`."""
        layers = self.forms.style_layers
        found = [self._style(self._gram(layer, features), self.get_buffer(f"style_{layer}")) for layer in layers]
        return torch.stack(found).mean(0) if self.forms.style_form == "relative" else torch.stack(found).sum(0)

    def swd(self, features: dict[str, Tensor], generator: torch.Generator) -> Tensor:
        """The sliced Wasserstein distance of `features` from the painting, `[N]`; `generator` draws which pixels."""
        found = []
        for layer in self.forms.style_layers:
            along, target = self.get_buffer(f"along_{layer}"), self.get_buffer(f"quantiles_{layer}")
            found.append(swd_loss(features[layer], along, target, generator))
        return torch.stack(found).mean(0)
