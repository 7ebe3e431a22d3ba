"""How large the features of the published VGG are: what the weights of the papers and programs were chosen for."""

from __future__ import annotations

__all__ = ["published_size", "torchvision_size"]

# Means after the ReLU of Simonyan and Zisserman's VGG-16, as published for Caffe, over six photographs and paintings
# each, with a short side of 192 px; with max and with average pooling. torchvision's own weights give other sizes.
_MAX = {
    "1_1": 20.6,
    "1_2": 108.3,
    "2_1": 181.5,
    "2_2": 216.2,
    "3_1": 263.3,
    "3_2": 284.5,
    "3_3": 194.4,
    "4_1": 147.6,
    "4_2": 83.7,
    "4_3": 20.7,
    "5_1": 20.0,
    "5_2": 8.2,
    "5_3": 1.1,
}
_AVG = {
    "1_1": 20.6,
    "1_2": 108.3,
    "2_1": 138.2,
    "2_2": 172.7,
    "3_1": 146.5,
    "3_2": 153.8,
    "3_3": 105.1,
    "4_1": 51.5,
    "4_2": 26.3,
    "4_3": 6.7,
    "5_1": 3.7,
    "5_2": 1.3,
    "5_3": 0.2,
}
_LEVELS = 255 * (0.229 + 0.224 + 0.225) / 3


def published_size(layer: str, pooling: str) -> float:
    """The mean size of a layer, such as ``relu4_2``, after the ReLU, with ``max`` or ``avg`` pooling.

    A pool counts as the convolution before it, and VGG-19's fourth convolution of a block as the third.
    """
    sizes = _AVG if pooling == "avg" else _MAX
    if layer.startswith("pool"):
        return [size for key, size in sizes.items() if key[0] == layer[-1]][-1]
    place = layer.removeprefix("conv").removeprefix("relu")
    return sizes[place] if place in sizes else sizes[f"{place[0]}_3"]


def torchvision_size(layer: str, pooling: str) -> float:
    """The same for weights trained on torchvision's inputs, whose unit is a standard deviation of 57 levels.

    An estimate: Caffe's sizes over that number. Convolutions and ReLUs hand a factor of the input on to every layer.
    """
    return published_size(layer, pooling) / _LEVELS
