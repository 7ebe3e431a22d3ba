"""What one training step minimises: the weighted sum of all losses."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from stylecam.training.losses.feature_distances import at_least_float32
from stylecam.training.losses.grid_loss import grid_loss
from stylecam.training.losses.perceptual import Distances, PerceptualLoss
from stylecam.training.losses.smooth_scenes import smooth_scene
from stylecam.training.losses.stability_loss import Disturbance, disturb, stability_loss
from stylecam.training.losses.total_variation import total_variation
from stylecam.training.options import TrainOptions
from stylecam.training.schedule import style_weight_at

__all__ = ["Objective", "painter_at"]

GRID_PERIOD = 8  # px: the stride of the fast network, a multiple of the full one's
EDGE = 16  # px of a smooth scene in which no grid is looked for: a network's border is there


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
        self.loss = self.losses[0]

    def __call__(self, network: Any, photos: Tensor, step: int, draw: int) -> tuple[Tensor, dict[str, Tensor]]:
        """(total, unweighted parts) for photos `[N, 3, H, W]` in 0..1; `draw` numbers the random disturbance.

        The network paints whole photos, of which the VGG, which costs the time, sees a random part. Where a network
        pads, it knows how far the edge is, and learnt on small pictures it would fail in the middle of large ones.
        """
        painter = painter_at(step, len(self.losses), self.options.seed)
        self.loss = self.losses[painter]
        if len(self.losses) > 1:
            network.module.painter = painter
        stylized = self._paint(network, photos, 2 * draw)
        generator = torch.Generator().manual_seed(self.options.seed * 1_000_003 + draw)
        rows, columns = (_part(side, min(side, self.options.size), generator) for side in photos.shape[-2:])
        target = self.loss.content_target(photos[..., rows, columns]) if self.options.content else None
        found = self._distances(stylized[..., rows, columns], target, generator)
        parts = {name: distance.mean() for name, distance in found._asdict().items()}
        parts["tv"] = total_variation(stylized).mean()
        parts["grid"] = self._grid(network, stylized, draw, generator)
        parts["stability"] = self._stability(network, photos, stylized, draw, generator)
        weights = self.weights(step)
        return torch.stack([weights[name] * value for name, value in parts.items()]).sum(), parts

    def _distances(self, pictures: Tensor, target: Tensor | None, generator: torch.Generator) -> Distances:
        if self.options.swd_weight:
            return self.loss.with_swd(pictures, target, generator)
        content, style = self.loss(pictures, target)
        return Distances(content, style, torch.zeros_like(style))

    def _paint(self, network: Any, photos: Tensor, number: int) -> Tensor:
        """`number` decides the noise of a network that is fed with it: no two are alike, and it can be repeated."""
        noise = {"seed": self.options.seed * 1_000_003 + number} if self.options.network == "texture" else {}
        lower = self.precision != torch.float32
        with torch.autocast(photos.device.type, self.precision if lower else None, enabled=lower):
            painted: Tensor = network(photos, **noise)
        return painted.float()

    def weights(self, step: int) -> dict[str, float]:
        """The weight of each part at a step."""
        options = self.options
        return {
            "content": options.content_weight,
            "style": style_weight_at(step, options.steps, options.style_weight, options.ramp),
            "swd": options.swd_weight,
            "tv": options.tv_weight,
            "grid": options.grid_weight,
            "stability": options.stability_weight,
        }

    def _grid(self, network: Any, stylized: Tensor, draw: int, generator: torch.Generator) -> Tensor:
        grid = self._grid_in(stylized)
        if self.options.grid_on == "smooth" and self.options.grid_weight:
            # Photos hide it: a network whose photos have none may paint one into a plain sky or wall.
            scene = smooth_scene(self.options.size, generator).to(stylized.device)
            painted = self._paint(network, scene.contiguous(memory_format=torch.channels_last), 2 * draw)
            grid = grid + self._grid_in(painted[..., EDGE:-EDGE, EDGE:-EDGE])
        return grid

    def _grid_in(self, stylized: Tensor) -> Tensor:
        whole = [side // GRID_PERIOD * GRID_PERIOD for side in stylized.shape[-2:]]
        return grid_loss(stylized[..., : whole[0], : whole[1]], GRID_PERIOD, self.loss.painting_variance)

    def _stability(
        self, network: Any, photos: Tensor, stylized: Tensor, draw: int, generator: torch.Generator
    ) -> Tensor:
        if self.options.stability_weight == 0:
            return torch.zeros((), device=photos.device)
        moved, grid = disturb(photos, Disturbance(), generator)
        # What moves near an edge of the frame, or leaves it, must not change the painting either.
        rows, columns = (_part(side, side * 3 // 4, generator) for side in photos.shape[-2:])
        moved, grid = moved[..., rows, columns], grid[:, rows, columns]
        # With other noise, if any: in a film the picture moves under noise that stays, which must not show.
        stylized_moved = self._paint(network, moved.contiguous(memory_format=torch.channels_last), 2 * draw + 1)
        return stability_loss(stylized, stylized_moved, grid, self._stability_unit(stylized))

    def _stability_unit(self, stylized: Tensor) -> Tensor | float:
        """What the squared error is divided by, as it is where flicker is measured: the picture's own variance.

        By the painting's, a constant, a paler picture is a steadier one, and a network learns to be pale.
        """
        painting = self.loss.painting_variance
        if self.options.stability_unit == "painting":
            return painting
        return at_least_float32(stylized).var((2, 3)).mean().clamp_min(painting / 16)  # a plain batch has next to none


def painter_at(step: int, painters: int, seed: int) -> int:
    """Whose turn it is: in each round everybody's once, in another order."""
    turn, place = divmod(step, painters)
    return int(np.random.default_rng((seed, 3, turn)).permutation(painters)[place])


def _part(side: int, kept: int, generator: torch.Generator) -> slice:
    """A random run of `kept` out of `side`."""
    start = int(torch.randint(side - kept + 1, (), generator=generator))
    return slice(start, start + kept)
