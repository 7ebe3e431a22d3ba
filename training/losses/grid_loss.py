"""The grid loss: what a training pays for the waves that strided and upsampling layers paint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor

from stylecam.training.losses.feature_distances import at_least_float32
from stylecam.training.losses.smooth_scenes import smooth_scene

if TYPE_CHECKING:
    from stylecam.training.losses.step import Step

__all__ = ["grid_loss", "grid_term"]

PERIOD = 8  # px: the stride of the fast network, a multiple of the full one's
EDGE = 16  # px of a smooth scene in which no grid is looked for: a network's border is there


def grid_term(step: Step) -> Tensor:
    """The `grid_loss` of what is painted, over the variance of the style's painting.

    Where `TrainOptions.grid_on` is ``smooth``, that of one smooth scene is added. Photos hide a grid: a network whose
    photos have no plain sky or wall may paint one there.
    """
    found = _in(step.stylized, step)
    if step.options.grid_on == "smooth":
        scene = smooth_scene(step.options.size, step.generator).to(step.stylized.device)
        found = found + _in(step.paint(scene)[..., EDGE:-EDGE, EDGE:-EDGE], step)
    return found


def _in(stylized: Tensor, step: Step) -> Tensor:
    height, width = (side // PERIOD * PERIOD for side in stylized.shape[-2:])
    return grid_loss(stylized[..., :height, :width], PERIOD, step.painting.painting_variance)


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
