"""Muon: what its directions are, and that all that is no matrix is Adam's."""

import pytest
import torch
from torch import nn

from stylecam.models.painters_net import PaintersNet
from stylecam.models.transform_net import NetworkConfig
from stylecam.training.muon import make_optimizer, orthogonalized


@pytest.mark.parametrize("shape", [(48, 432), (16, 27), (40, 9)])
@pytest.mark.parametrize("scale", [1e-4, 1e3])
def test_directions_are_nearly_orthogonal_whatever_the_gradients_size(shape, scale):
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonalized(scale * torch.randn(shape)))
    assert values.min() > 0.5
    assert values.max() < 1.3


def test_no_gradient_is_no_step():
    assert orthogonalized(torch.zeros(4, 9)).tolist() == torch.zeros(4, 9).tolist()


class _Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Conv2d(3, 8, 3)
        self.head = nn.Conv2d(8, 3, 3)

    def forward(self, x):
        return self.head(torch.relu(self.body(x)))


def _trained(name, steps, frozen=""):
    torch.manual_seed(0)
    network, x = _Network(), torch.rand(2, 3, 8, 8)
    for key, parameter in network.named_parameters():
        parameter.requires_grad_(key != frozen)
    optimizer = make_optimizer(name, network, 2e-3)
    losses = []
    for _ in range(steps):
        loss = (network(x) - 0.5).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return network, losses


def test_biases_and_the_head_move_as_adam_moves_them():
    ours, _ = _trained("muon", 5, frozen="body.weight")
    adams, _ = _trained("adam", 5, frozen="body.weight")
    for parameter, expected in zip(ours.parameters(), adams.parameters(), strict=True):
        assert torch.allclose(parameter, expected, atol=1e-6)


@pytest.mark.parametrize("name", ["muon", "adam"])
@pytest.mark.parametrize(("kernel", "share"), [(3, 1), (12, 0.125)])
def test_what_a_large_head_paints_changes_no_faster_than_what_a_small_one_does(name, kernel, share):
    network = nn.ModuleDict({"head": nn.Conv2d(8, 3, kernel)})
    weight = network["head"].weight
    before = weight.detach().clone()
    optimizer = make_optimizer(name, network, 2e-3)
    weight.grad = torch.ones_like(weight)
    optimizer.step()
    assert torch.allclose(before - weight, torch.full_like(weight, 2e-3 * share), rtol=1e-3)


@pytest.mark.parametrize("name", ["muon", "adam"])
def test_a_small_network_learns(name):
    _, losses = _trained(name, 60)
    assert losses[-1] < losses[0] / 20


def test_a_closure_is_refused():
    with pytest.raises(ValueError, match="closure"):
        make_optimizer("muon", _Network(), 1e-3).step(lambda: 0.0)


def test_the_head_that_many_painters_share_is_adams_too():
    network = PaintersNet(NetworkConfig.for_tier("fast", channels=(8, 8, 16), blocks=1, painters=2))
    groups = make_optimizer("muon", network, 2e-3).param_groups
    matrices = {id(p) for group in groups if group["matrices"] for p in group["params"]}
    chosen = {name for name, parameter in network.named_parameters() if id(parameter) in matrices}
    assert "network.encoder.0.0.weight" in chosen
    assert "network.head.weight" not in chosen


def test_matrices_of_one_shape_are_made_orthogonal_each_for_itself():
    torch.manual_seed(0)
    matrices = torch.randn(3, 16, 27) * torch.tensor([1e-3, 1.0, 1e3]).view(3, 1, 1)
    together = orthogonalized(matrices)
    for one, expected in zip(together, map(orthogonalized, matrices), strict=True):
        assert torch.allclose(one, expected, atol=1e-5)


def test_parameters_that_had_fewer_steps_are_corrected_for_their_own_count():
    """As Adam's: a painter whose turn comes late begins with steps as long as the others began with."""
    ours, adams = (nn.ParameterList([torch.zeros(4), torch.zeros(4)]) for _ in range(2))
    optimizers = [make_optimizer(name, network, 0.01) for name, network in (("muon", ours), ("adam", adams))]
    for step in range(4):
        for network in (ours, adams):
            network[0].grad = torch.linspace(-1, 1, 4)
            network[1].grad = torch.linspace(1, 2, 4) if step > 1 else None
        for optimizer in optimizers:
            optimizer.step()
    for parameter, expected in zip(ours, adams, strict=True):
        assert torch.allclose(parameter, expected, atol=1e-6)
