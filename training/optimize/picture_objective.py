"""What the optimisation methods minimise, for one photo and one painting."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from stylecam.models.errors import OptionsError
from stylecam.training.losses.activations import published_size
from stylecam.training.losses.vgg import VGGFeatures
from stylecam.training.optimize.methods import Method
from stylecam.training.optimize.pixel_losses import content_loss, correlation, style_loss, variation_loss

__all__ = ["PictureObjective"]


class PictureObjective:
    """A picture's objective against one photo and one painting, `[1, 3, H, W]` each, whose features are computed once.

    A loss whose weight is 0 is not computed: with the style's, the painting may be None, and with the content's, the
    photo decides nothing. The same network with other weights has features of other sizes, and the losses go with their
    square and their fourth power. So each layer's features are multiplied by one number, which makes their mean over
    what counts of photo and painting that of the network the papers and programs used (``published``) or 1 (``unit``,
    in the spirit of Gatys et al. 2016, section 2), or leaves them (``own``). `parts` are the weighted content, style
    and tv of the last picture that was asked for. Raises `OptionsError` for a picture too small for the layers.
    """

    def __init__(self, vgg: VGGFeatures, method: Method, content: Tensor, painting: Tensor | None) -> None:
        self.vgg, self.method = vgg, method
        self.parts = {"content": 0.0, "style": 0.0, "tv": 0.0}
        self.layers = method.layers()
        self.style_layers = method.resolved_style_layers()
        _check_size(vgg, self.layers, "picture", content)
        counting = {"content": content} if method.content_weight else {}
        if method.style_weight and painting is not None:
            _check_size(vgg, self.layers, "painting", painting)
            counting["style"] = painting
        with torch.no_grad():
            found = {what: vgg(picture, self.layers) for what, picture in counting.items()}
            self.scales = {n: self._scale(n, [features[n] for features in found.values()]) for n in self.layers}
            if "content" in found:
                self.photo = {name: found["content"][name].clone() for name, _ in method.content_layers}
            if "style" in found:
                self.grams = self._correlations(found["style"])

    def __call__(self, pixels: Tensor) -> Tensor:
        """The objective of `[1, 3, H, W]`, a scalar."""
        method, zero = self.method, pixels.new_zeros(())
        features = self.vgg(pixels, self.layers)
        found = {
            "content": method.content_weight * self._content(features) if method.content_weight else zero,
            "style": method.style_weight * self._style(features, pixels) if method.style_weight else zero,
            "tv": method.tv_weight * variation_loss(pixels) if method.tv_weight else zero,
        }
        self.parts = {name: float(part.detach()) for name, part in found.items()}
        return found["content"] + found["style"] + found["tv"]

    def _scale(self, layer: str, features: list[Tensor]) -> float:
        if self.method.activations == "own" or not features:
            return 1.0
        # What is compared before the ReLU is measured after it, as the published sizes are.
        size = float(sum(f.relu().mean() for f in features)) / len(features)
        wanted = published_size(layer, self.method.pooling) if self.method.activations == "published" else 1.0
        return wanted / max(1e-12, size)

    def _content(self, features: dict[str, Tensor]) -> Tensor:
        losses = [
            weight * self.scales[name] ** 2 * content_loss(features[name], self.photo[name], self.method.content_form)
            for name, weight in self.method.content_layers
        ]
        return torch.stack(losses).sum()

    def _style(self, features: dict[str, Tensor], pixels: Tensor) -> Tensor:
        matrices, losses = self._correlations(features), []
        for (name, weight), matrix, target in zip(self.style_layers, matrices, self.grams, strict=False):
            places = features[name][0, 0].numel(), pixels[0, 0].numel()
            loss = style_loss(matrix, target, self.method.style_form, self.method.style_distance, places)
            losses.append(weight * loss)
        return torch.stack(losses).sum()

    def _correlations(self, features: dict[str, Tensor]) -> list[Tensor]:
        """One matrix for each style layer; in a chain for each but the last, with the next one."""
        names, shift, scales = [name for name, _ in self.style_layers], self.method.gram_shift, self.scales
        if not self.method.chain:
            # The matrices are scaled, which are small, and not the features.
            return [correlation(features[n], shift=shift / scales[n]) * scales[n] ** 2 for n in names]
        scaled = [features[n] * scales[n] for n in names]
        return [correlation(one, deeper, shift) for one, deeper in pairwise(scaled)]


def _check_size(vgg: VGGFeatures, layers: tuple[str, ...], what: str, picture: Tensor) -> None:
    deepest = max(layers, key=vgg.names.index)
    least = 2 ** sum(name.startswith("pool") for name in vgg.names[: vgg.names.index(deepest) + 1])
    height, width = picture.shape[2:]
    if min(height, width) < least:
        raise OptionsError(
            f"the {what} of {width}x{height} px is too small for the layer {deepest}, which needs {least} px each way: "
            f"raise {'--size' if what == 'picture' else '--style-size'} or choose a less deep layer"
        )
