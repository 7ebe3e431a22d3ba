"""The loss plots: what is in them, and in which formats they come."""

import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from stylecam.training.figures import figure_bytes, loss_axes, plot_losses
from stylecam.training.loss_curves import loss_curves
from stylecam.training.losses.table import LOSSES

WEIGHTS = {loss.name: 2.0 + number for number, loss in enumerate(LOSSES)}


@pytest.fixture
def rows():
    """Rows of metrics.csv in which every loss has a part."""
    random = np.random.default_rng(1)
    made = []
    for step in range(1, 41):
        values = {name: random.uniform(0.1, 1) for name in WEIGHTS}
        weights = {**WEIGHTS, "style": 6 * step / 40}
        total = sum(weights[name] * value for name, value in values.items())
        made.append({"step": step, "style_weight": weights["style"], "total": total, **values})
    return made


def _texts(svg):
    return [element.text for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_a_training_has_every_weighted_loss_and_the_total_in_one_plot(rows):
    texts = _texts(loss_curves(rows, WEIGHTS, "A run of $5 and $6", ".svg"))
    for name, weight in {**WEIGHTS, "style": 6.0}.items():
        assert f"{weight:g} x {name}" in texts
    for part in ("total", "step", "weighted loss (no unit), mean of 25 steps", "A run of $5 and $6"):
        assert part in texts


def test_a_loss_that_nobody_asked_for_has_no_curve(rows):
    texts = _texts(loss_curves(rows, {**WEIGHTS, "tv": 0.0}, "", ".svg"))
    assert "0 x tv" not in texts


def _drawn(curves):
    figure, axes = loss_axes("", "step", "loss")
    plot_losses(axes, [1, 2, 3], curves)
    return figure, {line.get_label(): line.get_ydata() for line in axes.lines}


def test_the_curves_are_the_values_with_a_gap_where_a_logarithm_has_none():
    _, lines = _drawn({"a": [0.0, 2.0, 3.0], "b": [0.0, 0.0, 0.0], "total": [1.0, 2.0, 3.0]})
    assert np.array_equal(lines["a"], [np.nan, 2, 3], equal_nan=True)
    assert np.array_equal(lines["total"], [1, 2, 3])
    assert set(lines) == {"a", "total"}


def test_plots_of_three_formats():
    figure, _ = _drawn({"total": [1.0, 2.0, 3.0]})
    with Image.open(io.BytesIO(figure_bytes(figure, ".PNG"))) as picture:
        assert picture.size == (1600, 900)
        assert picture.info["dpi"] == pytest.approx((200, 200), abs=0.1)
    for suffix, begin in ((".pdf", b"%PDF-"), (".svg", b"<?xml")):
        assert figure_bytes(figure, suffix).startswith(begin)
        assert figure_bytes(figure, suffix) == figure_bytes(figure, suffix)  # no dates in it
    assert _texts(figure_bytes(_drawn({"total": [0.0, 0.0, 0.0]})[0], ".svg"))  # nothing to draw is no failure
