"""VGG feature extractors for perceptual losses."""

from __future__ import annotations

from pathlib import Path

import safetensors
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

__all__ = ["VGGFeatures", "VGGWeightsError", "layer_names"]

# Convolutions in each of the five blocks (Simonyan and Zisserman 2015, table 1, columns D and E).
_BLOCKS = {16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
_WIDTHS = (64, 128, 256, 512, 512)
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class VGGWeightsError(Exception):
    """The weights file is missing, unreadable or not VGG's; the text says which."""


def layer_names(depth: int = 16) -> list[str]:
    """``conv1_1, relu1_1, conv1_2, ... pool5`` in order, as they index torchvision's ``features``."""
    names = []
    for block, convolutions in enumerate(_BLOCKS[depth], 1):
        for i in range(1, convolutions + 1):
            names += [f"conv{block}_{i}", f"relu{block}_{i}"]
        names.append(f"pool{block}")
    return names


class VGGFeatures(nn.Module):
    """The convolutional part of VGG-16 or VGG-19, up to the deepest layer that is asked for.

    The parameters are frozen. Input is RGB in 0..1; ImageNet's mean and standard deviation are applied
    inside. Raises `ValueError` for an unknown layer and `VGGWeightsError` for unusable weights.
    """

    def __init__(self, layers: tuple[str, ...], weights: Path | None = None, depth: int = 16) -> None:
        super().__init__()
        names = layer_names(depth)
        unknown = sorted(set(layers) - set(names))
        if unknown:
            raise ValueError(f"VGG-{depth} has no layer {', '.join(unknown)}")
        self.names = names[: max(map(names.index, layers)) + 1]
        self.features = nn.Sequential(*_modules(self.names))
        _load(self.features, _state_dict(weights, depth), weights)
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(_STD).view(1, 3, 1, 1), persistent=False)
        self.requires_grad_(False).eval()

    def forward(self, x: Tensor, layers: tuple[str, ...]) -> dict[str, Tensor]:
        """`[N, 3, H, W]` in 0..1 to `{layer: [N, C, H', W']}` for the named layers."""
        found: dict[str, Tensor] = {}
        x = (x - self.mean) / self.std
        for name, module in zip(self.names, self.features, strict=True):
            x = module(x)
            if name in layers:
                found[name] = x
            if len(found) == len(set(layers)):
                break
        return found


def _modules(names: list[str]) -> list[nn.Module]:
    modules: list[nn.Module] = []
    inputs = 3
    for name in names:
        if name.startswith("conv"):
            outputs = _WIDTHS[int(name[4]) - 1]
            modules.append(nn.Conv2d(inputs, outputs, 3, padding=1))
            inputs = outputs
        else:
            # Not in place: a convolution's own output can be asked for as well.
            modules.append(nn.ReLU() if name.startswith("relu") else nn.MaxPool2d(2))
    return modules


def _state_dict(path: Path | None, depth: int) -> dict[str, Tensor]:
    if path is None:
        return _download(depth)
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
        return state
    except FileNotFoundError:
        raise VGGWeightsError(f"there is no VGG weights file {path}") from None
    except (safetensors.SafetensorError, OSError, RuntimeError, ValueError, EOFError, KeyError) as error:
        raise VGGWeightsError(f"{path} cannot be read as VGG weights ({_first_line(error)})") from error
    except Exception as error:  # torch wraps pickle's errors in several types
        raise VGGWeightsError(f"{path} cannot be read as VGG weights ({_first_line(error)})") from error


def _download(depth: int) -> dict[str, Tensor]:
    try:
        from torchvision import models  # slow to import, and not needed with a weights file
    except ImportError as error:
        raise VGGWeightsError("torchvision is missing: pip install 'stylecam[train]', or give --vgg-weights FILE") from error
    weights = {16: models.VGG16_Weights.IMAGENET1K_V1, 19: models.VGG19_Weights.IMAGENET1K_V1}[depth]
    try:
        state: dict[str, Tensor] = weights.get_state_dict(progress=False, check_hash=True)
    except (OSError, RuntimeError) as error:
        raise VGGWeightsError(
            f"VGG-{depth}'s weights could not be downloaded ({_first_line(error)}); give a file with --vgg-weights FILE"
        ) from error
    return state


def _load(features: nn.Sequential, state: dict[str, Tensor], path: Path | None) -> None:
    wanted = features.state_dict()
    missing = [key for key in wanted if f"features.{key}" not in state]
    if missing:
        raise VGGWeightsError(f"{path} is not VGG's weights in torchvision's layout: features.{missing[0]} is missing")
    try:
        features.load_state_dict({key: state[f"features.{key}"].float() for key in wanted})
    except RuntimeError as error:
        raise VGGWeightsError(f"{path} holds the weights of another network ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
