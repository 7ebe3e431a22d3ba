"""From a style file back to its network."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from stylecam.export.onnx_export import export_style
from stylecam.models.catalog import BUNDLED, Style
from stylecam.models.checkpoint import Checkpoint, save_checkpoint
from stylecam.models.errors import StyleError
from stylecam.models.networks import build_network
from stylecam.models.style_network import network_of
from stylecam.models.texture_net import TextureConfig
from stylecam.models.transform_net import NetworkConfig
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.training.tensors import to_picture, to_tensor

FAST = NetworkConfig.for_tier("fast", channels=(8, 8, 16), blocks=1)
FULL = NetworkConfig.for_tier("full", channels=(8, 8, 16), blocks=1)
JOHNSON = NetworkConfig.for_tier("full", light=False, channels=(8, 8, 16), blocks=1)


def _style(config, folder):
    torch.manual_seed(0)
    network = build_network(config.to_dict()).eval()
    with torch.no_grad():
        for parameter in network.parameters():  # as after a training: no two norms and phases are alike
            parameter.add_(torch.randn_like(parameter) / 20)
    save_checkpoint(folder / "x.safetensors", Checkpoint(network, {"step": 1, "recipe": {"name": "x"}}))
    export_style(folder / "x.safetensors", folder / "x-fast.onnx")
    return network, Style.read(folder / "x-fast.onnx")


@pytest.mark.parametrize(
    "config",
    [FAST, replace(FAST, detail=False), replace(FAST, trunk=4), replace(FAST, output="tanh"), FULL, JOHNSON],
    ids=["fast", "fast-plain", "fast-4", "fast-tanh", "full", "johnson"],
)
def test_the_network_of_a_style_paints_as_the_one_that_was_exported(config, tmp_path):
    network, style = _style(config, tmp_path)
    again = network_of(style)
    assert again.config == config
    x = torch.rand(1, 3, 45, 64)
    with torch.no_grad():  # one level of 255: the file's weights are rounded to 16 bits
        assert torch.allclose(again(x), network(x), atol=1 / 255)


@pytest.mark.parametrize("file", sorted(BUNDLED.glob("*.onnx")), ids=lambda file: file.stem)
def test_every_bundled_style_can_be_trained_on(file):
    """A file of an older exporter would be off by half a level."""
    style = Style.read(file)
    frame = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    painted = Stylizer(style, "cpu")(frame).astype(float)
    with torch.no_grad():
        again = network_of(style)(to_tensor(frame[..., ::-1]))
    assert np.abs(to_picture(again)[..., ::-1] - painted).mean() < 0.02
    assert style.record("training")["vgg"] > 0


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (TextureConfig(photo=True, scales=2, width=4), "it paints textures"),
        (NetworkConfig.for_tier("fast", channels=(8, 8, 16), blocks=1, norm="batch"), "it has no encoder"),
    ],
    ids=["texture", "batch"],
)
def test_what_cannot_be_trained_on_is_refused(config, reason, tmp_path):
    _, style = _style(config, tmp_path)
    with pytest.raises(StyleError, match=rf"cannot be trained on \({reason}.*\): give its checkpoint"):
        network_of(style)


def test_a_file_of_another_origin_is_refused():
    style = Style.read(BUNDLED / "hokusai-fast.onnx")
    foreign = Style(style.path, style.data, {"name": "x"})
    with pytest.raises(StyleError, match="cannot be trained on"):
        network_of(foreign)
