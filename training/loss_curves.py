"""The loss plot of a training."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.figure
import numpy as np

__all__ = ["loss_curves"]

WINDOW = 25  # steps of the running mean


def loss_curves(rows: Sequence[Mapping[str, Any]], weights: Mapping[str, float]) -> bytes:
    """A PNG of the total and of each weighted loss over the steps, running means on a logarithmic axis.

    `rows` are those of metrics.csv, one at least. `weights` are the losses' by name; the style's is the row's own,
    since it rises. What is 0 throughout has no curve.
    """
    figure = matplotlib.figure.Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()

    def column(name: str) -> np.ndarray:
        return np.array([float(row[name]) for row in rows])

    curves = {f"{weight:g} {name}": weight * column(name) for name, weight in weights.items() if name != "style"}
    style = column("style_weight")
    curves = {f"{style[-1]:g} style": style * column("style"), **curves, "total": column("total")}
    steps = [int(row["step"]) for row in rows]
    for label, values in curves.items():
        if np.any(values > 0):
            axes.plot(steps, _smooth(values), label=label, linewidth=1.2)
    axes.set(xlabel="step", ylabel="weighted loss, running mean", yscale="log")
    axes.grid(alpha=0.3)
    axes.legend()
    picture = io.BytesIO()
    figure.savefig(picture, dpi=100)
    return picture.getvalue()


def _smooth(values: np.ndarray) -> np.ndarray:
    """Mean over up to `WINDOW` values that end at each place."""
    sums = np.cumsum(np.concatenate([[0.0], values]))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - WINDOW)
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts))
