"""Pictures per second of training: this project's step against that of PyTorch's fast-neural-style example.

    git clone --depth 1 https://github.com/pytorch/examples
    python benchmarks/training_throughput.py examples/fast_neural_style --vgg-weights vgg16.safetensors

Steps of both take turns in one process, on the same pictures, batch and threads. The example's own modules are
imported (its network, VGG and Gram matrix) and put together as its training does: float32, both pictures through
the whole VGG. Its VGG gets random weights, which take the same time. Ours runs everything that a step of
`realtime train` computes: the stability loss (a second pass of the network), and with tier fast pictures of up to twice
the size, a new one for each step, of which the VGG sees the size itself.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from stylecam.training.device import vgg_precision
from stylecam.training.losses.forms import CONTENT_LAYER, STYLE_LAYERS
from stylecam.training.losses.objective import Objective
from stylecam.training.losses.perceptual import PerceptualLoss
from stylecam.training.losses.vgg import VGGFeatures
from stylecam.training.muon import make_optimizer
from stylecam.training.options import TrainOptions
from stylecam.training.state import new_state


def example_step(folder: Path, batch: int) -> Callable[[Tensor], None]:
    """One step of the example's training, on pictures `[N, 3, H, W]` in 0..1."""
    sys.path.insert(0, str(folder / "neural_style"))
    import torchvision.models  # type: ignore[import-untyped]

    original = torchvision.models.vgg16
    torchvision.models.vgg16 = lambda weights: original(weights=None)  # speed needs no download
    network = importlib.import_module("transformer_net").TransformerNet()
    vgg = importlib.import_module("vgg").Vgg16(requires_grad=False)
    torchvision.models.vgg16 = original
    utils: Any = importlib.import_module("utils")
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    painting = vgg(utils.normalize_batch(torch.rand(batch, 3, 256, 256) * 255))
    targets = [utils.gram_matrix(features) for features in painting]
    mse = torch.nn.MSELoss()

    def step(pictures: Tensor) -> None:
        photos = pictures * 255
        optimizer.zero_grad()
        painted = vgg(utils.normalize_batch(network(photos)))
        original_features = vgg(utils.normalize_batch(photos))
        content = mse(painted.relu2_2, original_features.relu2_2)
        style = sum(mse(utils.gram_matrix(f), t) for f, t in zip(painted, targets, strict=True))
        (1e5 * content + 1e10 * style).backward()
        optimizer.step()

    return step


def our_step(tier: str, weights: Path | None, size: int) -> Callable[[Tensor], None]:
    """One step of `realtime train` with its defaults, on the frames that it paints for pictures of `size` px."""
    options = TrainOptions(Path(), Path(), Path(), tier=tier, size=size)
    sides = itertools.cycle(range(size, options.side + 1, max(8, (options.side - size) // 4 // 8 * 8)))
    network = new_state(options).network.train().to(memory_format=torch.channels_last)
    vgg = VGGFeatures((*STYLE_LAYERS, CONTENT_LAYER), weights).to(memory_format=torch.channels_last)
    loss = PerceptualLoss(vgg, torch.rand(1, 3, 256, 256), swd=True)
    objective = Objective(options, [loss], vgg_precision("auto", torch.device("cpu")))
    optimizer = make_optimizer("muon", network, 2e-3)

    def step(pictures: Tensor) -> None:
        side = next(sides)
        pictures = torch.nn.functional.interpolate(pictures, (side, side), mode="bilinear")
        total, _ = objective(network, pictures.contiguous(memory_format=torch.channels_last), 100, 100)
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        optimizer.step()

    return step


def main() -> None:
    """Prints the median over rounds of each one's pictures per second, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("example", type=Path, help="the example's folder fast_neural_style")
    parser.add_argument("--vgg-weights", type=Path)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    torch.manual_seed(0)
    steps = {
        "example": example_step(given.example, given.batch),
        "ours, full": our_step("full", given.vgg_weights, given.size),
        "ours, fast": our_step("fast", given.vgg_weights, given.size),
    }
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    pictures = torch.rand(given.batch, 3, given.size, given.size)
    for number in range(given.rounds + 1):
        for name, step in steps.items():
            started = time.perf_counter()
            step(pictures)
            if number:  # the first round warms up
                seconds[name].append(time.perf_counter() - started)
    rates = {name: given.batch / statistics.median(values) for name, values in seconds.items()}
    for name, rate in rates.items():
        print(f"{name:12} {rate:6.2f} pictures/s, {rate / rates['example']:5.2f} times the example")


if __name__ == "__main__":
    main()
