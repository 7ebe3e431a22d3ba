"""From a style file back to the network that it was made from."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from stylecam.models.catalog import Style
from stylecam.models.errors import StyleError
from stylecam.models.folding import unfolded
from stylecam.models.networks import build_network
from stylecam.models.onnx_wire import parse_onnx
from stylecam.models.transform_net import TransformNet

__all__ = ["network_of"]


def network_of(style: Style) -> TransformNet:
    """The network in a style file that `realtime export` wrote, in evaluation mode, to be trained on.

    Raises `StyleError` for a file of another origin, and for networks that do not repaint photos or were normalized
    over batches: their statistics are not in the file.
    """
    try:
        network = build_network(style.record("network"))
        if not isinstance(network, TransformNet):
            raise ValueError("it paints textures")
        network.load_state_dict(unfolded(_weights(style, network), network.config))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise StyleError(
            f"the network in {style.path} cannot be trained on ({error}): give the checkpoint that it was made from"
        ) from error
    return network.eval()


def _weights(style: Style, network: TransformNet) -> dict[str, Tensor]:
    """The file's tensors under the names that they have in the network."""
    found = {name.rpartition("network.")[2]: raw for name, raw in parse_onnx(style.data).float_weights}
    wanted = network.state_dict()
    if missing := [name for name in wanted if name not in found]:
        raise ValueError(f"it has no {missing[0]}")
    return {
        name: torch.from_numpy(np.frombuffer(found[name], "<f4").astype(np.float32)).view(value.shape)
        for name, value in wanted.items()
    }
