"""Optimisation of one picture: `realtime optimize` against a plain closure as PyTorch's tutorial has it.

    python benchmarks/optimize_throughput.py --vgg-weights vgg16.safetensors

The tutorial "Neural Transfer Using PyTorch" puts modules between the layers of a VGG that keep their losses, clamps the
picture, runs the network and all modules on it and goes back, in each evaluation of torch's L-BFGS, without a line
search. The same is built here, on the tutorial's layers (style at its first five convolutions, content at the fourth)
and pictures of 400x400. Ours takes the same layers, pictures and start. Rounds of both take turns in one process; the
mean time of an evaluation, and of an iteration with all its evaluations, is compared.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylecam.training.optimize.lbfgs import minimise
from stylecam.training.optimize.methods import METHODS, parse_layers
from stylecam.training.optimize.optimize import load_features
from stylecam.training.optimize.picture_objective import PictureObjective

STYLE, CONTENT = "conv1_1,conv1_2,conv2_1,conv2_2,conv3_1", "conv2_2"
METHOD = replace(
    METHODS["gatys"],
    vgg=16,
    pooling="max",
    activations="own",
    content_layers=parse_layers(CONTENT),
    style_layers=parse_layers(STYLE),
    init="content",
)


def _gram(features: Tensor) -> Tensor:
    flat = features.flatten(0, 1).flatten(1)
    return flat @ flat.T / features.numel()


class _Kept(nn.Module):
    """A loss between two layers: keeps the distance of what comes by and hands it on."""

    def __init__(self, target: Tensor, of: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.target, self.of = of(target).detach(), of

    def forward(self, x: Tensor) -> Tensor:
        self.loss = F.mse_loss(self.of(x), self.target)
        return x


class _Normalized(nn.Module):
    def __init__(self, vgg: nn.Module) -> None:
        super().__init__()
        self.mean, self.std = vgg.mean, vgg.std

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.std


def tutorial(photo: Tensor, painting: Tensor, weights: Path | None) -> tuple[Callable[[], None], Tensor, list[float]]:
    """(20 iterations of the optimizer, the picture, the losses of all evaluations)."""
    vgg = load_features(METHOD, weights).to(memory_format=torch.contiguous_format)
    model = nn.Sequential(_Normalized(vgg))
    kept: dict[str, list[_Kept]] = {"content": [], "style": []}
    for name, layer in zip(vgg.names, vgg.features, strict=True):
        model.append(nn.ReLU() if isinstance(layer, nn.ReLU) else layer)  # in place it would spoil what was kept
        for kind, names, picture, of in (
            ("content", CONTENT.split(","), photo, lambda x: x),
            ("style", STYLE.split(","), painting, _gram),
        ):
            if name in names:
                with torch.no_grad():
                    kept[kind].append(_Kept(model(picture), of))
                model.append(kept[kind][-1])
    pixels = photo.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([pixels])
    losses: list[float] = []

    def closure() -> Tensor:
        with torch.no_grad():
            pixels.clamp_(0, 1)
        optimizer.zero_grad()
        model(pixels)
        total = 1e6 * torch.stack([m.loss for m in kept["style"]]).sum() + kept["content"][0].loss
        total.backward()  # type: ignore[no-untyped-call]
        losses.append(float(total.detach()))
        return total

    return (lambda: optimizer.step(closure)), pixels, losses  # type: ignore[no-untyped-call, return-value]


class _Counted:
    """Our objective, and how often it was asked."""

    def __init__(self, objective: PictureObjective) -> None:
        self.objective, self.count = objective, 0

    def __call__(self, pixels: Tensor) -> Tensor:
        self.count += 1
        return self.objective(pixels)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _rounds(steps: Iterator[object], count: int) -> None:
    for _ in islice(steps, count):
        pass


def main() -> None:
    """Prints the times and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vgg-weights", type=Path, help="VGG-16 in torchvision's layout")
    parser.add_argument("--size", type=int, default=400, help="side of the pictures, px")
    parser.add_argument("--iterations", type=int, default=100, help="of each, in rounds of 20")
    options = parser.parse_args()
    generator = torch.Generator().manual_seed(0)
    photo, painting = (
        F.interpolate(torch.rand(1, 3, 25, 25, generator=generator), (options.size,) * 2, mode="bicubic").clamp(0, 1)
        for _ in range(2)
    )
    step, _, losses = tutorial(photo, painting, options.vgg_weights)
    vgg = load_features(METHOD, options.vgg_weights)
    objective = PictureObjective(vgg, METHOD, photo, painting)
    first = float(objective(photo))
    counted = _Counted(objective)
    ours = minimise(lambda x: counted(x) * (photo.numel() / first), photo)
    next(ours)  # the start: its evaluation belongs to no iteration
    counted.count = 0
    times: dict[str, list[float]] = {"theirs": [], "ours": []}
    counts: dict[str, list[int]] = {"theirs": [], "ours": []}
    for _ in range(max(1, options.iterations // 20)):
        before = len(losses), counted.count
        times["theirs"].append(_timed(step))
        times["ours"].append(_timed(lambda: _rounds(ours, 20)))
        counts["theirs"].append(len(losses) - before[0])
        counts["ours"].append(counted.count - before[1])
    each = {who: sum(times[who]) / (20 * len(times[who])) for who in times}
    evaluation = {who: sum(times[who]) / sum(counts[who]) for who in times}
    for what, found in (("iteration", each), ("evaluation", evaluation)):
        ratio = found["theirs"] / found["ours"]
        print(f"ms for each {what}: tutorial {found['theirs'] * 1e3:.0f}, ours {found['ours'] * 1e3:.0f}: {ratio:.2f}")
    print(f"evaluations for each iteration: {sum(counts['ours']) / (20 * len(counts['ours'])):.2f}")


if __name__ == "__main__":
    main()
