"""What one training step minimises: the weighted sum of all losses of the table."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from stylecam.training.losses.perceptual import PerceptualLoss
from stylecam.training.losses.step import Step, random_part
from stylecam.training.losses.table import LOSSES
from stylecam.training.options import TrainOptions
from stylecam.training.schedule import style_weight_at

__all__ = ["Objective", "painter_at"]


class Objective:
    """The total loss of a network on a batch, and its parts.

    The VGG, which all `losses` share, and the network's convolutions compute in `precision`. With several losses, one a
    painting, the network is a `PaintersNet` and each step is another painter's.
    """

    def __init__(
        self, options: TrainOptions, losses: Sequence[PerceptualLoss], precision: torch.dtype = torch.float32
    ) -> None:
        self.options, self.precision = options, precision
        vgg = copy.deepcopy(losses[0].vgg).to(precision)
        self.losses = [loss.with_vgg(vgg) for loss in losses]

    def __call__(self, network: Any, photos: Tensor, step: int, draw: int) -> tuple[Tensor, dict[str, Tensor]]:
        """(total, unweighted parts) for photos `[N, 3, H, W]` in 0..1; `draw` numbers the random disturbance.

        The network paints whole photos, of which the VGG, which costs the time, sees a random part. Where a network
        pads, it knows how far the edge is, and learnt on small pictures it would fail in the middle of large ones.
        """
        painter = painter_at(step, len(self.losses), self.options.seed)
        if len(self.losses) > 1:
            network.module.painter = painter
        stylized = self._paint(network, photos, 2 * draw)
        generator = torch.Generator().manual_seed(self.options.seed * 1_000_003 + draw)
        rows, columns = (random_part(side, min(side, self.options.size), generator) for side in photos.shape[-2:])

        def paint(pictures: Tensor, other_noise: bool) -> Tensor:
            return self._paint(network, pictures, 2 * draw + other_noise)

        painted = Step(self.options, self.losses[painter], photos, stylized, (rows, columns), generator, paint)
        parts, weights = self._parts(painted), self.weights(step)
        return torch.stack([weights[name] * value for name, value in parts.items()]).sum(), parts

    def weights(self, step: int) -> dict[str, float]:
        """The weight of each loss at a step."""
        weights = self.options.weights
        return {**weights, "style": style_weight_at(step, self.options.steps, weights["style"], self.options.ramp)}

    def _parts(self, painted: Step) -> dict[str, Tensor]:
        """The value of each loss, in the table's order; 0 of those that nobody asked for."""
        parts = {loss.name: torch.zeros((), device=painted.photos.device) for loss in LOSSES}
        for loss in LOSSES:
            if self.options.weights[loss.name]:
                parts[loss.name] = loss.function()(painted)
        return parts

    def _paint(self, network: Any, photos: Tensor, number: int) -> Tensor:
        """`number` decides the noise of a network that is fed with it: no two are alike, and it can be repeated."""
        noise = {"seed": self.options.seed * 1_000_003 + number} if self.options.network == "texture" else {}
        lower = self.precision != torch.float32
        with torch.autocast(photos.device.type, self.precision if lower else None, enabled=lower):
            painted: Tensor = network(photos, **noise)
        return painted.float()


def painter_at(step: int, painters: int, seed: int) -> int:
    """Whose turn it is: in each round everybody's once, in another order."""
    turn, place = divmod(step, painters)
    return int(np.random.default_rng((seed, 3, turn)).permutation(painters)[place])
