"""What a training step offers to its losses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from stylecam.training.losses.perceptual import PerceptualLoss
    from stylecam.training.options import TrainOptions

__all__ = ["Step", "random_part"]


@dataclass(frozen=True)
class Step:
    """One batch and what the network painted of it. What only some losses need is computed when it is asked for."""

    options: TrainOptions
    painting: PerceptualLoss  # what the pictures are to look like, and the VGG that tells
    photos: Tensor  # [N, 3, H, W], RGB in 0..1
    stylized: Tensor  # [N, 3, H, W], RGB, about 0..1; its luma: `LUMA` of models/detail_path.py
    part: tuple[slice, slice]  # the rows and columns of them that the VGG sees
    generator: torch.Generator  # a CPU's, for whatever is drawn: its state is a function of the seed and the step
    painter: Callable[[Tensor, bool], Tensor]  # see `paint`

    @cached_property
    def features(self) -> dict[str, Tensor]:
        """The VGG's features of the `part` of `stylized`, `[N, C, H', W']` by layer, with a gradient."""
        return self.painting.features(self.stylized[..., self.part[0], self.part[1]])

    @cached_property
    def content_target(self) -> Tensor:
        """The features at the content layer of the same part of `photos`, without a gradient."""
        return self.painting.content_target(self.photos[..., self.part[0], self.part[1]])

    def paint(self, pictures: Tensor, other_noise: bool = False) -> Tensor:
        """What the network makes of more pictures `[N, 3, H, W]`, with a gradient; it costs as much again.

        A network that is fed with noise gets the batch's own, or another one.
        """
        return self.painter(pictures.contiguous(memory_format=torch.channels_last), other_noise)


def random_part(side: int, kept: int, generator: torch.Generator) -> slice:
    """A random run of `kept` out of `side` rows or columns."""
    start = int(torch.randint(side - kept + 1, (), generator=generator))
    return slice(start, start + kept)
