"""From tier fast to tier full: the same painter with everything at twice the size."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from stylecam.models.folding import plain_head
from stylecam.models.transform_net import NetworkConfig, TransformNet

__all__ = ["can_be_doubled", "doubled"]

# What the three taps of a kernel at twice the size, on a picture enlarged linearly, are to the pixels of the picture:
# the taps are at -3/4, -1/4 and 1/4 px of the middle of a pixel.
_TAPS = torch.tensor([[0.75, 0.25, 0.0], [0.25, 0.75, 0.0], [0.0, 0.75, 0.25]])


def can_be_doubled(config: NetworkConfig) -> bool:
    """Whether there is a network of tier full with these layers at twice the size."""
    return config.tier == "fast" and not config.trunk and not config.painters


@torch.no_grad()
def doubled(network: TransformNet) -> TransformNet:
    """A network of tier full that paints as this one of tier fast does on a picture enlarged to twice the size.

    What comes out is as if made small again: strokes are half as wide, and four times as many. Trained on, they grow,
    and keep their finer edges. In truth nothing is enlarged: the stride of the stem, and the square of pixels that the
    head makes at each position, fall away. It is the same but for the window of the detail path, and near the border.
    It is in evaluation mode and shares no numbers with the one of tier fast. Raises `ValueError` where it cannot be.
    """
    config = network.config
    if not can_be_doubled(config):
        raise ValueError(f"only a network of tier fast without a trunk can be doubled, not {config}")
    larger = TransformNet(replace(config, tier="full", light=True))
    state = {name: value.clone() for name, value in network.state_dict().items()}
    stem = state["encoder.0.0.weight"]
    taps = _TAPS.to(stem)
    state["encoder.0.0.weight"] = torch.einsum("ocij,ia,jb->ocab", stem, taps, taps)
    head: nn.Conv2d = plain_head(network.head)
    for name, value in head.state_dict().items():
        state[f"head.{name}"] = value.unflatten(0, (3, -1)).mean(1)  # the mean of its pixels
    larger.load_state_dict(state)
    return larger.eval()
