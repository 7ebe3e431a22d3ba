"""The stability loss: what a training pays for a painting that changes when the picture only moves a little."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from stylecam.training.losses.feature_distances import at_least_float32

__all__ = ["Disturbance", "disturb", "stability_loss"]


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
