"""The style loss: how far the picture is from the painting in how its features go together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from torch import Tensor

from stylecam.training.losses.feature_distances import style_distance

if TYPE_CHECKING:
    from stylecam.training.losses.step import Step

__all__ = ["STYLE_FORMS", "style_term"]


def style_term(step: Step) -> Tensor:
    """||G(y) - G(s)||^2 / ||G(s)||^2 with Gram matrices G = F F^T / (H W), the mean over the layers and the batch.

    F are the VGG's features, y is what is painted and s the style's painting. Gatys et al. 2016, eq. 4 and 5, and
    Johnson et al. 2016, both without the denominator. `LossForms` has other forms and layers.
    """
    return step.painting.style(step.features).mean()


def _each(values: Tensor) -> Tensor:
    return values.flatten(1)


# By `LossForms.style_form` and `style_distance`: Gram matrices `[N, C, C]` and the painting's `[1, C, C]` to `[N]`.
STYLE_FORMS: dict[tuple[str, str], Callable[[Tensor, Tensor], Tensor]] = {
    ("relative", "l2"): style_distance,
    ("relative", "l1"): lambda g, a: _each((g - a).abs()).sum(1) / _each(a.abs()).sum(1).clamp_min(1e-12),
    ("mean", "l2"): lambda g, a: _each((g - a).square()).mean(1),
    ("mean", "l1"): lambda g, a: _each((g - a).abs()).mean(1),
    ("sum", "l2"): lambda g, a: _each((g - a).square()).sum(1),
    ("sum", "l1"): lambda g, a: _each((g - a).abs()).sum(1),
}
