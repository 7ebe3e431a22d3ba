"""How many iterations of optimising the pixels a network is worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from stylecam.training.data import resize_short_side
from stylecam.training.evaluate.likeness import Target
from stylecam.training.evaluate.stylize import Stylize
from stylecam.training.losses.perceptual import PerceptualLoss
from stylecam.training.optimize.lbfgs import iterations_until, minimise
from stylecam.training.tensors import to_tensor

__all__ = ["Count", "GatysIterations", "gatys_iterations", "iterations_for", "picture_objective"]

SIDE = 256  # px: short side of the photos in `iterations_for`, as in Johnson et al. 2016


@dataclass(frozen=True)
class Count:
    """A mean number of iterations; `capped` when the limit stands for some photos, so that it is at least that."""

    mean: float
    capped: bool

    def __str__(self) -> str:
        return f">= {self.mean:.0f}" if self.capped else f"{self.mean:.1f}"


@dataclass(frozen=True)
class GatysIterations:
    """The iterations that reach a network's objective, from white noise and from the photo; means over `photos`."""

    from_noise: Count
    from_content: Count
    photos: int
    style_weight: float
    goal: float = 0.0  # the mean of the network's objective, content + `style_weight` * style, on them
    curve: tuple[float, ...] = ()  # the mean objective from noise after each iteration, where it was asked for


def iterations_for(
    stylize: Stylize,
    target: Target,
    photos: Sequence[np.ndarray],
    style_weight: float,
    limit: int = 200,
    curve: bool = False,
    on_progress: Callable[[str], None] = lambda what: None,
) -> GatysIterations:
    """`gatys_iterations` of a style that paints `photos`, uint8 BGR, at a short side of 256 px, against `target`."""
    device = target.vgg.mean.device
    loss = PerceptualLoss(target.vgg, to_tensor(target.scan[..., ::-1]).to(device)).to(device)
    small = [resize_short_side(photo, SIDE) for photo in photos]
    inputs, painted = ([to_tensor(p[..., ::-1]).to(device) for p in some] for some in (small, map(stylize, small)))
    with torch.no_grad():
        goals = [
            float(picture_objective(loss, photo, style_weight)(picture))
            for photo, picture in zip(inputs, painted, strict=True)
        ]
    return gatys_iterations(loss, inputs, goals, style_weight, limit, curve, on_progress)


def gatys_iterations(
    loss: PerceptualLoss,
    photos: Sequence[Tensor],
    goals: Sequence[float],
    style_weight: float,
    limit: int = 200,
    curve: bool = False,
    on_progress: Callable[[str], None] = lambda what: None,
) -> GatysIterations:
    """How long the method of Gatys, Ecker and Bethge 2016 takes to do as well as a network.

    `photos` are `[1, 3, H, W]` in 0..1, `goals` the network's own objective, content + `style_weight` * style, on
    each. As in Johnson et al. 2016, section 4.1, the same objective is minimised by L-BFGS on the pixels; its
    pixels are not held in 0..1, which makes it faster, if anything. The noise is the same in every call. With `curve`
    it goes on to `limit` where it starts from noise.
    """
    counts: dict[str, list[int | None]] = {"noise": [], "content": []}
    curves: list[list[float]] = []
    for number, (photo, goal) in enumerate(zip(photos, goals, strict=True), 1):
        objective = picture_objective(loss, photo, style_weight)
        noise = torch.rand(photo.shape, generator=torch.Generator().manual_seed(number)).to(photo.device)
        for name, start in (("noise", noise), ("content", photo)):
            on_progress(f"optimisation from {name}, photo {number} of {len(photos)}")
            if curve and name == "noise":
                curves.append([i.objective for i in islice(minimise(objective, start), limit + 1)])
                counts[name].append(next((n for n, value in enumerate(curves[-1]) if value <= goal), None))
            else:
                counts[name].append(iterations_until(objective, start, goal, limit))
    noise_count, content_count = (_count(counts[name], limit) for name in ("noise", "content"))
    goal = float(np.mean(goals))
    return GatysIterations(noise_count, content_count, len(photos), style_weight, goal, _mean_curve(curves))


def _mean_curve(curves: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Where one ended early it stays at its end."""
    longest = max(map(len, curves), default=0)
    full = [[*curve, *[curve[-1]] * (longest - len(curve))] for curve in curves]
    return tuple(float(np.mean(column)) for column in zip(*full, strict=True))


def picture_objective(loss: PerceptualLoss, photo: Tensor, style_weight: float) -> Callable[[Tensor], Tensor]:
    """Content + `style_weight` * style of a picture against `photo`, `[1, 3, H, W]` in 0..1, as a scalar."""
    target = loss.content_target(photo)

    def objective(pixels: Tensor) -> Tensor:
        content, style = loss(pixels, target)
        total: Tensor = (content + style_weight * style).sum()
        return total

    return objective


def _count(counts: Sequence[int | None], limit: int) -> Count:
    return Count(float(np.mean([limit if n is None else n for n in counts])), None in counts)
