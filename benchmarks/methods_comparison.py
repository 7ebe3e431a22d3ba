"""Every method of `realtime optimize` and a feed-forward network on one pair, in one run: time, loss, picture.

    python benchmarks/methods_comparison.py paintings/hokusai.jpg --style hokusai -o methods.png \
        --vgg-weights vgg16.safetensors

The photo is the demo scene at a short side of 256 px, the painting is as the network learnt it. Each method minimises
its own objective; to compare their pictures there is one measure for all, the networks' content + 6 style distance.
The last lines minimise that measure itself by L-BFGS from noise until it is as low as the network's, and give the ratio
of the times.
"""

from __future__ import annotations

import argparse
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from stylecam.models.catalog import Style, StyleCatalog
from stylecam.realtime.common.targets import FIGURES, check_target
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.pictures.contact_sheet import Cell, Sheet
from stylecam.realtime.pictures.sheet_file import save_sheet
from stylecam.realtime.sources.demo_scene import draw_scene
from stylecam.training.evaluate.evaluation_data import load_vgg
from stylecam.training.evaluate.gatys_iterations import picture_objective
from stylecam.training.losses.perceptual import PerceptualLoss
from stylecam.training.optimize.lbfgs import iterations_until
from stylecam.training.optimize.methods import METHODS, Method
from stylecam.training.optimize.optimize import load_features, optimize
from stylecam.training.painting import PREPARATION, read_painting
from stylecam.training.tensors import to_picture, to_tensor

SIZE = (340, 256)  # width, height, px
STYLE_WEIGHT = 6.0
FRAMES = 30  # of which the median time counts


@dataclass
class Row:
    """One line of the table, and the picture."""

    name: str
    iterations: int
    seconds: float
    start: float | None  # of its own objective
    end: float | None
    common: float
    picture: np.ndarray  # RGB


def optimised(
    name: str, method: Method, weights: Path, scene: np.ndarray, painting: Tensor, loss: PerceptualLoss
) -> Row:
    """A method's run, its targets and the VGG's loading not timed."""
    vgg = load_features(method, weights)
    records = optimize(method, vgg, to_tensor(scene), painting)
    first = next(records)
    begun = time.perf_counter()
    last = deque(records, maxlen=1).pop()
    seconds = time.perf_counter() - begun
    picture = to_picture(last.picture)
    return Row(name, last.iteration, seconds, first.objective, last.objective, common(loss, scene, picture), picture)


def feed_forward(stylizer: Stylizer, scene: np.ndarray, loss: PerceptualLoss) -> Row:
    """The network's frame."""
    frame = np.ascontiguousarray(scene[..., ::-1])
    painted = stylizer(frame)
    times = []
    for _ in range(FRAMES):
        begun = time.perf_counter()
        stylizer(frame)
        times.append(time.perf_counter() - begun)
    picture = painted[..., ::-1]
    name = f"{stylizer.style.name}, tier {stylizer.style.tier}"
    return Row(name, 1, float(np.median(times)), None, None, common(loss, scene, picture), picture)


@torch.no_grad()
def common(loss: PerceptualLoss, scene: np.ndarray, picture: np.ndarray) -> float:
    """Content + 6 style distance of RGB pictures."""
    content, style = loss(to_tensor(picture), loss.content_target(to_tensor(scene)))
    return float(content + STYLE_WEIGHT * style)


def preparation_of(style: Style) -> dict[str, Any]:
    """How the painting of a `style` was prepared for its training: the settings of `read_painting`."""
    recipe = style.record("training")
    return {key: recipe.get(key, usual) for key, usual in PREPARATION.items()}


def rows(
    options: argparse.Namespace, styles: list[Style], scene: np.ndarray, painting: Tensor, loss: PerceptualLoss
) -> Iterator[Row]:
    """The networks first: they need no patience."""
    for style in styles:
        yield feed_forward(Stylizer(style, "cpu"), scene, loss)
    for name, method in METHODS.items():
        yield optimised(name, replace(method, vgg=options.vgg), options.vgg_weights, scene, painting, loss)


def main() -> None:
    """Prints the table and saves the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("painting", type=Path)
    parser.add_argument("--style", default="hokusai", help="the network of the same painting")
    parser.add_argument("--tiers", default="fast", help="with commas")
    parser.add_argument("--vgg", type=int, default=16)
    parser.add_argument("--vgg-weights", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True, help="the sheet: PNG, SVG or PDF")
    options = parser.parse_args()
    check_target(options.output, (options.painting,), *FIGURES)
    scene = np.ascontiguousarray(draw_scene(60, SIZE)[..., ::-1])
    styles = [StyleCatalog().find(options.style, tier) for tier in options.tiers.split(",")]
    preparation = preparation_of(styles[0])
    if any(preparation_of(style) != preparation for style in styles):
        raise SystemExit("the tiers learnt from the painting in different sizes: give one of them")
    painting = to_tensor(read_painting(options.painting, **preparation))
    loss = PerceptualLoss(load_vgg(options.vgg_weights, "cpu"), painting)
    print("| method | iterations | time | own objective | content + 6 style |\n|---|---|---|---|---|")
    cells, networks = [Cell(scene[..., ::-1], ["the demo scene"])], []
    for row in rows(options, styles, scene, painting, loss):
        own = "" if row.start is None else f"{row.start:.3g} to {row.end:.3g}"
        print(f"| {row.name} | {row.iterations} | {row.seconds:.4g} s | {own} | {row.common:.2f} |", flush=True)
        cells.append(Cell(row.picture[..., ::-1], [row.name]))
        networks += [row] if row.start is None else []
    save_sheet(options.output, Sheet(cells, 3, "the demo scene by every method"))
    for network in networks:
        noise = torch.rand((1, 3, SIZE[1], SIZE[0]), generator=torch.Generator().manual_seed(1))
        begun = time.perf_counter()
        objective = picture_objective(loss, to_tensor(scene), STYLE_WEIGHT)
        needed = iterations_until(objective, noise, network.common, 500)
        seconds = time.perf_counter() - begun
        print(f"L-BFGS does as well as {network.name} after {needed} iterations, {seconds:.1f} s: ", end="")
        print(f"{seconds / network.seconds:.0f} times as long")


if __name__ == "__main__":
    main()
