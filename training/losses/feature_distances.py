"""How far features are from those that are wanted: of a photo in content, of a painting in style.

All are dimensionless, so that one set of weights serves every VGG, layer and picture size.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

__all__ = ["at_least_float32", "content_distance", "gram_matrix", "pixels_of", "style_distance"]


def gram_matrix(features: Tensor) -> Tensor:
    """G = F F^T / (H W) of `[N, C, H, W]` features, as `[N, C, C]` (Gatys et al. 2016, eq. 3, normalised).

    Half precision features are multiplied as they are, with float32 sums; the result is float32 or wider.
    """
    gram: Tensor = _Gram.apply(features)
    return gram


class _Gram(torch.autograd.Function):
    """The product with its symmetric gradient: dF = F (dG + dG^T) / (H W), one product where autograd needs two."""

    @staticmethod
    def forward(ctx: Any, features: Tensor) -> Tensor:
        ctx.save_for_backward(features)
        flat = pixels_of(features)
        # Picture by picture: for a batch, torch would copy what it transposes on a CPU.
        return at_least_float32(torch.stack([one.T @ one for one in flat])) / flat.shape[1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (features,) = ctx.saved_tensors
        flat = pixels_of(features)
        both = (gradient + gradient.transpose(1, 2)) / flat.shape[1]
        count, channels, height, width = features.shape
        return (flat @ both.to(flat.dtype)).view(count, height, width, channels).permute(0, 3, 1, 2)


def pixels_of(features: Tensor) -> Tensor:
    """`[N, C, H, W]` as `[N, H W, C]`, in either memory format without a copy."""
    return features.permute(0, 2, 3, 1).flatten(1, 2)


def content_distance(features: Tensor, target: Tensor) -> Tensor:
    """||F(y) - F(x)||^2 / ||F(x)||^2 of each picture, as `[N]`; 0 where they are equal."""
    features, target = at_least_float32(features), at_least_float32(target)
    return (features - target).square().flatten(1).sum(1) / target.square().flatten(1).sum(1).clamp_min(1e-12)


def style_distance(gram: Tensor, target: Tensor) -> Tensor:
    """||G(y) - G(s)||^2 / ||G(s)||^2 of each picture, `[N, C, C]` against `[1 or N, C, C]`, as `[N]`."""
    return (gram - target).square().flatten(1).sum(1) / target.square().flatten(1).sum(1).clamp_min(1e-12)


def at_least_float32(x: Tensor) -> Tensor:
    """Half precision to float32; what is wider stays."""
    return x.to(torch.promote_types(x.dtype, torch.float32))
