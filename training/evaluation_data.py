"""What an evaluation needs: photographs, the VGG, and the distances to a painting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from stylecam.models.catalog import Style
from stylecam.models.errors import PictureError
from stylecam.training.data import read_picture, resize_short_side
from stylecam.training.painting import PREPARATION, read_painting
from stylecam.training.perceptual import CONTENT_LAYER, STYLE_LAYERS, PerceptualLoss
from stylecam.training.validation import to_tensor
from stylecam.training.vgg import VGGFeatures

__all__ = ["LARGEST", "at_most", "load_vgg", "perceptual_loss", "preparation_of", "read_photos", "style_loss"]

LARGEST = 480  # px: short side to which larger photos are brought


def at_most(photo: np.ndarray, side: int) -> np.ndarray:
    """`[H, W, 3]` with a short side of `side` px, or as it is when that is less."""
    return photo if min(photo.shape[:2]) <= side else resize_short_side(photo, side)


def read_photos(paths: Sequence[Path], count: int) -> tuple[list[np.ndarray], list[Path]]:
    """(the first `count` readable photos as `[H, W, 3]` uint8 BGR, the files skipped as unreadable).

    Those with a short side above 480 px are brought to it. Raises `PictureError` when none can be decoded.
    """
    photos: list[np.ndarray] = []
    skipped: list[Path] = []
    for path in paths:
        if len(photos) == count:
            break
        try:
            photo = read_picture(path)[..., ::-1]
        except PictureError:
            skipped.append(path)
        else:
            longest = 8 * min(photo.shape[:2])  # of a banner one end is enough: enlarged, it could fill the memory
            photos.append(at_most(np.ascontiguousarray(photo[:longest, :longest]), LARGEST))
    if not photos:
        raise PictureError("none of the photos can be decoded")
    return photos, skipped


def load_vgg(weights: Path | None = None, device: str = "auto") -> VGGFeatures:
    """The VGG of the distances in float32, on torch's CUDA device where there is one and `device` is not ``cpu``.

    Raises `VGGWeightsError` for unusable weights.
    """
    where = "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"
    return VGGFeatures((*STYLE_LAYERS, CONTENT_LAYER), weights).to(where)


def perceptual_loss(vgg: VGGFeatures, painting: Path, **preparation: Any) -> PerceptualLoss:
    """The distances to a painting, see `read_painting` for its settings and errors."""
    device = vgg.mean.device
    return PerceptualLoss(vgg, to_tensor(read_painting(painting, **preparation)).to(device)).to(device)


def preparation_of(style: Style) -> dict[str, Any]:
    """How the painting of a `style` was prepared for its training: the settings of `read_painting`."""
    recipe = style.record("training")
    return {key: recipe.get(key, usual) for key, usual in PREPARATION.items()}


def style_loss(vgg: VGGFeatures, style: Style, painting: Path) -> PerceptualLoss:
    """The distances to the painting of `style`, prepared as for its training."""
    return perceptual_loss(vgg, painting, **preparation_of(style))
