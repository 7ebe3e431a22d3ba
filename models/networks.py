"""Every kind of network a style may have, and the way from its description to the network.

What training and export rely on: `forward`, pictures `[N, 3, H, W]` to pictures; `body`, the same for what is padded
already; `head`, its last layer; and a `config` with `to_dict`, `tier`, `norm`, `stride`, `margin` and `head_scale`.
"""

from __future__ import annotations

from typing import Any

from stylecam.models.painters_net import PaintersNet
from stylecam.models.texture_net import TextureConfig, TextureNet
from stylecam.models.transform_net import NetworkConfig, TransformNet

__all__ = ["NETWORKS", "StyleNetwork", "TrainedNetwork", "build_network", "kind_of", "one_painter"]

StyleNetwork = TransformNet | TextureNet
TrainedNetwork = StyleNetwork | PaintersNet

NETWORKS = ("transform", TextureConfig.KIND)


def build_network(values: dict[str, Any]) -> TrainedNetwork:
    """The untrained network that a config's `to_dict` describes; without a ``kind`` it is a `TransformNet`, or with
    ``painters`` a `PaintersNet`.

    Raises `KeyError`, `TypeError` or `ValueError` for a description that is none.
    """
    if "kind" in values:
        return TextureNet(TextureConfig.from_dict(values))
    config = NetworkConfig.from_dict(values)
    return PaintersNet(config) if config.painters else TransformNet(config)


def kind_of(network: TrainedNetwork) -> str:
    """The network's name in `NETWORKS`."""
    return TextureConfig.KIND if isinstance(network, TextureNet) else "transform"


def one_painter(network: TrainedNetwork) -> StyleNetwork:
    """What can be exported and trained on: of a `PaintersNet` the average, any other network itself."""
    return network.average().eval() if isinstance(network, PaintersNet) else network
