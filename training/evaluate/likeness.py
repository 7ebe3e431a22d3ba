"""How near a stylized picture comes to its painting, and how much of its photo stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from stylecam.training.evaluate.stylize import Stylize, sharpness
from stylecam.training.losses.feature_distances import content_distance, gram_matrix, pixels_of, style_distance
from stylecam.training.losses.forms import CONTENT_LAYER, STYLE_LAYERS
from stylecam.training.losses.vgg import VGGFeatures
from stylecam.training.losses.wasserstein import directions, quantiles, sliced_wasserstein
from stylecam.training.painting import read_scan
from stylecam.training.tensors import to_tensor

__all__ = ["Likeness", "Target", "sharpness"]

FLAT = 0.01  # levels^2: the least sharpness of a painting, so that one of a single colour divides nothing by 0


class Likeness(NamedTuple):
    """The measures of one picture, or their means. Dimensionless; smaller is nearer but for `sharp`."""

    content: float  # ||F(y) - F(x)||^2 / ||F(x)||^2 at relu3_3; 0 is the photo itself
    style: float  # the mean over four layers of ||G(y) - G(s)||^2 / ||G(s)||^2; 0 is the painting itself
    swd: float  # the sliced Wasserstein distance of the same layers' features; 0 is the painting itself
    sharp: float  # sharpness over the painting's; 1 is as crisp as the painting


class Target:
    """A painting, as the styles that are to look like it are measured against it.

    `scan` is uint8 `[H, W, 3]` BGR, `vgg` a VGG-16 that reaches relu4_3. What is compared with is computed once, where
    the VGG is.
    """

    def __init__(self, vgg: VGGFeatures, scan: np.ndarray) -> None:
        self.vgg, self.scan, self.sharpness = vgg, scan, max(FLAT, sharpness(scan))
        features = self._features(scan, STYLE_LAYERS)
        self._directions = [along.to(vgg.mean.device) for along in directions([f.shape[1] for f in features])]
        self._grams, self._quantiles = self._grams_of(features), self._quantiles_of(features)

    @classmethod
    def read(cls, vgg: VGGFeatures, painting: Path) -> Target:
        """The target that the file of a painting gives, see `read_scan` for the rule and its errors."""
        return cls(vgg, np.ascontiguousarray(read_scan(painting)[..., ::-1]))

    def likeness(self, picture: np.ndarray, photo: np.ndarray) -> Likeness:
        """The measures of a stylized `picture` of a `photo`, both uint8 `[H, W, 3]` BGR of one size, from 32 px up.

        Content and style are the losses of Johnson et al. 2016, "Perceptual Losses for Real-Time Style Transfer and
        Super-Resolution", made dimensionless; for swd see `sliced_wasserstein`, with 64 directions and 512 quantiles
        over all pixels. Raises `ValueError` for two sizes.
        """
        if picture.shape != photo.shape:
            raise ValueError(f"a picture and its photo are of one size, not {picture.shape} and {photo.shape}")
        features = self._features(picture, STYLE_LAYERS)
        (kept,) = self._features(photo, (CONTENT_LAYER,))
        content = float(content_distance(features[STYLE_LAYERS.index(CONTENT_LAYER)], kept))
        swd = _mean(sliced_wasserstein, self._quantiles_of(features), self._quantiles)
        return Likeness(content, self._style(features), swd, sharpness(picture) / self.sharpness)

    def mean_likeness(self, stylize: Stylize, photos: Sequence[np.ndarray]) -> Likeness:
        """The means over at least one photo, uint8 BGR, each painted and measured at its own size."""
        return Likeness(*np.mean([self.likeness(stylize(photo), photo) for photo in photos], axis=0).tolist())

    def style(self, picture: np.ndarray) -> float:
        """The style distance alone, of a picture of no photo: uint8 `[H, W, 3]` BGR."""
        return self._style(self._features(picture, STYLE_LAYERS))

    def _style(self, features: Sequence[Tensor]) -> float:
        return _mean(style_distance, self._grams_of(features), self._grams)

    @torch.no_grad()
    def _features(self, picture: np.ndarray, layers: tuple[str, ...]) -> list[Tensor]:
        found = self.vgg(to_tensor(picture[..., ::-1]).to(self.vgg.mean.device), layers)
        return [found[layer] for layer in layers]

    def _grams_of(self, features: Sequence[Tensor]) -> list[Tensor]:
        return [gram_matrix(f) for f in features]

    def _quantiles_of(self, features: Sequence[Tensor]) -> list[Tensor]:
        return [quantiles(pixels_of(f), along) for f, along in zip(features, self._directions, strict=True)]


def _mean(distance: Callable[[Tensor, Tensor], Tensor], found: Sequence[Tensor], targets: Sequence[Tensor]) -> float:
    """The mean over the layers of a distance `[1]`."""
    return float(np.mean([float(distance(f, target)) for f, target in zip(found, targets, strict=True)]))
