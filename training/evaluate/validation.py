"""What a trained network is measured by, on photographs that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from stylecam.training.evaluate.evaluation_data import LINES, read_photos
from stylecam.training.evaluate.stylize import Stylize
from stylecam.training.tensors import blank, to_picture, to_tensor

if TYPE_CHECKING:
    from stylecam.training.evaluate.likeness import Target

__all__ = ["PHOTOS", "TEXTURES", "measured", "validate", "validate_texture"]

PHOTOS = 16
TEXTURES = 16


@torch.no_grad()
def validate_texture(network: nn.Module, target: Target, side: int = 256) -> dict[str, float]:
    """Mean `style` distance of `TEXTURES` square textures from fresh noise, of `side` px, as a viewer sees them.

    There is no content to compare with. The network, a `TextureNet`, must be in evaluation mode.
    """
    pictures = (to_picture(network(blank(network, side), seed=seed)) for seed in range(TEXTURES))
    style = np.mean([target.style(picture[..., ::-1]) for picture in pictures])
    return {"style": round(float(style), 4), "textures": TEXTURES}


def validate(
    network: nn.Module, target: Target, photos: list[Path], count: int = PHOTOS, lines: int = LINES
) -> dict[str, float]:
    """The means of `content`, `style`, `swd` and `sharp` over whole photos, as `realtime evaluate` measures them.

    Measured on the first `count` readable ones, at a short side of `lines` px; `photos` in the result says how
    many those were. The network must be in evaluation mode. Raises `PictureError` when none can be decoded.
    """
    read, _ = read_photos(photos, count, lines)
    return measured(network, target, read)


def measured(network: nn.Module, target: Target, photos: Sequence[np.ndarray]) -> dict[str, float]:
    """As `validate`, on photos that are read already: uint8 `[H, W, 3]` BGR, each measured at its own size."""
    means = target.mean_likeness(_painted_by(network), photos)
    return {name: round(value, 4) for name, value in means._asdict().items()} | {"photos": len(photos)}


def _painted_by(network: nn.Module) -> Stylize:
    """A network in evaluation mode as a function that paints uint8 `[H, W, 3]` BGR."""

    @torch.no_grad()
    def stylize(photo: np.ndarray) -> np.ndarray:
        pixels = to_tensor(photo[..., ::-1]).to(next(network.parameters()).device)
        return np.ascontiguousarray(to_picture(network(pixels))[..., ::-1])

    return stylize
