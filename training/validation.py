"""Style and content distance on photographs that were not trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from stylecam.models.errors import PictureError
from stylecam.training.data import read_picture, resize_short_side
from stylecam.training.perceptual import PerceptualLoss

__all__ = ["PHOTOS", "TEXTURES", "blank", "to_picture", "to_tensor", "validate", "validate_texture"]

PHOTOS = 16
TEXTURES = 16


def to_tensor(picture: np.ndarray) -> Tensor:
    """`[H, W, 3]` uint8 RGB to float `[1, 3, H, W]` in 0..1."""
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None].float() / 255


def to_picture(tensor: Tensor) -> np.ndarray:
    """Float `[1, 3, H, W]`, 0..1 after clipping, to `[H, W, 3]` uint8 RGB."""
    rounded = (tensor[0].detach().float().cpu().clamp(0, 1) * 255).round().to(torch.uint8)
    return np.ascontiguousarray(rounded.permute(1, 2, 0).numpy())


def blank(network: nn.Module, side: int) -> Tensor:
    """A black picture `[1, 3, side, side]` on the network's device: all that a texture needs to know is the size."""
    return torch.zeros(1, 3, side, side, device=next(network.parameters()).device)


@torch.no_grad()
def validate_texture(network: nn.Module, loss: PerceptualLoss, side: int = 256) -> dict[str, float]:
    """Mean `style` distance of `TEXTURES` square textures from fresh noise, of `side` px, clipped to 0..1.

    There is no content to compare with. The network, a `TextureNet`, must be in evaluation mode.
    """
    pictures = (network(blank(network, side), seed=seed).clamp(0, 1) for seed in range(TEXTURES))
    style = np.mean([float(loss(picture, None)[1]) for picture in pictures])
    return {"style": round(float(style), 4), "textures": TEXTURES}


@torch.no_grad()
def validate(network: nn.Module, loss: PerceptualLoss, photos: list[Path], short_side: int = 256) -> dict[str, float]:
    """Mean `style` and `content` distance over whole photos, clipped to 0..1 as a viewer sees them.

    Measured on the first `PHOTOS` readable ones, at this short side in px; `photos` in the result says how
    many those were. The network must be in evaluation mode. Raises `PictureError` when none can be decoded.
    """
    device = next(network.parameters()).device
    distances = []
    for path in photos:
        try:
            photo = to_tensor(resize_short_side(read_picture(path), short_side)).to(device)
        except PictureError:
            continue  # a measure over the readable ones is still one
        stylized = network(photo).clamp(0, 1)
        content, style = loss(stylized, loss.content_target(photo))
        distances.append((float(style), float(content)))
        if len(distances) == PHOTOS:
            break
    if not distances:
        raise PictureError("none of the validation photos can be decoded")
    style_mean, content_mean = np.mean(distances, axis=0)
    return {"style": round(float(style_mean), 4), "content": round(float(content_mean), 4), "photos": len(distances)}
