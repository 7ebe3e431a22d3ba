"""What every network of every kind keeps to, and what the fast one promises at its start."""

import json

import pytest
import torch
import torch.nn.functional as F

from stylecam.models.networks import build_network
from stylecam.models.texture_net import TextureConfig
from stylecam.models.transform_net import BinomialBlur, NetworkConfig, SubPixelHead, TransformNet, padding_for

CONFIGS = [
    NetworkConfig.for_tier(tier, norm=norm, output=output, channels=(8, 8, 16), blocks=1)
    for tier in ("fast", "full")
    for norm, output in (("instance", "linear"), ("instance", "tanh"), ("batch", "linear"))
]
CONFIGS.append(NetworkConfig.for_tier("full", channels=(8, 8, 16), decoder=(4, 12), blocks=1, sparse_norm=False))
CONFIGS += [
    NetworkConfig.for_tier("full", light=False, channels=(8, 8, 16), blocks=1, output=o) for o in ("linear", "tanh")
]
CONFIGS.append(NetworkConfig.for_tier("fast", trunk=4, channels=(8, 8, 16), blocks=1))
for path in ("blur", "detail"):
    CONFIGS += [NetworkConfig.for_tier(t, channels=(8, 8, 16), blocks=1, **{path: False}) for t in ("fast", "full")]
CONFIGS.append(NetworkConfig.for_tier("fast", channels=(8, 8, 16), blocks=1, painters=2))
CONFIGS += [TextureConfig(photo, width=4, norm=norm) for photo in (True, False) for norm in ("instance", "batch")]


def _name(config):
    if isinstance(config, TextureConfig):
        return f"{'picture' if config.photo else 'texture'}-{config.norm}"
    marks = [name for name in ("sparse_norm", "blur", "detail", "painters", "light") if getattr(config, name)]
    return "-".join([config.tier, config.norm, config.output, str(config.stride), *marks])


def _network(config, seed=0):
    torch.manual_seed(seed)
    return build_network(config.to_dict()).eval()


@pytest.mark.parametrize("config", CONFIGS, ids=_name)
@pytest.mark.parametrize("size", [(32, 32), (33, 47), (61, 34), (64, 96)])
def test_shape_is_kept_and_values_are_finite(config, size):
    x = torch.rand(2, 3, *size)
    with torch.no_grad():
        y = _network(config)(x)
    assert y.shape == x.shape
    assert torch.isfinite(y).all()
    if getattr(config, "output", None) == "tanh" and not config.detail:
        assert y.min() >= 0
        assert y.max() <= 1


@pytest.mark.parametrize("config", CONFIGS, ids=_name)
def test_pictures_of_a_batch_do_not_meet(config):
    network, x = _network(config).double(), torch.rand(2, 3, 40, 40).double()
    with torch.no_grad():
        assert torch.allclose(network(x)[:1], network(x[:1]), atol=1e-9)


@pytest.mark.parametrize("reflect", [False, True])
def test_blur_takes_the_finest_wave_and_leaves_what_is_plain(reflect):
    rows, columns = torch.meshgrid(torch.arange(8), torch.arange(10), indexing="ij")
    for wave in (rows % 2, columns % 2, (rows + columns) % 2):
        x = (1 - 2.0 * wave).repeat(1, 3, 1, 1)
        assert BinomialBlur(3, reflect)(x)[..., 1:-1, 1:-1].abs().max() < 1e-6
    plain = torch.rand(2, 3, 1, 1).expand(2, 3, 8, 10)
    inner = BinomialBlur(3, reflect)(plain)[..., 1:-1, 1:-1]
    assert torch.allclose(inner, plain[..., 1:-1, 1:-1])


@pytest.mark.parametrize("kind", [{"tier": "fast"}, {"tier": "full"}, {"tier": "full", "light": False}])
def test_finest_wave_of_the_blocks_reaches_no_picture(kind):
    network = TransformNet(NetworkConfig.for_tier(**kind, channels=(8, 8, 16), blocks=1)).double().eval()
    x = torch.rand(1, 3, 96, 96).double()

    def add_wave(module, arguments, features):
        rows, columns = (torch.arange(side) for side in features.shape[-2:])
        return features + 1 - 2 * ((rows[:, None] + columns) % 2)

    with torch.no_grad():
        before = network(x)
        network.residuals.register_forward_hook(add_wave)
        # The decoder's norms see a little of it, at the border where the blur is cut.
        assert (network(x) - before)[..., 32:-32, 32:-32].abs().max() < 0.02 * before.std()
        network.blur = torch.nn.Identity()
        assert (network(x) - before)[..., 32:-32, 32:-32].abs().max() > 0.2 * before.std()


@pytest.mark.parametrize("seed", range(3))
def test_fast_starts_without_a_grid(seed):
    x = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        y = _network(NetworkConfig.for_tier("fast", detail=False), seed)(x)
    # All four phases of the sub-pixel head are the same kernel: squares of 2x2 equal pixels.
    for phase in (y[..., 1::2, ::2], y[..., ::2, 1::2], y[..., 1::2, 1::2]):
        assert torch.allclose(phase, y[..., ::2, ::2], atol=1e-6)


