"""Percentiles of as many times as may come, in a fixed amount of memory."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["Histogram"]

SMALLEST, LARGEST = 1e-3, 1e7  # of the values told apart; in milliseconds, a microsecond and some hours
STEP = 1.01  # from one bin's edge to the next: no value is off by more than half a percent
BINS = math.ceil(math.log(LARGEST / SMALLEST) / math.log(STEP))


class Histogram:
    """Counts positive values in bins whose width grows with the value."""

    def __init__(self) -> None:
        self.count = 0
        self._counts = np.zeros(BINS, np.int64)

    def add(self, value: float) -> None:
        """Counts one value; those beyond the ends count as the ends."""
        position = math.log(max(value, SMALLEST) / SMALLEST) / math.log(STEP)
        self._counts[min(int(position), BINS - 1)] += 1
        self.count += 1

    def percentile(self, percent: float) -> float | None:
        """As ``numpy.percentile`` has it, to half a percent; None without values."""
        if self.count == 0:
            return None
        rank = (self.count - 1) * percent / 100
        low, high = self._value(math.floor(rank)), self._value(math.ceil(rank))
        return low + (high - low) * (rank % 1)

    def _value(self, rank: int) -> float:
        """The value of a rank, counted from 0 upwards: the middle of its bin."""
        number = int(np.searchsorted(np.cumsum(self._counts), rank, side="right"))
        return float(SMALLEST * STEP ** (number + 0.5))
