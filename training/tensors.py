"""Pictures as a network takes them, and what it gives as pictures."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

__all__ = ["blank", "to_picture", "to_tensor"]


def to_tensor(picture: np.ndarray) -> Tensor:
    """`[H, W, 3]` uint8 RGB to float `[1, 3, H, W]` in 0..1."""
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None].float() / 255


def to_picture(tensor: Tensor) -> np.ndarray:
    """Float `[1, 3, H, W]`, 0..1 after clipping, to `[H, W, 3]` uint8 RGB."""
    rounded = (tensor[0].detach().float().cpu().clamp(0, 1) * 255).round().to(torch.uint8)
    return np.ascontiguousarray(rounded.permute(1, 2, 0).numpy())


def blank(network: nn.Module, side: int) -> Tensor:
    """A black picture `[1, 3, side, side]` on the network's device: all that a texture needs to know is the size."""
    return torch.zeros(1, 3, side, side, device=next(network.parameters()).device)
