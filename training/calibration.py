"""The last touch of a training: how strong the contrast of what is painted should be.

A crop's Gram matrix is noisier than a whole photo's, and noise makes a squared error's best guess a pale one: networks
that learn on crops paint whole photos a little too faint. One number mends that, found on whole photos.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from stylecam.models.errors import PictureError
from stylecam.training.data import read_picture, resize_short_side
from stylecam.training.losses.perceptual import PerceptualLoss
from stylecam.training.tensors import to_tensor

__all__ = ["LOUDEST", "PALEST", "STEP", "calibrate", "whole_photos"]

STEP, PALEST, LOUDEST = 0.05, 0.7, 1.5  # the contrasts that are tried, as multiples of what was learnt


@torch.no_grad()
def calibrate(
    network: Any, loss: PerceptualLoss, photos: list[Path], side: int, content_weight: float, style_weight: float
) -> float:
    """Multiplies the contrast of `network`, in its head, by what is best for `photos`, and returns that factor.

    Best is the least mean content + style distance, with their weights, of the whole photos at a short side of `side`
    px, clipped to 0..1; what differs from the head's mean colour over all of them is multiplied. The network must be in
    evaluation mode. Photos that cannot be decoded are left out; 1, and nothing changed, where none can be.
    """
    device = next(network.parameters()).device
    pictures = [to_tensor(photo).to(device) for photo in whole_photos(photos, side)]
    if not pictures:
        return 1.0
    head = cast(nn.Conv2d, network.head)
    weight, bias = head.weight.clone(), cast(Tensor, head.bias).clone()
    targets = [loss.content_target(picture) for picture in pictures]
    with _noted(head) as means:
        for picture in pictures:
            network(picture)
    # Each colour has one level, whatever the phase of the pixels: else a grid would be painted.
    level = torch.stack(means).mean(0).view(3, -1).mean(1, keepdim=True).expand(3, bias.numel() // 3).flatten()

    def apply(scale: float) -> None:
        head.weight.copy_(weight * scale)
        cast(Tensor, head.bias).copy_(level + (bias - level) * scale)

    def cost(scale: float) -> float:
        apply(scale)
        parts = [loss(network(x).clamp(0, 1), target) for x, target in zip(pictures, targets, strict=True)]
        return sum(content_weight * float(c) + style_weight * float(s) for c, s in parts)

    best = _least(cost)
    apply(best)
    return best


def _least(cost: Callable[[float], float]) -> float:
    """The scale at the bottom of the valley around 1."""
    best, least = 1.0, cost(1.0)
    for direction in (STEP, -STEP):
        while PALEST <= (scale := round(best + direction, 4)) <= LOUDEST and (value := cost(scale)) < least:
            best, least = scale, value
        if best != 1:
            break  # the other side lies higher
    return best


def whole_photos(photos: list[Path], side: int) -> Iterator[np.ndarray]:
    """Those that can be decoded, uint8 RGB, at a short side of `side` px; of a very long one an end."""
    for path in photos:
        try:
            photo = read_picture(path)
        except PictureError:
            continue
        longest = 3 * min(photo.shape[:2])  # of a banner one end is enough: whole, it could fill the memory
        yield resize_short_side(photo[:longest, :longest], side)


@contextmanager
def _noted(head: nn.Module) -> Iterator[list[Tensor]]:
    """Collects the mean of each of the head's channels in every pass."""
    means: list[Tensor] = []
    handle = head.register_forward_hook(lambda _module, _input, output: means.append(output.mean((0, 2, 3))))
    try:
        yield means
    finally:
        handle.remove()
