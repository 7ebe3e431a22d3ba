"""The sliced Wasserstein loss: whether the painting's rare colours and strokes are there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from stylecam.training.losses.feature_distances import pixels_of
from stylecam.training.losses.wasserstein import directions, quantiles, sliced_wasserstein

if TYPE_CHECKING:
    from stylecam.training.losses.step import Step

__all__ = ["painting_quantiles", "swd_loss", "swd_term"]

DIRECTIONS, PIXELS = 48, 2048  # of a layer


def swd_term(step: Step) -> Tensor:
    """||q(y) - q(s)||^2 / ||q(s)||^2 of quantiles q of the VGG's features along random directions.

    The mean over the style's layers and the batch; y is what is painted and s the style's painting. See
    `sliced_wasserstein`: Rabin et al. 2012, Heitz et al. 2021 (arXiv:2006.07229).
    """
    return step.painting.swd(step.features, step.generator).mean()


def painting_quantiles(features: list[Tensor]) -> list[tuple[Tensor, Tensor]]:
    """Of each layer's features `[1, C, H, W]` of a painting: directions `[48, C]`, and all pixels' quantiles.

    Sorting all of a painting takes a second.
    """
    along = directions([layer.shape[1] for layer in features], DIRECTIONS)
    along = [vectors.to(layer.device) for vectors, layer in zip(along, features, strict=True)]
    pixels = (pixels_of(layer) for layer in features)
    return [(vectors, quantiles(one, vectors, PIXELS)) for one, vectors in zip(pixels, along, strict=True)]


def swd_loss(features: Tensor, along: Tensor, target: Tensor, generator: torch.Generator) -> Tensor:
    """The distance `[N]` of one layer's features `[N, C, H, W]` from a painting's quantiles, the `target`.

    On some 2048 of the pixels, which are enough for a gradient: every so many, from a place which `generator` draws.
    """
    every = max(1, math.isqrt(features.shape[-2] * features.shape[-1] // PIXELS))
    top, left = torch.randint(every, (2,), generator=generator).tolist()
    # Slices, not a list of places: their gradient costs a tenth. And with the channels last, as the VGG's own gradient:
    # two formats are added ten times as slowly.
    pixels = features.permute(0, 2, 3, 1)[:, top::every, left::every].flatten(1, 2)
    return sliced_wasserstein(quantiles(pixels, along, PIXELS), target)
