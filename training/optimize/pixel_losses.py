"""The losses of the optimisation methods, as their papers and programs write them.

Unlike the losses of a training they have units, so that published weights keep their meaning. F and P are the features
of the picture and of the photo, G and A the Gram matrices of the picture and of the painting, of N channels, each
divided by its own number of places: with M places in the picture the papers' G is M times ours. Where picture and
painting have as many places, all is as in the papers; where not, the painting counts as if it had as many.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from stylecam.training.losses.feature_distances import gram_matrix

__all__ = ["content_loss", "correlation", "style_loss", "variation_loss"]


def content_loss(features: Tensor, target: Tensor, form: str = "gatys") -> Tensor:
    """The content loss of `[1, C, H, W]` features, a scalar.

    ``gatys``: 1/2 sum (F - P)^2 (Gatys, Ecker and Bethge 2016, eq. 1). ``cs20``: sum (F - P)^2 / (4 C H W), of
    Stanford's course CS 20. ``keras``: sum (F - P)^2, of Keras's example. Raises `ValueError` for another form.
    """
    squares = (features - target).square().sum()
    factors = {"gatys": 0.5, "cs20": 1 / (4 * features[0].numel()), "keras": 1.0}
    if form not in factors:
        raise ValueError(f"there is no content loss {form}")
    return squares * factors[form]


def correlation(features: Tensor, deeper: Tensor | None = None, shift: float = 0.0) -> Tensor:
    """The correlations (F + s)(F' + s)^T / M of `[1, C, H, W]` features with themselves or `deeper` ones.

    `[1, C, C]`, or `[1, C, C']` with `deeper`, `[1, C', H', W']`: there F' is repeated to F's size, place by place
    (Novak and Nikulin 2016, sections 3 and 5; the shift s of -1 keeps the matrix from being sparse). Rows and columns
    that the pooling between the two layers dropped do not count.
    """
    if deeper is None:
        return gram_matrix(features + shift if shift else features)
    # A product with repeated places is the product with the sum over them: so the large map is made small instead.
    ratio = features.shape[-2] // deeper.shape[-2]
    step = 1 << (ratio.bit_length() - 1)  # each pooling halves, rounding down
    small = F.avg_pool2d(features, step) if step > 1 else features
    first, second = (small + shift).flatten(2), (deeper + shift).flatten(2)
    return first @ second.transpose(1, 2) / first.shape[2]


def style_loss(
    matrix: Tensor,
    target: Tensor,
    form: str = "gatys",
    distance: str = "l2",
    places: tuple[int, int] = (1, 1),
) -> Tensor:
    """The style loss of one layer's correlations `[1, N, N']`, a scalar; `target` is the painting's.

    `places` are M, the layer's places, and those of the picture. With ``l2``, ``gatys`` is sum (G - A)^2 / (4 N N' M^2)
    (Gatys et al. 2016, eq. 4, where N = N') and ``keras`` is sum (G - A)^2 / (4 3^2 S^2) with S the picture's places.
    ``l1`` is sum |G - A| / (N N') / (N M), the style loss of Liu et al. 2018 (arXiv:1804.07723, eq. 3 and 4), whatever
    the form. Raises `ValueError` for another form or distance.
    """
    rows, columns = matrix.shape[1:]
    if distance == "l1":
        return (matrix - target).abs().sum() / (rows * columns * rows)
    factors = {"gatys": 1 / (4 * rows * columns), "keras": (places[0] / places[1]) ** 2 / 36}
    if distance != "l2" or form not in factors:
        raise ValueError(f"there is no style loss {form} with {distance}")
    return (matrix - target).square().sum() * factors[form]


def variation_loss(x: Tensor) -> Tensor:
    """Keras's total variation sum (a + b)^1.25 of `[1, 3, H, W]` in 0..1, a scalar.

    a and b are the squared differences to the pixels below and to the right, in levels of 255 as in the example.
    """
    x = x * 255
    corner = x[..., :-1, :-1]
    down, right = x[..., 1:, :-1] - corner, x[..., :-1, 1:] - corner
    # Where both are 0 the power's gradient is 0 too: the exponent is above 1.
    return (down.square() + right.square()).pow(1.25).sum()
