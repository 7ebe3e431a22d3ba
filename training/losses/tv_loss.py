"""The total variation loss: what keeps neighbouring pixels alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor

if TYPE_CHECKING:
    from stylecam.training.losses.step import Step

__all__ = ["total_variation", "tv_term"]


def tv_term(step: Step) -> Tensor:
    """The `total_variation` of what is painted, the mean over the batch.

    As a regulariser of a network that repaints photographs: Johnson et al. 2016, section 3.2.
    """
    return total_variation(step.stylized).mean()


def total_variation(x: Tensor) -> Tensor:
    """Mean squared difference of neighbouring pixels of `[N, C, H, W]`, horizontal plus vertical, as `[N]`."""
    across = (x[..., :, 1:] - x[..., :, :-1]).square().flatten(1).mean(1)
    return across + (x[..., 1:, :] - x[..., :-1, :]).square().flatten(1).mean(1)
