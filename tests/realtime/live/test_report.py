"""Histogram and Meter: percentiles as exact as promised, in memory that does not grow."""

import pickle
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stylecam.realtime.live.histogram import Histogram
from stylecam.realtime.live.report import Meter


@given(st.lists(st.floats(2e-3, 9e6), min_size=1, max_size=200), st.floats(0, 100))
def test_percentiles_are_numpys_within_one_percent(values, percent):
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    assert histogram.percentile(percent) == pytest.approx(np.percentile(values, percent), rel=0.01)


def test_without_values_there_is_no_percentile_and_the_ends_hold_all_else():
    histogram = Histogram()
    assert histogram.percentile(50) is None
    histogram.add(0.0)
    assert histogram.percentile(50) == pytest.approx(0, abs=0.01)
    histogram.add(1e12)
    assert histogram.percentile(100) == pytest.approx(1e7, rel=0.01)


def test_ten_thousand_frames_take_no_more_memory_than_a_hundred():
    meter, sizes = Meter(), {}
    for number in range(10_001):
        meter.frame_shown(time.monotonic() - 0.01 * number, 5.0 + number / 1000)
        sizes[number] = len(pickle.dumps(meter)) if number in (100, 10_000) else 0
    assert sizes[10_000] - sizes[100] < 100
    figures = meter.figures()
    assert figures["frames_shown"] == 10_001
    assert figures["inference_ms"] == pytest.approx({"p50": 10.0, "p95": 14.5}, rel=0.01)
    assert figures["latency_ms"] == pytest.approx({"p50": 50_000, "p95": 95_000}, rel=0.02)


def test_only_the_last_thousand_switches_are_kept():
    meter = Meter()
    for number in range(1500):
        meter.switched(str(number), time.monotonic())
    switches = meter.figures()["switches"]
    assert [switches[0]["to"], switches[-1]["to"], len(switches)] == ["500", "1499", 1000]
