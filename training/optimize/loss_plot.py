"""The curves of optimisations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.ticker

from stylecam.training.figures import TOTAL, figure_bytes, legend, loss_axes, plot_losses

if TYPE_CHECKING:
    from stylecam.training.optimize.optimize import OptimizeRecord

__all__ = ["curve_plot", "loss_plot"]

HIGHEST = 3  # times the worst network's objective: the upper end of the axis of `curve_plot`


def loss_plot(
    records: Sequence[OptimizeRecord], weights: Mapping[str, float], title: str = "", suffix: str = ".png"
) -> bytes:
    """A plot of the objective's terms with their weights, and of their sum, over the iterations.

    `weights` are the terms' by name: content, style and tv. `suffix` is that of the file: see `figure_bytes`.
    """
    curves = {f"{w:g} x {name}": [getattr(record, name) for record in records] for name, w in weights.items()}
    curves[TOTAL] = [record.objective for record in records]
    figure, axes = loss_axes(title, "iteration", "weighted loss (no unit)")
    plot_losses(axes, [record.iteration for record in records], curves)
    return figure_bytes(figure, suffix)


def curve_plot(
    curves: Mapping[str, tuple[Sequence[float], float]], title: str = "", style_weight: float = 1, suffix: str = ".png"
) -> bytes:
    """A plot of L-BFGS's objective over its iterations, and of each network's: ``{name: (curve, network's)}``.

    A dotted line from the left leads to the iteration that does as well as the network; it goes on to the right where
    none does. Where the curve is a mean over photos, so is that iteration the mean curve's.
    """
    objective = f"content + {style_weight:g} x style distance (no unit)"
    figure, axes = loss_axes(title, "iteration of L-BFGS from noise", objective)
    for name, (curve, goal) in curves.items():
        (line,) = axes.plot(range(len(curve)), curve, label=f"{name}: {goal:.2f}", linewidth=1.2)
        reached = next((n for n, value in enumerate(curve) if value <= goal), None)
        last = len(curve) - 1 if reached is None else reached
        axes.plot([0, last], [goal, goal], color=line.get_color(), linestyle=":", linewidth=1)
        if reached is not None:
            axes.plot(reached, goal, color=line.get_color(), marker="o", markersize=5)
    axes.set_yscale("log")
    highest = max((goal for _, goal in curves.values()), default=0)
    if highest > 0:  # noise begins hundreds of times as high, which would leave a tenth of the axis to what matters
        axes.set_ylim(top=HIGHEST * highest)
    axes.yaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 3, 5)))
    axes.yaxis.set_major_formatter(matplotlib.ticker.FormatStrFormatter("%g"))
    axes.yaxis.set_minor_formatter(matplotlib.ticker.NullFormatter())
    legend(axes, "dotted: the network, in one pass")
    return figure_bytes(figure, suffix)
