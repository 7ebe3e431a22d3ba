"""The content loss: how much of the photo is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from torch import Tensor

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


def _mean(features: Tensor, target: Tensor) -> Tensor:
    return (at_least_float32(features) - at_least_float32(target)).square().flatten(1).mean(1)


# By `LossForms.content_form`: features `[N, C, H, W]` and those of the photos to `[N]`.
CONTENT_FORMS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"relative": content_distance, "mean": _mean}
