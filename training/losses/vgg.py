"""VGG feature extractors for perceptual losses."""

from __future__ import annotations

import pickle
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from stylecam.models.errors import VGGWeightsError
from stylecam.training.vgg_store import kept_path, kept_weights

__all__ = ["POOLINGS", "PREPROCESSINGS", "OtherVGGError", "VGGFeatures", "layer_names"]

# Convolutions in each of the five blocks (Simonyan and Zisserman 2015, table 1, columns D and E).
_BLOCKS = {16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
_WIDTHS = (64, 128, 256, 512, 512)
# What the input is brought to before the first convolution: channel order, mean and divisor, for RGB in 0..1.
# `imagenet` is torchvision's; `caffe` is that of the networks as they were published: BGR in 0..255 less a mean pixel.
_CONVENTIONS = {
    "imagenet": ((0, 1, 2), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "caffe": ((2, 1, 0), (103.939 / 255, 116.779 / 255, 123.68 / 255), (1 / 255, 1 / 255, 1 / 255)),
}
PREPROCESSINGS = tuple(_CONVENTIONS)
_POOLS: dict[str, type[nn.MaxPool2d | nn.AvgPool2d]] = {"max": nn.MaxPool2d, "avg": nn.AvgPool2d}
POOLINGS = tuple(_POOLS)


class OtherVGGError(VGGWeightsError):
    """The weights are those of the VGG of the other `depth`."""

    def __init__(self, message: str, depth: int) -> None:
        super().__init__(message)
        self.depth = depth


def layer_names(depth: int = 16) -> list[str]:
    """``conv1_1, relu1_1, conv1_2, ... pool5`` in order, as they index torchvision's ``features``.

    ``conv4_2`` is the convolution's own output, ``relu4_2`` what is left of it after the ReLU. What Caffe's and Keras's
    networks call conv4_2 and block4_conv2 is after the ReLU: here ``relu4_2``.
    """
    names: list[str] = []
    for block, convolutions in enumerate(_BLOCKS[depth], 1):
        for i in range(1, convolutions + 1):
            names += [f"conv{block}_{i}", f"relu{block}_{i}"]
        names.append(f"pool{block}")
    return names


class VGGFeatures(nn.Module):
    """The convolutional part of VGG-16 or VGG-19, up to the deepest layer that is asked for.

    The networks of Simonyan and Zisserman 2015 (arXiv:1409.1556), as in torchvision. `weights` is a file with
    torchvision's keys (.safetensors, else a state dict saved by torch); without one it is that of `kept_weights`.
    The parameters are frozen. Input is RGB in 0..1; what `preprocessing` says is done inside, before the input is
    brought to the parameters' type: ``imagenet`` for torchvision's weights (its mean and standard deviation),
    ``caffe`` for weights converted from Caffe's. `pooling` is ``max``, or ``avg`` as in Gatys et al. 2016.
    Raises `ValueError` for an unknown layer, pooling or preprocessing and `VGGWeightsError` for unusable weights.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        layers: tuple[str, ...],
        weights: Path | None = None,
        depth: int = 16,
        pooling: str = "max",
        preprocessing: str = "imagenet",
    ) -> None:
        super().__init__()
        names = layer_names(depth)
        unknown = sorted(set(layers) - set(names))
        if unknown:
            raise ValueError(f"VGG-{depth} has no layer {', '.join(unknown)}")
        if pooling not in POOLINGS or preprocessing not in PREPROCESSINGS:
            raise ValueError(f"there is no pooling {pooling} or no preprocessing {preprocessing}")
        self.names = names[: max(map(names.index, layers)) + 1]
        with torch.device("meta"):  # without memory and random numbers: the weights come next
            self.features = nn.Sequential(*_modules(self.names, pooling))
        path = kept_weights(depth) if weights is None else weights
        _load(self.features, _state_dict(path, depth), path, depth)
        self.order, mean, std = _CONVENTIONS[preprocessing]
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)
        self.requires_grad_(False).eval()

    def forward(self, x: Tensor, layers: tuple[str, ...]) -> dict[str, Tensor]:
        """`[N, 3, H, W]` in 0..1 to `{layer: [N, C, H', W']}` for the named layers."""
        found: dict[str, Tensor] = {}
        x = x if self.order == (0, 1, 2) else x[:, self.order]
        x = ((x - self.mean) / self.std).to(next(self.parameters()).dtype)
        kept = False  # whether the layer before was asked for
        for name, module in zip(self.names, self.features, strict=True):
            x = F.relu_(x) if isinstance(module, nn.ReLU) and not kept else module(x)
            kept = name in layers
            if name in layers:
                found[name] = x
            if len(found) == len(set(layers)):
                break
        return found


def _modules(names: list[str], pooling: str) -> list[nn.Module]:
    modules: list[nn.Module] = []
    inputs = 3
    for name in names:
        if name.startswith("conv"):
            outputs = _WIDTHS[int(name[4]) - 1]
            modules.append(nn.Conv2d(inputs, outputs, 3, padding=1))
            inputs = outputs
        else:
            modules.append(nn.ReLU() if name.startswith("relu") else _POOLS[pooling](2))
    return modules


def _state_dict(path: Path, depth: int) -> dict[str, Tensor]:
    if not path.exists():
        raise VGGWeightsError(
            f"there is no VGG weights file {path}: give another file, or leave out --vgg-weights to download them"
        )
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:  # torch's text invites to load it unsafely
        raise VGGWeightsError(
            f"{path} is not a plain file of tensors, and stylecam never runs code from a file"
        ) from error
    except Exception as error:  # a damaged file can fail anywhere in zipfile, torch and safetensors
        wanted = "give a .safetensors or .pth file in torchvision's layout"
        if path == kept_path(depth):
            wanted = "delete that file to download them again"
        raise VGGWeightsError(f"{path} cannot be read as VGG weights ({_first_line(error)}): {wanted}") from error
    return state


def _load(features: nn.Sequential, state: object, source: Path, depth: int) -> None:
    wanted = [f"features.{key}" for key in features.state_dict()]
    found = state if isinstance(state, dict) else {}
    other, only_there = (19, 16) if depth == 16 else (16, 17)  # a convolution only the other network has there
    if f"features.{only_there}.weight" in found:
        raise OtherVGGError(f"{source} holds the weights of another network: VGG-{other}'s, not VGG-{depth}'s", other)
    weights = {key: found[key].float() for key in wanted if isinstance(found.get(key), Tensor)}
    missing = [key for key in wanted if key not in weights]
    if missing:
        raise VGGWeightsError(f"{source} is not VGG-{depth}'s weights in torchvision's layout: {missing[0]} is missing")
    if not all(torch.isfinite(weight).all() for weight in weights.values()):
        raise VGGWeightsError(f"{source} holds weights that are not finite numbers")
    try:
        features.load_state_dict({key.removeprefix("features."): w for key, w in weights.items()}, assign=True)
    except RuntimeError as error:
        raise VGGWeightsError(f"{source} holds the weights of another network than VGG's") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
