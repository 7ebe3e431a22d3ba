"""The losses: content, style, total variation and stability.

All are dimensionless, so that one set of weights serves every VGG, layer and picture size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

__all__ = [
    "Disturbance",
    "at_least_float32",
    "content_distance",
    "disturb",
    "gram_matrix",
    "grid_loss",
    "pixels_of",
    "stability_loss",
    "style_distance",
    "style_weight_at",
    "total_variation",
]


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
        return at_least_float32(flat.transpose(1, 2) @ flat) / flat.shape[1]

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


def total_variation(x: Tensor) -> Tensor:
    """Mean squared difference of neighbouring pixels of `[N, 3, H, W]`, horizontal plus vertical, as `[N]`."""
    across = (x[..., :, 1:] - x[..., :, :-1]).square().flatten(1).mean(1)
    return across + (x[..., 1:, :] - x[..., :-1, :]).square().flatten(1).mean(1)


def grid_loss(x: Tensor, period: int, variance: float) -> Tensor:
    """Strength of the wave patterns of `period` px (and its parts) that a batch `[N, 3, H, W]` has, over `variance`.

    The mean over all tiles of `period` x `period` px keeps what is locked to the network's strides and averages
    the picture out; its variance is what strided and upsampling layers add where nothing like it is in the photo
    (Odena et al. 2016, "Deconvolution and Checkerboard Artifacts"). H and W must be multiples of `period`.
    """
    count, channels, height, width = x.shape
    tiles = at_least_float32(x).reshape(count, channels, height // period, period, width // period, period)
    tile = tiles.mean((0, 2, 4))
    return tile.var((1, 2), correction=0).mean() / variance


def style_weight_at(step: int, steps: int, weight: float, ramp: float = 1 / 3, start: float = 0.1) -> float:
    """The style weight at a step (from 0): linearly from `start * weight` to `weight` over the first `ramp` of `steps`.

    From scratch at full weight a small network can collapse to texture that ignores the picture.
    """
    progress = min(1.0, step / (ramp * steps)) if ramp > 0 else 1.0
    return weight * (start + (1 - start) * progress)


@dataclass(frozen=True)
class Disturbance:
    """How far `disturb` moves and changes a picture: the limits of uniform draws, and sigma of the noise."""

    shift: float = 8.0  # px
    rotation: float = 1.0  # degrees
    zoom: float = 0.015  # fraction
    brightness: float = 0.04  # of 0..1
    noise: float = 0.012  # of 0..1


def disturb(x: Tensor, limits: Disturbance, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A moved, noisier, brighter copy of `[N, 3, H, W]` in 0..1, and the sampling grid `[N, H, W, 2]` that moved it.

    `generator` is a CPU generator, so that every device draws the same; its state decides everything.
    """
    count, _, height, width = x.shape

    def draw(limit: float) -> Tensor:
        return (torch.rand(count, generator=generator) * 2 - 1) * limit

    angle, scale = draw(math.radians(limits.rotation)), 1 + draw(limits.zoom)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = scale * angle.cos()
    theta[:, 0, 1] = -scale * angle.sin() * height / width
    theta[:, 1, 0] = scale * angle.sin() * width / height
    theta[:, 0, 2] = draw(limits.shift) * 2 / width
    theta[:, 1, 2] = draw(limits.shift) * 2 / height
    grid = F.affine_grid(theta, [count, 3, height, width], align_corners=False).to(x.device)
    moved = F.grid_sample(x.float(), grid, padding_mode="reflection", align_corners=False)
    brighter = moved + draw(limits.brightness).view(-1, 1, 1, 1).to(x.device)
    noise = torch.randn(x.shape, generator=generator).to(x.device) * limits.noise
    return (brighter + noise).clamp(0, 1), grid


def stability_loss(stylized: Tensor, stylized_moved: Tensor, grid: Tensor, variance: Tensor | float) -> Tensor:
    """Mean squared error of the stylized moved copy against the moved stylization, over a `variance`.

    `stylized` and `stylized_moved` are `[N, 3, H, W]`, `grid` is that of `disturb`. It joins the temporal loss of
    Ruder, Dosovitskiy and Brox 2016 (arXiv:1604.08610) and of Gupta et al. 2017, "Characterizing and Improving
    Stability in Neural Style Transfer", to the resilience against noise of Zheng et al. 2016, "Improving the
    Robustness of Deep Neural Networks via Stability Training"; the motion is made, hence known exactly, and
    needs no optical flow. Pixels that came from outside the picture do not count.
    """
    stylized = at_least_float32(stylized)
    target = F.grid_sample(stylized, grid.to(stylized.dtype), padding_mode="reflection", align_corners=False)
    inside = (grid.abs().amax(-1) <= 1).unsqueeze(1)
    error = (at_least_float32(stylized_moved) - target).square() * inside
    return error.sum() / (inside.sum() * stylized.shape[1]).clamp_min(1) / variance


def at_least_float32(x: Tensor) -> Tensor:
    """Half precision to float32; what is wider stays."""
    return x.to(torch.promote_types(x.dtype, torch.float32))
