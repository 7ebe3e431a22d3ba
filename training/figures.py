"""Plots: one look, and one way into PNG, SVG and PDF."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import matplotlib.axes
import matplotlib.figure

__all__ = ["DPI", "TOTAL", "figure_bytes", "legend", "loss_axes", "plot_losses"]

DPI = 200
LONGEST_NAME = 60  # letters
TOTAL = "total"  # the curve of the objective, beside those of its terms
# Words stay words, which can be searched and set anew; the same plot is the same file.
_SETTINGS: Any = {"svg.fonttype": "none", "svg.hashsalt": "stylecam", "pdf.fonttype": 42}


def loss_axes(title: str, x: str, y: str) -> tuple[matplotlib.figure.Figure, matplotlib.axes.Axes]:
    """An empty figure with its title and its axes' names. Losses have no unit, and the names say so."""
    figure = matplotlib.figure.Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, parse_math=False)  # a file's name may hold dollars
    axes.set(xlabel=x, ylabel=y)
    return figure, axes


def plot_losses(axes: matplotlib.axes.Axes, steps: Sequence[int], curves: Mapping[str, Sequence[float]]) -> None:
    """Draws the terms of an objective and their sum `TOTAL` on one logarithmic axis; what is never above 0 is left out.

    A term that is 0 for a while, as at a start from the photo, has a gap there.
    """
    for name, values in curves.items():
        if any(value > 0 for value in values):
            shown = [value if value > 0 else float("nan") for value in values]
            look: Any = {"linewidth": 2, "color": "black"} if name == TOTAL else {"linewidth": 1.2}
            axes.plot(steps, shown, label=name, **look)
    if axes.lines:
        axes.set_yscale("log")
        legend(axes)


def legend(axes: matplotlib.axes.Axes, title: str | None = None) -> None:
    """Names the curves; of a name of over 60 letters, as a path may be, the middle is left out."""
    for text in axes.legend(title=title).get_texts():
        text.set_parse_math(False)
        name = text.get_text()
        if len(name) > LONGEST_NAME:
            text.set_text(f"{name[:15]}…{name[16 - LONGEST_NAME :]}")  # else it would cover the curves


def figure_bytes(figure: matplotlib.figure.Figure, suffix: str) -> bytes:
    """The figure as a file of the suffix ``.png``, of 200 dots an inch, ``.svg`` or ``.pdf``."""
    for axes in figure.axes:
        axes.grid(alpha=0.3, which="both")
    kind = suffix.lower().removeprefix(".")
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
    file = io.BytesIO()
    with matplotlib.rc_context(_SETTINGS):
        figure.savefig(file, format=kind, dpi=DPI, metadata=undated)
    return file.getvalue()
