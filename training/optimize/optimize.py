"""Paints one picture by changing its pixels until the VGG sees the photo and the painting in it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from stylecam.models.errors import OptionsError, PictureError, VGGWeightsError
from stylecam.training.data import read_picture, resize_short_side
from stylecam.training.device import make_fabric
from stylecam.training.losses.vgg import OtherVGGError, VGGFeatures
from stylecam.training.memory import check_memory, memory_errors, painting_memory
from stylecam.training.optimize.lbfgs import minimise
from stylecam.training.optimize.methods import Method
from stylecam.training.optimize.picture_objective import PictureObjective
from stylecam.training.painting import read_painting
from stylecam.training.tensors import to_tensor

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
# A VGG's features as far as its deepest block, kept for the way back: measured are 2,000 to 2,900.
BYTES_PER_PIXEL = 1500
_MEAN_PIXEL = (0.485, 0.456, 0.406)


@dataclass(frozen=True)
class OptimizeOptions:
    """What `optimize` is told. Raises `OptionsError` for a size or a seed out of range, and for want of a painting."""

    content: Path
    painting: Path | None  # None where the method asks for none
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
        if self.painting is None and (self.method.style_weight or self.method.init == "painting"):
            raise OptionsError(
                "give a PAINTING: only --style-weight 0 works without one, and --init painting always needs one"
            )


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


def read_pair(options: OptimizeOptions) -> tuple[Tensor, Tensor | None]:
    """The photo and the painting, if there is one, `[1, 3, H, W]` in 0..1, at their sizes.

    Raises `PictureError` and `OptionsError`.
    """
    photo = read_picture(options.content)
    height, width = photo.shape[:2]
    if max(height, width) > 16 * min(height, width):
        raise PictureError(
            f"the picture {options.content} is {width}x{height} px: at most 16 times as long as wide is possible"
        )
    content = to_tensor(resize_short_side(photo, options.size))
    if options.painting is None:
        return content, None
    style_size = options.style_size or min(4096, max(64, options.size))
    return content, to_tensor(read_painting(options.painting, style_size, options.crop))


def load_features(method: Method, weights: Path | None = None) -> VGGFeatures:
    """The VGG a method needs, as deep as its layers. Raises `VGGWeightsError`."""
    try:
        vgg = VGGFeatures(method.layers(), weights, method.vgg, method.pooling, method.preprocessing)
    except OtherVGGError as error:
        raise VGGWeightsError(f"{error}: give --vgg {error.depth}") from error
    return vgg.to(memory_format=torch.channels_last)  # a fifth faster on a CPU


def start(init: str, content: Tensor, painting: Tensor | None, seed: int = 0) -> Tensor:
    """Where a method begins, as large as `content`, `[1, 3, H, W]` in 0..1.

    ``noise`` is uniform in 0..1, ``noisy-content`` the photo under a share of 0.6 of weak noise around the mean pixel
    (CS 20's), ``painting`` the painting stretched to the picture's size. The noise is `seed`'s on every device.
    Raises `ValueError` for a painting that is None.
    """
    if init == "content":
        return content.clone()
    if init == "painting":
        if painting is None:
            raise ValueError("--init painting needs a painting")
        return F.interpolate(painting, content.shape[2:], mode="bilinear", antialias=True).clamp(0, 1)
    noise = torch.rand(content.shape, generator=torch.Generator().manual_seed(seed)).to(content.device)
    if init == "noise":
        return noise
    mean = torch.tensor(_MEAN_PIXEL, device=content.device).view(1, 3, 1, 1)
    return NOISE_SHARE * (mean + (2 * noise - 1) * NOISE) + (1 - NOISE_SHARE) * content


def optimize(
    method: Method, vgg: VGGFeatures, content: Tensor, painting: Tensor | None, seed: int = 0
) -> Iterator[OptimizeRecord]:
    """Yields the start and then the picture after each iteration, `method.iterations` of them or fewer.

    `content` and `painting`, None where the method asks for none, are `[1, 3, H, W]` in 0..1, on the VGG's device.
    L-BFGS ends early where it finds no lower objective. Raises `OptionsError` for pictures too small for the layers and
    for an objective that is no longer a finite number, and `StylecamError` where the memory does not suffice.
    """
    height, width = content.shape[2:]
    needed = height * width * BYTES_PER_PIXEL
    if painting is not None:
        needed = max(needed, painting_memory(*painting.shape[2:]))
    check_memory(needed, "lower --size or --style-size", content.device)
    with memory_errors(f"there is not enough memory for {width}x{height} px: lower --size"):
        objective = PictureObjective(vgg, method, content, painting)
        first = start(method.init, content, painting, seed)
        steps = (
            _lbfgs(objective, first) if method.optimizer == "lbfgs" else _adam(objective, first, method.learning_rate)
        )
        for number, picture in enumerate(islice(steps, method.iterations + 1)):
            parts = objective.parts
            total = sum(parts.values())
            if not math.isfinite(total):
                raise OptionsError(
                    f"the objective is not a finite number at iteration {number}: lower --learning-rate or the weights"
                )
            yield OptimizeRecord(number, method.iterations, total, **parts, picture=picture)


def optimize_files(options: OptimizeOptions) -> Iterator[OptimizeRecord]:
    """`optimize` on picture files, on the device that is asked for. Raises any `StylecamError`."""
    content, painting = read_pair(options)
    vgg = load_features(options.method, options.vgg_weights)
    device = make_fabric(options.device).device
    painting = None if painting is None else painting.to(device)
    yield from optimize(options.method, vgg.to(device), content.to(device), painting, options.seed)


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


def _lbfgs(objective: PictureObjective, start: Tensor) -> Iterator[Tensor]:
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
