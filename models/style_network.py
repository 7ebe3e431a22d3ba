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
        weights = unfolded(_weights(style), network.config)
        if missing := [name for name in network.state_dict() if name not in weights]:
            raise ValueError(f"it has no {missing[0]}")
        network.load_state_dict(weights)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise StyleError(
            f"the network in {style.path} cannot be trained on ({error}): give the checkpoint that it was made from"
        ) from error
    return network.eval()


def _weights(style: Style) -> dict[str, Tensor]:
    """The file's tensors under the names that they have in the folded network."""
    return {
        name.rpartition("network.")[2]: torch.from_numpy(np.frombuffer(raw, kind).astype(np.float32)).view(shape)
        for name, kind, shape, raw in parse_onnx(style.data).weights
        if "network." in name
    }
