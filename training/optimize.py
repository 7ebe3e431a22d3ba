"""Paints one picture by changing its pixels until the VGG sees the photo and the painting in it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from stylecam.models.errors import OptionsError, PictureError, StylecamError
from stylecam.training.activations import published_size
from stylecam.training.data import read_picture, resize_short_side
from stylecam.training.device import make_fabric
from stylecam.training.lbfgs import minimise
from stylecam.training.methods import Method
from stylecam.training.painting import read_painting
from stylecam.training.pixel_losses import content_loss, correlation, style_loss, variation_loss
from stylecam.training.validation import to_tensor
from stylecam.training.vgg import VGGFeatures

__all__ = [
    "OptimizeOptions",
    "OptimizeRecord",
    "PictureObjective",
    "load_features",
    "optimize",
    "optimize_files",
    "read_pair",
    "start",
]

NOISE_SHARE, NOISE = 0.6, 20 / 255  # of a noisy-content start, as in CS 20
_MEAN_PIXEL = (0.485, 0.456, 0.406)


@dataclass(frozen=True)
class OptimizeOptions:
    """What `optimize` is told. Raises `OptionsError` for a size or a seed out of range."""

    content: Path
    painting: Path
    method: Method
    size: int = 384  # short side of the picture, px
    style_size: int | None = None  # short side of the painting, px; None: as the picture
    crop: float = 0.0  # fraction of the painting's short side cut from each edge
    seed: int = 0
    vgg_weights: Path | None = None
    device: str = "auto"

    def __post_init__(self) -> None:
        if not 16 <= self.size <= 8192:
            raise OptionsError(f"--size must be from 16 to 8192 px, not {self.size}")
        if not 0 <= self.seed <= 2**31:
            raise OptionsError(f"--seed must be from 0 to {2**31}, not {self.seed}")


@dataclass(frozen=True)
class OptimizeRecord:
    """The picture after one iteration, `[1, 3, H, W]` around 0..1, and its objective in its weighted parts."""

    iteration: int  # 0 is the start
    iterations: int
    objective: float
    content: float
    style: float
    tv: float
    picture: Tensor


class PictureObjective:
    """A picture's objective against one photo and one painting, `[1, 3, H, W]` each, whose features are computed once.

    The same network with other weights has features of other sizes, and the losses go with their square and their
    fourth power. So each layer's features are multiplied by one number, which makes their mean over photo and painting
    that of the network the papers and programs used (``published``) or 1 (``unit``, in the spirit of Gatys et al. 2016,
    section 2), or leaves them (``own``). `parts` are the weighted content, style and tv of the last picture that was
    asked for. Raises `OptionsError` for a picture too small for the layers.
    """

    def __init__(self, vgg: VGGFeatures, method: Method, content: Tensor, painting: Tensor) -> None:
        self.vgg, self.method = vgg, method
        self.parts = {"content": 0.0, "style": 0.0, "tv": 0.0}
        self.layers = method.layers()
        self.style_layers = method.resolved_style_layers()
        for what, picture in (("picture", content), ("painting", painting)):
            _check_size(vgg, self.layers, what, picture)
        with torch.no_grad():
            photo, other = vgg(content, self.layers), vgg(painting, self.layers)
            self.scales = {name: self._scale(name, photo[name], other[name]) for name in self.layers}
            self.photo = {name: photo[name].clone() for name, _ in method.content_layers}
            self.grams = self._correlations(other)

    def __call__(self, pixels: Tensor) -> Tensor:
        """The objective of `[1, 3, H, W]`, a scalar."""
        method = self.method
        features = self.vgg(pixels, self.layers)
        found = {
            "content": method.content_weight * self._content(features),
            "style": method.style_weight * self._style(features, pixels),
            "tv": method.tv_weight * variation_loss(pixels) if method.tv_weight else pixels.new_zeros(()),
        }
        self.parts = {name: float(part.detach()) for name, part in found.items()}
        return found["content"] + found["style"] + found["tv"]

    def _scale(self, layer: str, photo: Tensor, painting: Tensor) -> float:
        if self.method.activations == "own":
            return 1.0
        # What is compared before the ReLU is measured after it, as the published sizes are.
        size = float(photo.relu().mean() + painting.relu().mean()) / 2
        wanted = published_size(layer, self.method.pooling) if self.method.activations == "published" else 1.0
        return wanted / max(1e-12, size)

    def _content(self, features: dict[str, Tensor]) -> Tensor:
        losses = [
            weight * self.scales[name] ** 2 * content_loss(features[name], self.photo[name], self.method.content_form)
            for name, weight in self.method.content_layers
        ]
        return torch.stack(losses).sum()

    def _style(self, features: dict[str, Tensor], pixels: Tensor) -> Tensor:
        matrices, losses = self._correlations(features), []
        for (name, weight), matrix, target in zip(self.style_layers, matrices, self.grams, strict=False):
            places = features[name][0, 0].numel(), pixels[0, 0].numel()
            loss = style_loss(matrix, target, self.method.style_form, self.method.style_distance, places)
            losses.append(weight * loss)
        return torch.stack(losses).sum()

    def _correlations(self, features: dict[str, Tensor]) -> list[Tensor]:
        """One matrix for each style layer; in a chain for each but the last, with the next one."""
        names, shift, scales = [name for name, _ in self.style_layers], self.method.gram_shift, self.scales
        if not self.method.chain:
            # The matrices are scaled, which are small, and not the features.
            return [correlation(features[n], shift=shift / scales[n]) * scales[n] ** 2 for n in names]
        scaled = [features[n] * scales[n] for n in names]
        return [correlation(one, deeper, shift) for one, deeper in pairwise(scaled)]


def _check_size(vgg: VGGFeatures, layers: tuple[str, ...], what: str, picture: Tensor) -> None:
    deepest = max(layers, key=vgg.names.index)
    least = 2 ** sum(name.startswith("pool") for name in vgg.names[: vgg.names.index(deepest) + 1])
    height, width = picture.shape[2:]
    if min(height, width) < least:
        raise OptionsError(
            f"the {what} of {width}x{height} px is too small for the layer {deepest}, which needs {least} px each way: "
            f"raise {'--size' if what == 'picture' else '--style-size'} or take a layer less deep"
        )


def read_pair(options: OptimizeOptions) -> tuple[Tensor, Tensor]:
    """The photo and the painting, `[1, 3, H, W]` in 0..1, at their sizes. Raises `PictureError` and `OptionsError`."""
    photo = read_picture(options.content)
    height, width = photo.shape[:2]
    if max(height, width) > 16 * min(height, width):
        raise PictureError(f"the picture {options.content} is {width}x{height} px: over 16 times longer than wide")
    style_size = options.style_size or max(64, options.size)
    painting = read_painting(options.painting, style_size, options.crop)
    return to_tensor(resize_short_side(photo, options.size)), to_tensor(painting)


def load_features(method: Method, weights: Path | None = None) -> VGGFeatures:
    """The VGG a method needs, as deep as its layers. Raises `VGGWeightsError`."""
    vgg = VGGFeatures(method.layers(), weights, method.vgg, method.pooling, method.preprocessing)
    return vgg.to(memory_format=torch.channels_last)  # a fifth faster on a CPU


def start(init: str, content: Tensor, painting: Tensor, seed: int = 0) -> Tensor:
    """Where a method begins, as large as `content`, `[1, 3, H, W]` in 0..1.

    ``noise`` is uniform in 0..1, ``noisy-content`` the photo under a share of 0.6 of weak noise around the mean pixel
    (CS 20's), ``painting`` the painting stretched to the picture's size. The noise is `seed`'s on every device.
    """
    if init == "content":
        return content.clone()
    if init == "painting":
        return F.interpolate(painting, content.shape[2:], mode="bilinear", antialias=True).clamp(0, 1)
    noise = torch.rand(content.shape, generator=torch.Generator().manual_seed(seed)).to(content.device)
    if init == "noise":
        return noise
    mean = torch.tensor(_MEAN_PIXEL, device=content.device).view(1, 3, 1, 1)
    return NOISE_SHARE * (mean + (2 * noise - 1) * NOISE) + (1 - NOISE_SHARE) * content


def optimize(
    method: Method, vgg: VGGFeatures, content: Tensor, painting: Tensor, seed: int = 0
) -> Iterator[OptimizeRecord]:
    """Yields the start and then the picture after each iteration, `method.iterations` of them or fewer.

    `content` and `painting` are `[1, 3, H, W]` in 0..1, on the VGG's device. L-BFGS ends early where it finds no lower
    objective. Raises `OptionsError` for pictures too small for the layers and for an objective that is no longer a
    finite number, and `StylecamError` where the memory does not suffice.
    """
    try:
        objective = PictureObjective(vgg, method, content, painting)
        pictures = _lbfgs if method.optimizer == "lbfgs" else _adam
        steps = pictures(objective, start(method.init, content, painting, seed), method.learning_rate)
        for number, picture in enumerate(islice(steps, method.iterations + 1)):
            parts = objective.parts
            total = sum(parts.values())
            if not math.isfinite(total):
                raise OptionsError(
                    f"the objective is not a finite number at iteration {number}: lower --learning-rate or the weights"
                )
            yield OptimizeRecord(number, method.iterations, total, **parts, picture=picture)
    except (RuntimeError, MemoryError) as error:
        if not _is_memory(error):
            raise
        height, width = content.shape[2:]
        raise StylecamError(f"there is not enough memory for {width}x{height} px: lower --size") from error


def optimize_files(options: OptimizeOptions) -> Iterator[OptimizeRecord]:
    """`optimize` on picture files, on the device that is asked for. Raises any `StylecamError`."""
    content, painting = read_pair(options)
    vgg = load_features(options.method, options.vgg_weights)
    device = make_fabric(options.device).device
    yield from optimize(options.method, vgg.to(device), content.to(device), painting.to(device), options.seed)


def _is_memory(error: Exception) -> bool:
    # On a CPU torch says it only in the text.
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error)


class _Relative:
    """The objective, brought to a first value of one for each number in the picture.

    The optimizers' tolerances do not know how large the weights make it.
    """

    def __init__(self, objective: PictureObjective) -> None:
        self.objective, self.first = objective, 0.0

    def __call__(self, pixels: Tensor) -> Tensor:
        value = self.objective(pixels)
        self.first = self.first or abs(float(value.detach())) / pixels.numel() or 1.0
        return value / self.first


def _lbfgs(objective: PictureObjective, start: Tensor, learning_rate: float) -> Iterator[Tensor]:
    # The line search finds its own step; the last picture it asked for is the one it settled on.
    for iteration in minimise(_Relative(objective), start):
        yield iteration.picture


def _adam(objective: PictureObjective, start: Tensor, learning_rate: float) -> Iterator[Tensor]:
    pixels = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([pixels], lr=learning_rate)
    relative = _Relative(objective)
    while True:
        value = relative(pixels)
        yield pixels.detach().clone()
        (pixels.grad,) = torch.autograd.grad(value, pixels)
        optimizer.step()
