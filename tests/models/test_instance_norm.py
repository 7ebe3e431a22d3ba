"""Instance norm: torch's own values and gradients, and a picture's memory format stays."""

import pytest
import torch
from torch import nn

from stylecam.models.instance_norm import InstanceNorm


@pytest.fixture(params=[1, 3])
def norms(request):
    """Ours, torch's with the same numbers, and pictures for both."""
    torch.manual_seed(0)
    ours, torchs = InstanceNorm(4), nn.InstanceNorm2d(4, affine=True)
    with torch.no_grad():
        ours.weight.uniform_(0.5, 2)
        ours.bias.normal_()
    torchs.load_state_dict(ours.state_dict())
    pictures = (3 * torch.randn(request.param, 4, 6, 5) + 1).contiguous(memory_format=torch.channels_last)
    return ours, torchs, pictures


@pytest.mark.parametrize("training", [True, False])
def test_values_and_gradients_are_those_of_torchs_own(norms, training):
    ours, torchs, pictures = norms
    found = []
    for norm in (ours, torchs):
        x = pictures.clone().requires_grad_()
        y = norm.train(training)(x)
        (y * torch.linspace(-1, 1, y.numel()).view_as(y)).sum().backward()
        found.append((y, x.grad, norm.weight.grad, norm.bias.grad))
    for mine, theirs in zip(*found, strict=True):
        assert torch.allclose(mine, theirs, atol=1e-5)


def test_channels_stay_last_while_it_learns(norms):
    ours, _, pictures = norms
    given = pictures.requires_grad_()
    painted = ours.train()(given)
    (gradient,) = torch.autograd.grad(painted.square().sum(), given)
    assert painted.is_contiguous(memory_format=torch.channels_last)
    assert gradient.is_contiguous(memory_format=torch.channels_last)


def test_a_picture_is_normalized_as_if_it_were_alone(norms):
    ours, _, pictures = norms
    together = ours.train()(pictures)
    assert torch.equal(together[:1], ours(pictures[:1]))
