"""The grid loss: what a training pays for the waves that strided and upsampling layers paint."""

from __future__ import annotations

from torch import Tensor

from stylecam.training.losses.feature_distances import at_least_float32

__all__ = ["grid_loss"]


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
