"""The curves of optimisations."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.figure
import matplotlib.ticker

if TYPE_CHECKING:
    from stylecam.training.optimize.optimize import OptimizeRecord

__all__ = ["curve_plot", "loss_plot"]

HIGHEST = 3  # times the worst network's objective: the upper end of the axis of `curve_plot`


def loss_plot(records: Sequence[OptimizeRecord]) -> bytes:
    """A PNG of the objective and its weighted parts over the iterations, on a logarithmic axis."""
    figure = matplotlib.figure.Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    iterations = [record.iteration for record in records]
    for name in ("objective", "content", "style", "tv"):
        values = [getattr(record, name) for record in records]
        if any(value > 0 for value in values):
            # A part that is 0 at the start has no place on the axis.
            shown = [value if value > 0 else float("nan") for value in values]
            axes.plot(iterations, shown, label=name, linewidth=2 if name == "objective" else 1.2)
    if axes.lines:
        axes.set_yscale("log")
        axes.legend()
    axes.set(xlabel="iteration", ylabel="weighted loss")
    return _png(figure)


def curve_plot(curves: Mapping[str, tuple[Sequence[float], float]]) -> bytes:
    """A PNG of L-BFGS's objective over its iterations, and of each network's: ``{name: (curve, network's)}``.

    A dotted line from the left leads to the iteration that does as well as the network; it goes on to the right where
    none does. Where the curve is a mean over photos, so is that iteration the mean curve's.
    """
    figure = matplotlib.figure.Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    for name, (curve, goal) in curves.items():
        (line,) = axes.plot(range(len(curve)), curve, label=f"{name}: {goal:.2f}", linewidth=1.2)
        reached = next((n for n, objective in enumerate(curve) if objective <= goal), None)
        last = len(curve) - 1 if reached is None else reached
        axes.plot([0, last], [goal, goal], color=line.get_color(), linestyle=":", linewidth=1)
        if reached is not None:
            axes.plot(reached, goal, color=line.get_color(), marker="o", markersize=5)
    axes.set(xlabel="iteration of L-BFGS from noise", ylabel="objective", yscale="log")
    highest = max((goal for _, goal in curves.values()), default=0)
    if highest > 0:  # noise begins hundreds of times as high, which would leave a tenth of the axis to what matters
        axes.set_ylim(top=HIGHEST * highest)
    axes.yaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 3, 5)))
    axes.yaxis.set_major_formatter(matplotlib.ticker.FormatStrFormatter("%g"))
    axes.yaxis.set_minor_formatter(matplotlib.ticker.NullFormatter())
    axes.legend(title="dotted: the network, in one pass")
    return _png(figure)


def _png(figure: matplotlib.figure.Figure) -> bytes:
    for axes in figure.axes:
        axes.grid(alpha=0.3, which="both")
    picture = io.BytesIO()
    figure.savefig(picture, dpi=100)
    return picture.getvalue()
