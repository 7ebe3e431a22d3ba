"""The losses against formulas in numpy, by hand, and by their properties."""

import copy
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from stylecam.training.losses.feature_distances import content_distance, gram_matrix, style_distance
from stylecam.training.losses.forms import CONTENT_LAYER, STYLE_LAYERS
from stylecam.training.losses.grid_loss import grid_loss
from stylecam.training.losses.perceptual import PerceptualLoss
from stylecam.training.losses.stability_loss import Disturbance, disturb, stability_loss
from stylecam.training.losses.tv_loss import total_variation
from stylecam.training.losses.vgg import VGGFeatures
from stylecam.training.schedule import style_weight_at

STILL = Disturbance(shift=0, rotation=0, zoom=0, brightness=0, noise=0)


def _random(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape))


def test_gram_matrix_by_hand():
    features = torch.tensor([[[[1.0, 2.0]], [[3.0, -1.0]]]])  # two channels, two places
    assert gram_matrix(features).tolist() == [[[2.5, 0.5], [0.5, 5.0]]]


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_gram_matrix_does_not_change_when_the_picture_is_tiled(rows, columns, seed):
    features = _random(1, 3, 4, 5, seed=seed)
    assert torch.allclose(gram_matrix(features.tile(1, 1, rows, columns)), gram_matrix(features))


@pytest.mark.parametrize("format", [torch.contiguous_format, torch.channels_last])
def test_gram_matrix_of_bfloat16_features_differs_by_rounding_only(format):
    features = torch.relu(_random(2, 16, 8, 8).float()).contiguous(memory_format=format)
    exact, lowered = gram_matrix(features), gram_matrix(features.bfloat16())
    assert lowered.dtype == torch.float32
    assert torch.allclose(lowered, exact, rtol=2e-2, atol=1e-3)


def test_grid_loss_is_the_variance_of_what_repeats():
    wave = torch.tensor([1.0, -1.0]).repeat(16).expand(2, 3, 32, 32)  # columns of period 2
    assert grid_loss(0.5 + 0.1 * wave, 8, 1.0).item() == pytest.approx(0.01)
    assert grid_loss(0.5 + 0.1 * wave, 8, 0.5).item() == pytest.approx(0.02)
    opposite = torch.cat([wave[:1], -wave[:1]])
    assert grid_loss(0.5 + 0.1 * opposite, 8, 1.0).item() == pytest.approx(0, abs=1e-9)


def test_grid_loss_leaves_smooth_pictures_alone():
    ramp = torch.linspace(0, 1, 64).expand(1, 3, 64, 64)
    assert grid_loss(ramp, 8, 1.0).item() < 2e-3  # the ramp's own rise within 8 px


def test_a_loss_in_lower_precision_is_nearly_the_same(vgg_file):
    torch.manual_seed(0)
    loss = PerceptualLoss(VGGFeatures((*STYLE_LAYERS, CONTENT_LAYER), vgg_file), torch.rand(1, 3, 64, 64))
    lower = loss.with_vgg(copy.deepcopy(loss.vgg).bfloat16())
    pictures, photos = torch.rand(2, 3, 64, 64) ** 4, torch.rand(2, 3, 64, 64)
    for exact, rounded in zip(
        loss(pictures, loss.content_target(photos)), lower(pictures, lower.content_target(photos)), strict=True
    ):
        assert torch.allclose(exact, rounded, rtol=0.15)
    assert next(loss.vgg.parameters()).dtype == torch.float32  # the first one is not touched


def test_distances_are_the_formulas():
    y, x = _random(2, 3, 4, 5, seed=1), _random(2, 3, 4, 5, seed=2)
    gram_y, gram_x = gram_matrix(y), gram_matrix(x)
    for n in range(2):
        a, b = y[n].numpy(), x[n].numpy()
        assert content_distance(y, x)[n] == pytest.approx(((a - b) ** 2).sum() / (b**2).sum())
        flat_a, flat_b = a.reshape(3, -1), b.reshape(3, -1)
        ga, gb = flat_a @ flat_a.T / 20, flat_b @ flat_b.T / 20
        assert style_distance(gram_y, gram_x)[n] == pytest.approx(((ga - gb) ** 2).sum() / (gb**2).sum())


