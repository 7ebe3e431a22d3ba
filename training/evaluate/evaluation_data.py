"""What an evaluation needs: photographs, the VGG, and finished pictures to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch

from stylecam.models.errors import PictureError
from stylecam.training.data import read_picture, resize_short_side
from stylecam.training.losses.forms import CONTENT_LAYER, STYLE_LAYERS
from stylecam.training.losses.vgg import VGGFeatures

__all__ = ["LINES", "load_vgg", "read_pair", "read_photos"]

LINES = 480  # px: the short side at which photos are painted and measured, about what a camera gives


def read_photos(paths: Sequence[Path], count: int, lines: int = LINES) -> tuple[list[np.ndarray], list[Path]]:
    """(the first `count` readable photos as `[H, W, 3]` uint8 BGR, the files skipped as unreadable).

    All are brought to a short side of `lines` px, smaller ones by cubic interpolation. Raises `PictureError` when none
    can be decoded.
    """
    photos: list[np.ndarray] = []
    skipped: list[Path] = []
    for path in paths:
        if len(photos) == count:
            break
        try:
            photo = _read(path)
        except PictureError:
            skipped.append(path)
        else:
            longest = 8 * min(photo.shape[:2])  # of a banner one end is enough: enlarged, it could fill the memory
            photos.append(resize_short_side(np.ascontiguousarray(photo[:longest, :longest]), lines))
    if not photos:
        raise PictureError("none of the photos can be decoded")
    return photos, skipped


def read_pair(photo: Path, picture: Path) -> tuple[np.ndarray, np.ndarray]:
    """A photo and somebody's finished picture of it, uint8 `[H, W, 3]` BGR, both of the photo's size.

    Raises `PictureError` for what cannot be decoded, a photo of less than 32 px, and a picture whose sides are in
    another proportion than the photo's, by more than 3 %: it does not show the same.
    """
    original, finished = _read(photo), _read(picture)
    height, width = original.shape[:2]
    if min(height, width) < 32:
        raise PictureError(f"the photo {photo} is {width}x{height} px: at least 32 px each way are needed")
    proportion = finished.shape[1] * height / (finished.shape[0] * width)
    if not 0.97 < proportion < 1.03:
        raise PictureError(f"{picture} does not fit {photo}: its aspect ratio differs")
    # An enlarged one is interpolated linearly: cubic interpolation would sharpen its edges.
    return original, cv2.resize(finished, (width, height), interpolation=cv2.INTER_AREA)


def _read(path: Path) -> np.ndarray:
    return np.ascontiguousarray(read_picture(path)[..., ::-1])


def load_vgg(weights: Path | None = None, device: str = "auto") -> VGGFeatures:
    """The VGG of the distances in float32, on torch's CUDA device where there is one and `device` is not ``cpu``.

    Raises `VGGWeightsError` for unusable weights.
    """
    where = "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"
    return VGGFeatures((*STYLE_LAYERS, CONTENT_LAYER), weights).to(where)
