"""The content loss: how much of the photo is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from torch import Tensor
from torch.nn import functional

from stylecam.training.losses.feature_distances import at_least_float32, content_distance

if TYPE_CHECKING:
    from stylecam.training.losses.step import Step

__all__ = ["CONTENT_FORMS", "content_term"]


def content_term(step: Step) -> Tensor:
    """||F(y) - F(x)||^2 / ||F(x)||^2 of the VGG's features at one layer, the mean over the batch.

    x is the photo and y what is painted of it. Gatys et al. 2016, "Image Style Transfer Using Convolutional Neural
    Networks", and as a network's loss Johnson et al. 2016, "Perceptual Losses for Real-Time Style Transfer and
    Super-Resolution"; both leave the size of F in. `LossForms` has other forms and layers.
    """
    return step.painting.content(step.features, step.content_target).mean()


DETAIL_WINDOW = 13  # positions of the content layer, 52 px at relu3_3: an eye's corner to its brow
DETAIL_SHARE = 0.2  # of the photo's mean detail: where there is this much, the weight is a half


def detail_weights(target: Tensor) -> Tensor:
    """How much each position of a photo's features `[N, C, H, W]` holds, `[N, 1, H, W]` from 0 to below 1.

    The energy of the features about their mean in a window, averaged over such a window: high at faces, edges and
    letters, low in skies and on walls. e / (e + share of its mean) keeps a wood from outweighing a face.
    """
    target = at_least_float32(target)
    energy = _window_mean((target - _window_mean(target)).square().sum(1, keepdim=True))
    return energy / (energy + DETAIL_SHARE * energy.mean((2, 3), keepdim=True)).clamp_min(1e-12)


def _window_mean(x: Tensor) -> Tensor:
    half = DETAIL_WINDOW // 2
    for sides, kernel in (((half, half, 0, 0), (1, DETAIL_WINDOW)), ((0, 0, half, half), (DETAIL_WINDOW, 1))):
        x = functional.avg_pool2d(functional.pad(x, sides, mode="replicate"), kernel, 1)
    return x


def _detail(features: Tensor, target: Tensor) -> Tensor:
    """The relative distance, of features weighted with what the photo holds there: skies are free for strokes."""
    weights = detail_weights(target)
    return content_distance(at_least_float32(features) * weights, at_least_float32(target) * weights)


def _mean(features: Tensor, target: Tensor) -> Tensor:
    return (at_least_float32(features) - at_least_float32(target)).square().flatten(1).mean(1)


# By `LossForms.content_form`: features `[N, C, H, W]` and those of the photos to `[N]`.
CONTENT_FORMS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "relative": content_distance,
    "mean": _mean,
    "detail": _detail,
}
