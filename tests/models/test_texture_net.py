"""TextureNet: what its noise decides, what it does not depend on, and that textures tile.

What it keeps to as every network does is in test_transform_net.py.
"""

import pytest
import torch

from stylecam.models.texture_net import NOISE_SIDE, TextureConfig, TextureNet


def _network(photo, norm="instance", **changes):
    torch.manual_seed(0)
    return TextureNet(TextureConfig(photo, norm=norm, **changes)).eval().double()


def _noise(network, height=64, width=96, count=1, seed=5):
    return [layer.double() for layer in network.fresh_noise(count, height, width, seed)]


def _rolled(noise, down, right):
    """The same noise, moved by as many pixels of the finest scale."""
    steps = [2**n for n in reversed(range(len(noise)))]
    return [z.roll((down // step, right // step), (2, 3)) for z, step in zip(noise, steps, strict=True)]


@torch.no_grad()
@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_a_texture_moves_around_its_edges_with_its_noise(norm):
    network, x = _network(False, norm), torch.zeros(1, 3, 64, 96, dtype=torch.float64)
    noise = _noise(network)
    moved = network.body(x, _rolled(noise, 32, -16))
    assert torch.allclose(moved, network.body(x, noise).roll((32, -16), (2, 3)), atol=1e-9)


@torch.no_grad()
def test_textures_tile():
    network = _network(False)
    noise = _noise(network)
    tile = network.body(torch.zeros(1, 3, 64, 96).double(), noise)
    four = network.body(torch.zeros(1, 3, 128, 192).double(), [z.repeat(1, 1, 2, 2) for z in noise])
    assert torch.allclose(four, tile.repeat(1, 1, 2, 2), atol=1e-9)
    assert tile.std() > 0.01


@torch.no_grad()
def test_opposite_edges_of_a_photo_do_not_meet():
    network, x = _network(True, "batch", scales=2), torch.rand(1, 3, 64, 96).double()
    noise = _noise(network)
    other = x.clone()
    other[..., -8:] = 0  # changes the right edge
    difference = (network.body(x, noise) - network.body(other, noise)).abs().amax((0, 1, 2))
    assert difference[:48].max() == 0
    assert difference[-8:].min() > 0


@torch.no_grad()
@pytest.mark.parametrize("photo", [True, False])
def test_only_a_network_for_photos_sees_the_frame(photo):
    network = _network(photo)
    black, frame = torch.zeros(1, 3, 50, 70).double(), torch.rand(1, 3, 50, 70).double()
    assert torch.equal(network(black), network(frame)) is not photo


@torch.no_grad()
@pytest.mark.parametrize("photo", [True, False])
def test_outside_training_the_noise_is_fixed_and_in_training_it_is_fresh(photo):
    network, x = _network(photo).float(), torch.rand(2, 3, 48, 64)
    assert torch.equal(network(x), network(x))
    assert torch.equal(network(x, seed=1), network(x, seed=1))
    assert (network(x, seed=1) - network(x, seed=2)).abs().max() > 0.01
    assert (network(x, seed=1) - network(x)).abs().max() > 0.01
    same = network(x[:1].repeat(2, 1, 1, 1), seed=1)  # each picture of a batch has noise of its own
    assert (same[0] - same[1]).abs().max() > 0.01


def test_fresh_noise_is_uniform_and_leaves_the_callers_random_state():
    state = torch.get_rng_state()
    noise = TextureNet(TextureConfig()).fresh_noise(2, 64, 96, seed=3)
    torch.set_rng_state(state)
    again = TextureNet(TextureConfig(photo=False)).fresh_noise(2, 64, 96, seed=3)
    assert [tuple(z.shape) for z in noise] == [(2, 3, 64 // 2**n, 96 // 2**n) for n in (4, 3, 2, 1, 0)]
    assert all(torch.equal(a, b) for a, b in zip(noise, again, strict=True))
    assert 0 <= min(z.min() for z in noise) < max(z.max() for z in noise) < 1
    assert noise[-1].mean().item() == pytest.approx(0.5, abs=0.02)
    assert noise[-1].var().item() == pytest.approx(1 / 12, abs=0.01)


def test_the_fixed_noise_is_a_tile_that_repeats():
    network = _network(False, scales=2)
    coarse, fine = network.fixed_noise(1, 2 * NOISE_SIDE, 4 * NOISE_SIDE + 2)
    assert torch.equal(fine[..., :NOISE_SIDE, :NOISE_SIDE], network.noise_1)
    assert torch.equal(fine[..., NOISE_SIDE:, 3 * NOISE_SIDE : -2], network.noise_1)
    assert torch.equal(coarse[..., NOISE_SIDE : 2 * NOISE_SIDE], network.noise_0)
    assert coarse.shape[-2:] == (NOISE_SIDE, 2 * NOISE_SIDE + 1)


def test_the_network_is_that_of_ulyanov_et_al():
    network = TextureNet(TextureConfig(norm="batch"))
    assert [block[1].in_channels for block in network.inputs] == [6] * 5  # noise and photo
    assert [block[1].out_channels for block in network.blocks] == [16, 24, 32, 40]
    assert [m.kernel_size[0] for m in network.inputs[0] if isinstance(m, torch.nn.Conv2d)] == [3, 3, 1]
    assert (network.head.in_channels, network.head.out_channels, network.head.kernel_size) == (40, 3, (1, 1))
    assert TextureNet(TextureConfig(photo=False)).inputs[0][1].in_channels == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"scales": 0},
        {"scales": 6},
        {"scales": 2.0},
        {"scales": True},
        {"width": 0},
        {"width": 10**9},
        {"width": "8"},
        {"norm": "layer"},
        {"photo": 1},
        {"photo": None},
        {"tier": "fast"},
        {"kind": "transform"},
        {"channels": [8]},
    ],
)
def test_forged_descriptions_are_refused(changes):
    with pytest.raises((TypeError, ValueError)):
        TextureConfig.from_dict({**TextureConfig().to_dict(), **changes})