def test_one_painting_serves_a_whole_batch():
    grams, painting = gram_matrix(_random(3, 4, 5, 6)), gram_matrix(_random(1, 4, 5, 6, seed=9))
    expected = [style_distance(grams[n : n + 1], painting).item() for n in range(3)]
    assert style_distance(grams, painting).tolist() == pytest.approx(expected)


@given(st.floats(0.01, 100), st.integers(0, 100))
@settings(max_examples=20, deadline=None)
def test_distances_have_no_unit(scale, seed):
    y, x = _random(1, 3, 4, 4, seed=seed), _random(1, 3, 4, 4, seed=seed + 1)
    assert content_distance(scale * y, scale * x).item() == pytest.approx(content_distance(y, x).item())
    scaled = style_distance(gram_matrix(scale * y), gram_matrix(scale * x)).item()
    assert scaled == pytest.approx(style_distance(gram_matrix(y), gram_matrix(x)).item())


def test_distances_to_itself_are_zero():
    x = _random(2, 3, 4, 5)
    assert content_distance(x, x).tolist() == [0, 0]
    assert style_distance(gram_matrix(x), gram_matrix(x)).tolist() == [0, 0]


def test_total_variation_is_the_formula():
    x = _random(2, 3, 4, 5)
    a = x.numpy()
    expected = (np.diff(a, axis=3) ** 2).mean((1, 2, 3)) + (np.diff(a, axis=2) ** 2).mean((1, 2, 3))
    assert total_variation(x).tolist() == pytest.approx(expected.tolist())
    assert total_variation(torch.full((1, 3, 8, 8), 0.3)).item() == 0


def test_gradients():
    y = _random(1, 2, 3, 4).requires_grad_()
    target = _random(1, 2, 3, 4, seed=5)
    grid = disturb(torch.rand(1, 2, 3, 4).expand(1, 2, 3, 4)[:, :2], STILL, torch.Generator())[1].double()
    functions = [
        gram_matrix,
        lambda y: grid_loss(F.pad(y, (0, 0, 0, 1)), 4, 0.1),
        lambda y: content_distance(y, target),
        lambda y: style_distance(gram_matrix(y), gram_matrix(target)),
        total_variation,
        lambda y: stability_loss(y, 0.5 * y + target, grid * 0.9, 0.1),
    ]
    for function in functions:
        assert torch.autograd.gradcheck(function, (y,))


def test_style_weight_rises_from_a_tenth_and_stays():
    weights = [style_weight_at(step, 300, 10.0) for step in range(300)]
    assert weights[0] == pytest.approx(1.0)
    assert weights[50] == pytest.approx(5.5)
    assert weights[100:] == pytest.approx([10.0] * 200)
    assert weights == sorted(weights)
    assert style_weight_at(0, 1, 10.0) == pytest.approx(1.0)  # even the shortest run is defined


@pytest.mark.parametrize(("height", "width"), [(24, 24), (20, 36)])
def test_a_disturbance_by_whole_pixels_is_a_roll(height, width, monkeypatch):
    x = torch.rand(1, 3, height, width)
    draws = iter([0.0, 0.0, 3.0, -2.0, 0.0])  # angle, zoom, right, down, brightness, as fractions of the limits 1

    def rand(count, generator):
        return torch.full((count,), (next(draws) + 1) / 2)

    monkeypatch.setattr("stylecam.training.losses.stability_loss.torch.rand", rand)
    moved, grid = disturb(x, Disturbance(shift=1, rotation=1, zoom=1, brightness=1, noise=0), torch.Generator())
    rolled = x.roll((2, -3), (2, 3))
    assert torch.allclose(moved[..., 4:-4, 4:-4], rolled[..., 4:-4, 4:-4], atol=1e-5)
    assert grid.shape == (1, height, width, 2)


