"""The sliced Wasserstein distance between the features of pictures and those of a painting.

A Gram matrix knows how features go together on average. The distribution along a direction knows also how much of the
painting has each value: whether its rare colours and strokes are there at all.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from stylecam.training.losses.feature_distances import at_least_float32

__all__ = ["directions", "quantiles", "sliced_wasserstein"]


def directions(channels: Sequence[int], count: int = 64, seed: int = 0) -> list[Tensor]:
    """For layers of so many `channels`, `count` random unit vectors each: `[count, C]`, always the same for a seed."""
    generator = torch.Generator().manual_seed(seed)
    return [F.normalize(torch.randn(count, width, generator=generator), dim=1) for width in channels]


def quantiles(pixels: Tensor, along: Tensor, count: int = 512) -> Tensor:
    """Of `[N, M, C]` features of M pixels, projected `along` `[K, C]`: `count` quantiles of each, `[N, K, count]`.

    From the smallest to the largest, evenly; M may be smaller than `count`. The result is float32 or wider.
    """
    projected = at_least_float32(pixels @ along.to(pixels.dtype).T).transpose(1, 2).contiguous().sort(-1)[0]
    last = projected.shape[-1] - 1
    places = (torch.linspace(0, 1, count) * last).long().to(projected.device)
    return projected[..., places]


def sliced_wasserstein(found: Tensor, target: Tensor) -> Tensor:
    """The squared 2-Wasserstein distance, the mean over directions, over the target's mean square, as `[N]`.

    `found` is `[N, K, Q]`, `target` `[1 or N, K, Q]`, both from `quantiles` along the same directions. Rabin et al.
    2012, "Wasserstein Barycenter and Its Application to Texture Mixing"; as a style loss Heitz et al. 2021
    (arXiv:2006.07229). Dimensionless, 0 where the distributions are equal.
    """
    return (found - target).square().flatten(1).sum(1) / target.square().flatten(1).sum(1).clamp_min(1e-12)
