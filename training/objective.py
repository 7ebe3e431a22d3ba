"""What one training step minimises: the weighted sum of all losses."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from stylecam.training.losses import (
    Disturbance,
    PerceptualLoss,
    disturb,
    stability_loss,
    style_weight_at,
    total_variation,
)
from stylecam.training.options import TrainOptions

__all__ = ["Objective"]


class Objective:
    """The total loss of a network on a batch, and its parts.

    `precision` is the type the VGG computes in, None for float32.
    """

    def __init__(self, options: TrainOptions, loss: PerceptualLoss, precision: torch.dtype | None) -> None:
        self.options, self.loss, self.precision = options, loss, precision

    def __call__(self, network: Any, photos: Tensor, step: int, draw: int) -> tuple[Tensor, dict[str, Tensor]]:
        """(total, unweighted parts) for photos `[N, 3, H, W]` in 0..1; `draw` numbers the random disturbance."""
        stylized = network(photos)
        with torch.autocast(photos.device.type, self.precision, enabled=self.precision is not None):
            content, style = self.loss(stylized, self.loss.content_target(photos))
        parts = {"content": content.mean(), "style": style.mean(), "tv": total_variation(stylized).mean()}
        parts["stability"] = self._stability(network, photos, stylized, draw)
        weights = self.weights(step)
        return torch.stack([weights[name] * value for name, value in parts.items()]).sum(), parts

    def weights(self, step: int) -> dict[str, float]:
        """The weight of each part at a step."""
        options = self.options
        return {
            "content": options.content_weight,
            "style": style_weight_at(step, options.steps, options.style_weight, options.ramp),
            "tv": options.tv_weight,
            "stability": options.stability_weight,
        }

    def _stability(self, network: Any, photos: Tensor, stylized: Tensor, draw: int) -> Tensor:
        if self.options.stability_weight == 0:
            return torch.zeros((), device=photos.device)
        generator = torch.Generator().manual_seed(self.options.seed * 1_000_003 + draw)
        moved, grid = disturb(photos, Disturbance(), generator)
        stylized_moved = network(moved.contiguous(memory_format=torch.channels_last))
        return stability_loss(stylized, stylized_moved, grid, self.loss.painting_variance)
