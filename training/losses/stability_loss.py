"""The stability loss: what a training pays for a painting that changes when the picture only moves a little."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from stylecam.training.losses.feature_distances import at_least_float32
from stylecam.training.losses.step import random_part

if TYPE_CHECKING:
    from stylecam.training.losses.step import Step

__all__ = ["Disturbance", "disturb", "stability_loss", "stability_term"]


def stability_term(step: Step) -> Tensor:
    """The `stability_loss` of the batch, whose photos are moved, brightened and given noise, and painted once more."""
    moved, grid = disturb(step.photos, Disturbance(), step.generator)
    # What moves near an edge of the frame, or leaves it, must not change the painting either.
    rows, columns = (random_part(side, side * 3 // 4, step.generator) for side in step.photos.shape[-2:])
    moved, grid = moved[..., rows, columns], grid[:, rows, columns]
    # With other noise, if any: in a film the picture moves under noise that stays, which must not show.
    stylized_moved = step.paint(moved, other_noise=True)
    return stability_loss(step.stylized, stylized_moved, grid, _unit(step))


def _unit(step: Step) -> Tensor | float:
    """What the squared error is divided by, as it is where flicker is measured: the picture's own variance.

    By the painting's, a constant, a paler picture is a steadier one, and a network learns to be pale.
    """
    painting = step.painting.painting_variance
    if step.options.stability_unit == "painting":
        return painting
    # A plain batch has next to none.
    return at_least_float32(step.stylized).var((2, 3)).mean().clamp_min(painting / 16)


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

    `generator` is a CPU generator, so that every device draws the same motion; its state decides everything. The noise
    is drawn where the pictures are: a CPU takes longer for it than a GPU for the rest of the step.
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
    there = torch.Generator(x.device).manual_seed(int(torch.randint(2**62, (), generator=generator)))
    noise = torch.randn(x.shape, generator=there, device=x.device) * limits.noise
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
