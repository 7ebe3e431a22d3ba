"""Many painters in one network."""

from dataclasses import replace

import pytest
import torch

from stylecam.models.networks import build_network, one_painter
from stylecam.models.painters_net import PaintersNet
from stylecam.models.transform_net import NetworkConfig, TransformNet

CONFIG = NetworkConfig.for_tier("fast", channels=(8, 8, 16), blocks=1, painters=3)


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = build_network(CONFIG.to_dict())
    assert isinstance(network, PaintersNet)
    with torch.no_grad():
        for number in network.numbers:
            number.add_(torch.randn_like(number))
    return network


def test_every_painter_paints_otherwise_and_always_the_same(network):
    photo = torch.rand(1, 3, 40, 40)
    pictures = []
    for painter in (0, 1, 2, 0):
        network.painter = painter
        pictures.append(network(photo).detach())
    assert torch.equal(pictures[0], pictures[3])
    assert all((pictures[0] - other).abs().max() > 0.01 for other in pictures[1:3])


def test_a_step_changes_what_all_share_and_one_painters_numbers_alone(network):
    network.painter = 1
    network(torch.rand(1, 3, 40, 40)).square().mean().backward()
    each = len(network.names)
    moved = [number.grad is not None for number in network.numbers]
    assert moved == [False] * each + [True] * each + [False] * each
    shared = [parameter for parameter in network.network.parameters() if parameter.requires_grad]
    assert shared
    assert all(parameter.grad is not None for parameter in shared)


def test_the_average_is_an_ordinary_network_with_the_mean_of_the_numbers(network):
    average = one_painter(network)
    assert isinstance(average, TransformNet)
    assert average.config == replace(CONFIG, painters=0)
    each = len(network.names)
    wanted = torch.stack([network.numbers[place] for place in (0, each, 2 * each)]).mean(0)
    assert torch.allclose(dict(average.named_parameters())[network.names[0]], wanted)
    assert one_painter(average) is average


def test_painters_need_instance_norms():
    with pytest.raises(ValueError, match="instance norms"):
        replace(CONFIG, norm="batch")
