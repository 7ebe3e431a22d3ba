"""From tier fast to tier full, and what stays the same on the way."""

import pytest
import torch
import torch.nn.functional as F

from stylecam.models.catalog import BUNDLED, Style
from stylecam.models.doubled import can_be_doubled, doubled
from stylecam.models.networks import build_network
from stylecam.models.style_network import network_of
from stylecam.models.transform_net import NetworkConfig

EDGE = 24  # px: nearer to the border zeros are seen


def _scene():
    torch.manual_seed(0)
    return F.interpolate(torch.rand(1, 3, 14, 16), scale_factor=12, mode="bicubic").clamp(0, 1)


@pytest.mark.parametrize("style", ["hokusai", "udnie"])
def test_a_doubled_painter_paints_as_on_a_picture_of_twice_the_size(style):
    fast = network_of(Style.read(BUNDLED / f"{style}-fast.onnx"))
    full = doubled(fast)
    assert (full.config.tier, full.config.light, full.training) == ("full", True, False)
    for name in ("fine", "chroma"):
        assert torch.equal(getattr(full.detail, name), getattr(fast.detail, name))
    full.detail = fast.detail = None  # its window is another
    x = _scene()
    with torch.no_grad():
        larger = F.interpolate(x, scale_factor=2, mode="bilinear")
        wanted = F.avg_pool2d(F.pixel_shuffle(fast.body(larger), 2), 2)
        difference = (full.body(x) - wanted).abs()[..., EDGE:-EDGE, EDGE:-EDGE].mean()
    assert difference < 0.03 * wanted.std()  # what is left comes from the border, through the norms


def test_a_doubled_painter_is_another_than_the_one_of_tier_fast():
    fast = network_of(Style.read(BUNDLED / "udnie-fast.onnx"))
    before = {name: value.clone() for name, value in fast.state_dict().items()}
    with torch.no_grad():
        for parameter in doubled(fast).parameters():
            parameter.add_(1)
    assert all(torch.equal(value, before[name]) for name, value in fast.state_dict().items())


@pytest.mark.parametrize(
    "config",
    [
        NetworkConfig.for_tier("fast", trunk=4),
        NetworkConfig.for_tier("full"),
        NetworkConfig.for_tier("full", light=False),
    ],
    ids=["trunk", "full", "johnson"],
)
def test_what_cannot_be_doubled(config):
    assert not can_be_doubled(config)
    with pytest.raises(ValueError, match="only a network of tier fast without a trunk can be doubled"):
        doubled(build_network(config.to_dict()))


@pytest.mark.parametrize("norm", ["instance", "batch"])
@pytest.mark.parametrize("output", ["linear", "tanh"])
def test_every_fast_network_without_a_trunk_can_be_doubled(norm, output):
    torch.manual_seed(0)
    config = NetworkConfig.for_tier("fast", channels=(8, 8, 16), blocks=1, norm=norm, output=output, refine=0)
    larger = doubled(build_network(config.to_dict()))
    assert larger.config.channels == config.channels
    with torch.no_grad():
        assert torch.isfinite(larger(_scene())).all()
