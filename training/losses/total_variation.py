"""The total variation loss: what keeps neighbouring pixels alike."""

from __future__ import annotations

from torch import Tensor

__all__ = ["total_variation"]


def total_variation(x: Tensor) -> Tensor:
    """Mean squared difference of neighbouring pixels of `[N, 3, H, W]`, horizontal plus vertical, as `[N]`."""
    across = (x[..., :, 1:] - x[..., :, :-1]).square().flatten(1).mean(1)
    return across + (x[..., 1:, :] - x[..., :-1, :]).square().flatten(1).mean(1)
