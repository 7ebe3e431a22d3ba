"""The sliced Wasserstein distance: known answers, and what it sees that a Gram matrix does not."""

import pytest
import torch

from stylecam.training.losses.feature_distances import gram_matrix, style_distance
from stylecam.training.losses.swd_loss import swd_loss
from stylecam.training.losses.wasserstein import directions, quantiles, sliced_wasserstein

(ALONG,) = directions([8], count=32)


def _distance(first, other, count=512):
    return float(sliced_wasserstein(quantiles(first, ALONG, count), quantiles(other, ALONG, count)))


def test_directions_are_unit_vectors_and_always_the_same():
    first, other = directions([8, 16], count=5, seed=1), directions([8, 16], count=5, seed=1)
    assert [tuple(vectors.shape) for vectors in first] == [(5, 8), (5, 16)]
    assert all(torch.equal(a, b) for a, b in zip(first, other, strict=True))
    assert torch.allclose(first[1].norm(dim=1), torch.ones(5))


def test_it_is_zero_for_the_same_pixels_in_any_order():
    pixels = torch.randn(1, 1000, 8)
    assert _distance(pixels, pixels[:, torch.randperm(1000)]) == pytest.approx(0, abs=1e-9)


def test_a_shift_has_the_distance_of_the_shift():
    pixels, shift = torch.randn(1, 4000, 8), torch.randn(8)
    target = quantiles(pixels, ALONG)
    expected = float((ALONG @ shift).square().mean() / target.square().mean())
    assert _distance(pixels + shift, pixels) == pytest.approx(expected, rel=1e-3)


def test_so_many_or_fewer_pixels_can_be_compared():
    pixels = torch.randn(1, 20_000, 8)
    few, many = quantiles(pixels[:, :300], ALONG), quantiles(pixels, ALONG)
    assert few.shape == many.shape == (1, 32, 512)
    assert float(sliced_wasserstein(few, many)) < 0.05
    assert (many.diff(dim=-1) >= 0).all()


def test_rare_values_are_seen_where_gram_matrices_agree():
    """A hundredth of all pixels ten times as strong has the Gram matrix of all pixels alike."""
    alike = torch.ones(1, 1, 1, 10_000)
    rare = torch.zeros(1, 1, 1, 10_000)
    rare[..., ::100] = 10
    assert float(style_distance(gram_matrix(rare), gram_matrix(alike))) == pytest.approx(0, abs=1e-6)
    along = torch.ones(1, 1)
    found = [quantiles(features.view(1, -1, 1), along) for features in (rare, alike)]
    assert float(sliced_wasserstein(*found)) > 0.5


def test_half_precision_pixels_give_float32_quantiles():
    assert quantiles(torch.randn(2, 64, 8).bfloat16(), ALONG).dtype == torch.float32


@pytest.mark.parametrize("batch", [1, 2])
def test_gradients_of_style_losses_keep_the_channels_last(batch):
    """As the VGG's own gradient has them: two formats are added ten times as slowly, a seventh of a training step."""
    features = torch.randn(batch, 8, 192, 128).contiguous(memory_format=torch.channels_last).requires_grad_()
    target = quantiles(torch.randn(1, 4000, 8), ALONG, 2048)
    losses = swd_loss(features, ALONG, target, torch.Generator()).sum(), gram_matrix(features).sum()
    for loss in losses:
        (gradient,) = torch.autograd.grad(loss, features)
        assert gradient.is_contiguous(memory_format=torch.channels_last)