@pytest.mark.parametrize("trunk", [0, 4])
def test_strokes_move_with_a_photo_that_moves_by_the_stride(trunk):
    config = NetworkConfig.for_tier("fast", trunk=trunk, norm="batch", channels=(8, 8, 16), blocks=1, detail=False)
    network, photo = _network(config), torch.rand(1, 3, 200, 160)
    with torch.no_grad():
        first = network(photo[:, :, :160])[:, :, 64 + config.stride : 96 + config.stride, 64:96]
        moved = network(photo[:, :, config.stride : config.stride + 160])[:, :, 64:96, 64:96]
    assert config.stride == (trunk or 8)
    assert torch.allclose(first, moved, atol=1e-5)


def test_a_network_that_reflects_has_no_border_on_a_flat_picture():
    config = NetworkConfig.for_tier("full", light=False, norm="batch", channels=(8, 8, 16), blocks=2)
    with torch.no_grad():
        y = _network(config)(torch.full((1, 3, 48, 56), 0.3))
    assert (y.amax((2, 3)) - y.amin((2, 3))).max() < 1e-5


def test_reference_network_has_the_layers_of_johnson_et_al():
    network = TransformNet(NetworkConfig.for_tier("full", light=False, detail=False))
    kernels = [m.kernel_size[0] for m in network.modules() if isinstance(m, torch.nn.Conv2d)]
    assert kernels == [9, 3, 3, *[3] * 10, 3, 3, 9]
    assert {m.padding_mode for m in network.modules() if isinstance(m, torch.nn.Conv2d)} == {"reflect"}


@pytest.mark.parametrize("tier", ["fast", "full"])
def test_a_network_fits_in_its_file(tier):
    parameters = sum(p.numel() for p in TransformNet(NetworkConfig.for_tier(tier)).parameters())
    assert parameters * 4 < 1_500_000


@pytest.mark.parametrize("stride", [4, 8])
@pytest.mark.parametrize("margin", [0, 8])
def test_padding_reaches_the_stride_and_no_further(stride, margin):
    for size in range(32, 32 + 2 * stride):
        before, after = padding_for(size, margin, stride)
        assert before == margin
        assert margin <= after < margin + stride
        assert (size + before + after) % stride == 0


@pytest.mark.parametrize("config", CONFIGS, ids=_name)
def test_config_survives_json(config):
    assert build_network(json.loads(json.dumps(config.to_dict()))).config == config


def test_networks_of_before_the_decoder_could_differ_are_still_known():
    old = {"tier": "fast", "channels": [16, 32, 48], "blocks": 4, "margin": 16, "norm": "instance", "output": "linear"}
    network = TransformNet(NetworkConfig.from_dict(old))
    norms = [m.num_features for m in network.modules() if isinstance(m, torch.nn.InstanceNorm2d)]
    assert norms == [16, 32, 48, *[48] * 8, 32, 16]
    full = TransformNet(NetworkConfig.from_dict({**old, "tier": "full", "margin": 0}))
    assert full.encoder[0][0].kernel_size == (9, 9)  # every network of tier full had the layers of Johnson et al.


def test_sparse_norm_leaves_the_outer_stages_and_the_ends_of_branches_alone():
    network = TransformNet(NetworkConfig.for_tier("fast", blocks=2))
    norms = [m.num_features for m in network.modules() if isinstance(m, torch.nn.InstanceNorm2d)]
    assert norms == [32, 48, 48, 48, 32, 32]


@pytest.mark.parametrize(
    "changes",
    [
        {"decoder": (8,)},
        {"decoder": (8, 0)},
        {"norm": "layer"},
        {"output": "relu"},
        {"channels": (8, 8)},
        {"channels": (8, 0, 8)},
        {"channels": (8, 8, 10**9)},
        {"blocks": 0},
        {"blocks": 10**6},
        {"margin": -1},
        {"trunk": 2},
        {"refine": 65},
        {"painters": -1},
    ],
)
def test_impossible_networks_are_refused(changes):
    with pytest.raises(ValueError, match=r"network|norm|stage|trunk"):
        NetworkConfig.for_tier("fast", **changes)


def test_a_trunk_that_a_tier_has_not_is_refused():
    with pytest.raises(ValueError, match="tier full has no trunk of 4: 4 is for tier fast"):
        NetworkConfig.for_tier("full", trunk=4)


def test_only_tier_full_is_light():
    with pytest.raises(ValueError, match="only a network of tier full is light, not one of tier fast"):
        NetworkConfig.for_tier("fast", light=True)


def test_an_unknown_tier_is_refused():
    with pytest.raises(ValueError, match="unknown tier 'huge'"):
        NetworkConfig.for_tier("huge")


def test_the_sub_pixel_head_paints_no_lattice_on_flat_areas_whatever_its_weights():
    torch.manual_seed(0)
    head = SubPixelHead(16, 2)
    with torch.no_grad():
        head.weight.normal_()
        head.bias.normal_()
        picture = F.pixel_shuffle(head(torch.rand(1, 16, 1, 1).expand(1, 16, 12, 12)), 2)[..., 2:-2, 2:-2]
    assert (picture - picture[..., :1, :1]).abs().max() < 1e-4
    textured = F.pixel_shuffle(head(torch.rand(1, 16, 12, 12)), 2).detach()
    assert (textured[..., ::2] - textured[..., 1::2]).abs().mean() > 0.1  # it can still paint details
