"""Instance normalization that keeps a picture's memory format while it learns."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["InstanceNorm"]


class InstanceNorm(nn.InstanceNorm2d):
    """`torch.nn.InstanceNorm2d` with a scale and a shift for each channel (Ulyanov et al. 2016, arXiv:1607.08022).

    A picture alone is a batch, and normalizing over a batch of one is the same. Torch's own instance norm copies
    channels_last tensors there and back, which takes a quarter of a training step of tier ``full`` on a CPU.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, affine=True)

    def forward(self, x: Tensor) -> Tensor:
        """`[N, C, H, W]` to the same shape."""
        if not self.training or x.device.type != "cpu":
            return super().forward(x)
        pictures = x.chunk(len(x))  # whose gradients are put together again with the channels last
        alone = [F.batch_norm(one, None, None, self.weight, self.bias, True, 0.0, self.eps) for one in pictures]
        return alone[0] if len(alone) == 1 else torch.cat(alone)
