"""The loss plot of a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from stylecam.training.figures import TOTAL, figure_bytes, loss_axes, plot_losses

__all__ = ["loss_curves"]

WINDOW = 25  # steps of the running mean


def loss_curves(
    rows: Sequence[Mapping[str, Any]], weights: Mapping[str, float], title: str = "", suffix: str = ".png"
) -> bytes:
    """A plot of each loss with its weight and of the total over the steps, running means on a logarithmic axis.

    `rows` are those of metrics.csv, one at least. `weights` are the losses' by name; the style's is the row's own,
    since it rises. What is 0 throughout has no curve. `suffix` is that of the file: see `figure_bytes`.
    """

    def column(name: str) -> np.ndarray:
        return np.array([float(row[name]) for row in rows])

    style_weight = column("style_weight")
    curves = {}
    for name, weight in weights.items():
        values = column(name) * (style_weight if name == "style" else weight)
        curves[f"{style_weight[-1] if name == 'style' else weight:g} x {name}"] = values
    curves[TOTAL] = column("total")
    figure, axes = loss_axes(title, "step", f"weighted loss (no unit), mean of {WINDOW} steps")
    plot_losses(axes, [int(row["step"]) for row in rows], {name: _smooth(v).tolist() for name, v in curves.items()})
    return figure_bytes(figure, suffix)


def _smooth(values: np.ndarray) -> np.ndarray:
    """Mean over up to `WINDOW` values that end at each place."""
    sums = np.cumsum(np.concatenate([[0.0], values]))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - WINDOW)
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts))
