"""Smooth scenes to paint, where nothing hides what a network's strides leave."""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["smooth_scene"]

CYCLES = 1.5  # at most, along each side: a slope that goes up goes down again, so that tiles average it out


def smooth_scene(side: int, generator: torch.Generator) -> Tensor:
    """`[1, 3, side, side]` RGB in 0..1: one slow wave between two random colours, from alike to far apart.

    It is dithered to 256 levels: the steps of a slope that was rounded would be waves themselves.
    """

    def random(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator)

    first, other = random(3), random(3)
    last = first + (other - first) * random(1) ** 2  # skies and walls: mostly colours that are alike
    place = torch.arange(side) / side
    down, across = CYCLES * (2 * random(2) - 1)
    phase = 2 * math.pi * (down * place[:, None] + across * place + random(1))
    mixed = (1 + phase.cos()) / 2
    scene: Tensor = first[:, None, None] * (1 - mixed) + last[:, None, None] * mixed
    levels = (scene * 255 + random(3, side, side)).floor().clamp(max=255)
    return levels[None] / 255
