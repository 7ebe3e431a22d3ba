"""Whether a picture that is to be learnt is a photograph: its colours and edges teach a network little of a manner."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch

from stylecam.training.losses.vgg import VGGFeatures
from stylecam.training.tensors import to_tensor

__all__ = ["LAYERS", "WEIGHTS", "is_photograph", "statistics"]

LAYERS = ("relu2_2", "relu3_3", "relu4_3")
WEIGHTS = Path(__file__).with_name("photograph.npy")
SHORT, SIDE = 320, 256  # px: of the picture, and of the parts that are looked at
SURE = -0.5  # painters' pictures score about 1, photographs about -1: below this no painting was in a cross-validation


def is_photograph(vgg: VGGFeatures, picture: np.ndarray) -> bool:
    """Whether uint8 `[H, W, 3]` RGB is surely a photograph: many are not told from paintings, hardly any the other way.

    A linear classifier over `statistics`, made by benchmarks/photographs.py, which prints how often it is right.
    """
    weights = _weights()
    return bool(statistics(vgg, picture) @ weights[1:] + weights[0] < SURE)


def statistics(vgg: VGGFeatures, picture: np.ndarray) -> np.ndarray:
    """What a painter's hand changes: the means and deviations of VGG-16's features, on a logarithmic scale.

    picture: uint8 `[H, W, 3]` RGB of any size; five parts of it are looked at. Returns `[1792]`.
    """
    scale = SHORT / min(picture.shape[:2])
    small = cv2.resize(
        picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    )
    down, right = small.shape[0] - SIDE, small.shape[1] - SIDE
    found = []
    for top, left in ((0, 0), (0, right), (down, 0), (down, right), (down // 2, right // 2)):
        part = np.ascontiguousarray(small[top : top + SIDE, left : left + SIDE])
        with torch.no_grad():
            features = vgg(to_tensor(part).to(vgg.mean.device), LAYERS)
        moments = [m for name in LAYERS for m in (features[name].mean((2, 3)), features[name].std((2, 3)))]
        found.append(torch.cat([m[0].float().log1p().cpu() for m in moments]).numpy())
    return np.asarray(np.mean(found, axis=0))


@cache
def _weights() -> np.ndarray:
    return np.asarray(np.load(WEIGHTS), np.float32)
