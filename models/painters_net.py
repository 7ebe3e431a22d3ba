"""Many painters in one network: what a base is trained as, from which any painting is learnt in a few steps."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.func import functional_call

from stylecam.models.instance_norm import InstanceNorm
from stylecam.models.transform_net import NetworkConfig, TransformNet

__all__ = ["PaintersNet"]


class PaintersNet(nn.Module):
    """A `TransformNet` whose convolutions all painters share, and whose norms have numbers of each painter's own.

    Conditional instance normalization (Dumoulin et al. 2017, "A Learned Representation for Artistic Style",
    arXiv:1610.07629). `painter`, from 0, is whose numbers the next picture is painted with. `config.painters` is how
    many there are.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config, self.painter = config, 0
        self.network = TransformNet(replace(config, painters=0))
        norms = [name for name, module in self.network.named_modules() if isinstance(module, InstanceNorm)]
        self.names = [f"{norm}.{kind}" for norm in norms for kind in ("weight", "bias")]
        own = dict(self.network.named_parameters())
        for name in self.names:  # stand-ins: what is used are a painter's own numbers
            own[name].requires_grad_(False)
        self.numbers = nn.ParameterList(own[name].clone() for _ in range(config.painters) for name in self.names)

    def forward(self, x: Tensor) -> Tensor:
        """As `TransformNet.forward`, by `painter`."""
        first = self.painter * len(self.names)
        mine = {name: self.numbers[first + place] for place, name in enumerate(self.names)}
        painted: Tensor = functional_call(self.network, mine, (x,))
        return painted

    @torch.no_grad()
    def average(self) -> TransformNet:
        """The network with the mean of all painters' numbers: nobody's manner, and a few steps from everybody's."""
        network = TransformNet(self.network.config)
        network.load_state_dict(self.network.state_dict())
        own = dict(network.named_parameters())
        for place, name in enumerate(self.names):
            own[name].copy_(torch.stack([*self.numbers[place :: len(self.names)]]).mean(0))
        return network.train(self.training)
