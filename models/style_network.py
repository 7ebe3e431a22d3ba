"""From a style file back to the network that it was made from."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import Tensor

from stylecam.models.catalog import Style
from stylecam.models.errors import StyleError
from stylecam.models.folding import fold_colours, unfolded
from stylecam.models.networks import build_network
from stylecam.models.transform_net import TransformNet

__all__ = ["network_of", "with_network"]


def network_of(style: Style) -> TransformNet:
    """The network in a style file that `realtime export` wrote, in evaluation mode, to be trained on.

    Raises `StyleError` for a file of another origin, and for networks that do not repaint photos or were normalized
    over batches: their statistics are not in the file.
    """
    try:
        network = build_network(style.record("network"))
        if not isinstance(network, TransformNet):
            raise ValueError("it paints textures")
        weights = unfolded(_weights(style), network.config)
        if missing := [name for name in network.state_dict() if name not in weights]:
            raise ValueError(f"it has no {missing[0]}")
        network.load_state_dict(weights)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise StyleError(
            f"the network in {style.path} cannot be trained on ({error}): give its checkpoint instead"
        ) from error
    return network.eval()


def with_network(style: Style, network: TransformNet) -> Style:
    """The style with another network of the same shape in it, which stays as it is; the inverse of `network_of`.

    What the file says of itself stays too. Raises `StyleError` for a network of another shape.
    """
    folded = copy.deepcopy(network).eval().cpu().float()
    fold_colours(folded)
    tensors = folded.state_dict() | dict(folded.named_buffers())  # of which a state has not all
    state = {name: value.detach().numpy() for name, value in tensors.items()}
    there = style.weights()
    values = {name: state[_short(name)] for name in there if _short(name) in state}
    alike = all(values[name].shape == there[name].shape for name in values)
    if not alike or not len(values) == len(there) == len(state):
        raise StyleError(f"{style.path} holds a network of another shape")
    return style.with_weights(values)


def _weights(style: Style) -> dict[str, Tensor]:
    """The file's tensors under the names that they have in the folded network."""
    return {_short(name): torch.from_numpy(values.astype(np.float32)) for name, values in style.weights().items()}


def _short(name: str) -> str:
    """The name in the folded network of a tensor in a file's graph."""
    return name.rpartition("network.")[2]
