"""What a style file's graph takes into the network's first and last layer: BGR levels of 0..255, rounded by a cast.

The head's channels leave in the order (row phase, column phase, colour) in place of (colour, row phase, column phase).
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from stylecam.models.detail_path import DetailPath, PlainDetailPath, gains_of
from stylecam.models.transform_net import NetworkConfig, SubPixelHead, TransformNet

__all__ = ["HALF_LEVEL", "fold_colours", "head_order", "plain_head", "unfolded"]

HALF_LEVEL = 0.5  # by which the head's levels are too high, so that a cast to bytes, which truncates, rounds
_STEM, _HEAD, _DETAIL, _BLUR = "encoder.0.0", "head", "detail", "blur"


def head_order(scale: int) -> Tensor:
    """For each channel of a file's head, in BGR, the network's own channel, `[3 scale^2]`."""
    return torch.arange(3 * scale**2).view(3, scale, scale).flip(0).permute(1, 2, 0).flatten()


@torch.no_grad()
def fold_colours(network: TransformNet) -> None:
    """Changes the network's first and last layer to those of a file.

    A head that ends in a tanh is only reordered: its levels come after it. The detail path becomes a convolution.
    """
    stem, scale = cast(nn.Conv2d, network.get_submodule(_STEM)), network.config.head_scale
    head = network.head = plain_head(network.head)
    bias = cast(Tensor, head.bias)
    stem.weight.copy_(stem.weight.flip(1) / 255)
    order = head_order(scale)
    head.weight.copy_(head.weight[order])
    bias.copy_(bias[order])
    levels = network.config.output == "linear"
    if levels:
        head.weight.mul_(255)
        bias.mul_(255).add_(HALF_LEVEL)
    if isinstance(detail := network.detail, DetailPath):
        kernel = detail.kernel()[order].flip(1) / (1 if levels else 255)
        network.detail = PlainDetailPath(kernel, scale, detail.reflect)


def unfolded(weights: dict[str, Tensor], config: NetworkConfig) -> dict[str, Tensor]:
    """The inverse of `fold_colours`: the state of a network of `config`, from that of a folded one."""
    weight, bias = weights[f"{_HEAD}.weight"], weights[f"{_HEAD}.bias"]
    if config.output == "linear":
        weight, bias = weight / 255, (bias - HALF_LEVEL) / 255
    back = head_order(config.head_scale).argsort()
    others = {name: value for name, value in weights.items() if not name.startswith((_DETAIL, _BLUR))}
    if config.detail:
        kernel = weights[f"{_DETAIL}.weight"][back].flip(1) * (1 if config.output == "linear" else 255)
        fine, chroma = gains_of(kernel, config.head_scale)
        others |= {f"{_DETAIL}.fine": fine, f"{_DETAIL}.chroma": chroma}
    return {
        **others,
        f"{_STEM}.weight": weights[f"{_STEM}.weight"].flip(1) * 255,
        f"{_HEAD}.weight": weight[back],
        f"{_HEAD}.bias": bias[back],
    }


def plain_head(head: nn.Conv2d) -> nn.Conv2d:
    """The head as an ordinary convolution, its weights as they are applied."""
    if not isinstance(head, SubPixelHead):
        return head
    plain = nn.Conv2d(head.in_channels, head.out_channels, 3, padding=1)
    weight, bias = head.balanced()
    plain.weight.copy_(weight)
    cast(Tensor, plain.bias).copy_(bias)
    return plain
