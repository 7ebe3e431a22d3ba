"""The optimisation methods' losses against their formulas in numpy, in float64."""

import numpy as np
import pytest
import torch

from stylecam.training.optimize.pixel_losses import content_loss, correlation, style_loss, variation_loss


def _random(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape))


def test_content_losses_are_the_formulas():
    y, x = _random(1, 3, 4, 5, seed=1), _random(1, 3, 4, 5, seed=2)
    squares = ((y.numpy() - x.numpy()) ** 2).sum()
    assert content_loss(y, x).item() == pytest.approx(squares / 2)
    assert content_loss(y, x, "cs20").item() == pytest.approx(squares / (4 * 3 * 4 * 5))
    assert content_loss(y, x, "keras").item() == pytest.approx(squares)
    with pytest.raises(ValueError, match="no content loss mean"):
        content_loss(y, x, "mean")


def _gram(features):
    """The papers' matrix: not divided by the places."""
    flat = features.numpy().reshape(features.shape[1], -1)
    return flat @ flat.T


def test_style_losses_are_the_formulas_of_the_papers():
    y, a = _random(1, 3, 4, 5, seed=1), _random(1, 3, 4, 5, seed=2)
    matrices = correlation(y), correlation(a)
    channels, places, picture = 3, 20, 8 * 10
    squares = ((_gram(y) - _gram(a)) ** 2).sum()
    assert style_loss(*matrices).item() == pytest.approx(squares / (4 * channels**2 * places**2))
    keras = style_loss(*matrices, "keras", places=(places, picture))
    assert keras.item() == pytest.approx(squares / (4 * 3**2 * picture**2))
    lengths = abs(_gram(y) - _gram(a)).sum()
    for form in ("gatys", "keras"):
        found = style_loss(*matrices, form, "l1").item()
        assert found == pytest.approx(lengths / (channels * places) / channels**2)
    with pytest.raises(ValueError, match="no style loss gatys with l3"):
        style_loss(*matrices, "gatys", "l3")


def test_a_painting_of_another_size_counts_as_if_it_were_tiled_to_the_pictures():
    y, a = _random(1, 3, 8, 10, seed=1), _random(1, 3, 4, 5, seed=2)
    tiled = a.tile(1, 1, 2, 2)
    expected = ((_gram(y) - _gram(tiled)) ** 2).sum() / (4 * 3**2 * 80**2)
    assert style_loss(correlation(y), correlation(a)).item() == pytest.approx(expected)


def test_a_shift_is_added_to_every_feature():
    y = _random(1, 3, 4, 5)
    assert correlation(y, shift=-1.0)[0].numpy() == pytest.approx(_gram(y - 1) / 20)


@pytest.mark.parametrize(
    ("size", "deeper"), [((6, 8), (6, 8)), ((6, 8), (3, 4)), ((7, 9), (3, 4)), ((15, 31), (3, 7)), ((3, 3), (1, 1))]
)
def test_a_chain_multiplies_with_the_repeated_deeper_features(size, deeper):
    y, z = _random(1, 2, *size, seed=1), _random(1, 3, *deeper, seed=2)
    step = 1
    while size[0] // (2 * step) >= deeper[0]:
        step *= 2
    repeated = z.numpy().repeat(step, axis=2).repeat(step, axis=3)[0]
    kept = y.numpy()[0, :, : repeated.shape[1], : repeated.shape[2]]
    expected = (kept - 1).reshape(2, -1) @ (repeated - 1).reshape(3, -1).T / repeated[0].size
    assert correlation(y, z, -1.0)[0].numpy() == pytest.approx(expected)


def test_a_chains_loss_divides_by_both_channel_counts():
    matrix, target = _random(1, 2, 3, seed=1), _random(1, 2, 3, seed=2)
    squares = ((matrix - target).numpy() ** 2).sum()
    assert style_loss(matrix, target).item() == pytest.approx(squares / (4 * 2 * 3))


def test_total_variation_is_kerass_formula():
    x = _random(1, 3, 4, 5)
    levels = x.numpy() * 255
    down = (levels[:, :, :-1, :-1] - levels[:, :, 1:, :-1]) ** 2
    right = (levels[:, :, :-1, :-1] - levels[:, :, :-1, 1:]) ** 2
    assert variation_loss(x).item() == pytest.approx(((down + right) ** 1.25).sum())


def test_a_flat_picture_has_no_variation_and_a_finite_gradient():
    flat = torch.full((1, 3, 4, 4), 0.3, requires_grad=True)
    loss = variation_loss(flat)
    loss.backward()
    assert loss.item() == 0
    assert not flat.grad.any()


def test_gradients():
    y = _random(1, 2, 4, 6).requires_grad_()
    other, deeper = _random(1, 2, 4, 6, seed=5), _random(1, 3, 2, 3, seed=6)
    target = correlation(other, deeper, -1.0)
    functions = [
        lambda y: content_loss(y, other),
        lambda y: content_loss(y, other, "cs20"),
        lambda y: style_loss(correlation(y, shift=-1.0), correlation(other)),
        lambda y: style_loss(correlation(y), correlation(other), "keras", places=(24, 96)),
        lambda y: style_loss(correlation(y), correlation(other), distance="l1"),
        lambda y: style_loss(correlation(y, deeper, -1.0), target),
        lambda y: variation_loss(y / 255),
    ]
    for function in functions:
        assert torch.autograd.gradcheck(function, (y,))
    z = deeper.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda z: style_loss(correlation(other, z, -1.0), target), (z,), atol=1e-6)
