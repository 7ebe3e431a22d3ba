"""The curves of an optimisation."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib.figure

if TYPE_CHECKING:
    from stylecam.training.optimize import OptimizeRecord

__all__ = ["loss_plot"]


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
    axes.grid(alpha=0.3)
    picture = io.BytesIO()
    figure.savefig(picture, dpi=100)
    return picture.getvalue()