def test_a_rotation_keeps_lengths_whatever_the_aspect():
    x = torch.rand(8, 3, 20, 50)
    limits = Disturbance(shift=0, rotation=5, zoom=0, brightness=0, noise=0)
    _, grid = disturb(x, limits, torch.Generator().manual_seed(1))
    px = grid * torch.tensor([50 / 2, 20 / 2])  # from -1..1 to pixels around the centre
    for step in (px[:, 1:] - px[:, :-1], px[:, :, 1:] - px[:, :, :-1]):
        assert torch.allclose(step.norm(dim=-1), torch.ones(()), atol=1e-4)
    angle = torch.atan2(px[:, 0, 1, 1] - px[:, 0, 0, 1], px[:, 0, 1, 0] - px[:, 0, 0, 0])
    assert angle.abs().max() <= math.radians(5) + 1e-4
    assert angle.std() > 0


def test_a_disturbance_is_decided_by_its_generator():
    x = torch.rand(2, 3, 16, 16)
    a, b, c = (disturb(x, Disturbance(), torch.Generator().manual_seed(seed)) for seed in (4, 4, 5))
    assert torch.equal(a[0], b[0])
    assert torch.equal(a[1], b[1])
    assert not torch.equal(a[0], c[0])
    assert 0 <= a[0].min() <= a[0].max() <= 1


def test_a_steady_network_has_no_stability_loss():
    x = torch.rand(1, 3, 32, 32)
    moved, grid = disturb(x, Disturbance(brightness=0, noise=0), torch.Generator().manual_seed(0))
    assert stability_loss(x, moved, grid, 0.05).item() == pytest.approx(0, abs=1e-9)
    assert stability_loss(x, moved + 0.1, grid, 0.05).item() == pytest.approx(0.01 / 0.05, rel=1e-3)


def test_pixels_from_outside_do_not_count():
    x = torch.rand(1, 3, 8, 8)
    _, grid = disturb(x, STILL, torch.Generator())
    grid = grid.clone()
    grid[:, :, 4:] += 4  # the right half comes from outside
    stylized_moved = x.clone()
    stylized_moved[..., 4:] = 9.0
    assert stability_loss(x, stylized_moved, grid, 1.0).item() == pytest.approx(0, abs=1e-9)


@pytest.fixture(scope="module")
def vgg(vgg_file):
    return VGGFeatures(("relu1_2", "relu2_2", "relu3_3", "relu4_3"), vgg_file)


def test_perceptual_loss_of_the_painting_and_the_photo_themselves_is_zero(vgg):
    painting, photo = torch.rand(1, 3, 64, 80), torch.rand(1, 3, 64, 64)
    loss = PerceptualLoss(vgg, painting)
    assert loss(painting, loss.content_target(painting))[1].item() == pytest.approx(0, abs=1e-9)
    content, style = loss(photo, loss.content_target(photo))
    assert content.item() == 0
    assert style.item() > 0
    assert loss.content_target(photo).shape[1] == {"relu3_3": 256}[CONTENT_LAYER]


def test_a_painting_of_one_colour_divides_by_no_zero(vgg):
    assert PerceptualLoss(vgg, torch.full((1, 3, 64, 64), 0.5)).painting_variance > 0


def test_the_real_vgg_sees_the_painting_in_itself(shared):
    from stylecam.training.data import read_picture, resize_short_side
    from stylecam.training.tensors import to_tensor

    vgg = VGGFeatures(("relu1_2", "relu2_2", "relu3_3", "relu4_3"), shared / "vgg" / "vgg16_features.safetensors")
    painting = to_tensor(resize_short_side(read_picture(shared / "styles" / "hokusai.jpg"), 128))
    other = to_tensor(resize_short_side(read_picture(shared / "styles" / "scream.jpg"), 128))
    loss = PerceptualLoss(vgg, painting)
    assert loss(painting, loss.content_target(painting))[1].item() == pytest.approx(0, abs=1e-6)
    assert loss(other, loss.content_target(other))[1].item() > 0.05
