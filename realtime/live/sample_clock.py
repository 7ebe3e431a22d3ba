"""When a sound card took its samples, by the computer's clock."""

from __future__ import annotations

import math
from collections import deque

__all__ = ["SampleClock"]

EARLY, LATE = 0.02, 0.02  # seconds beyond which a block's time is no jitter
SURE = 0.3  # seconds for which blocks must all be late until samples are missing for certain
CLAMP = 0.01  # seconds: a block that waited for a busy computer does not pull the clock along
FAST, SLOW = 0.5, 0.01  # Hz: the loop's bandwidth at first, and once it has settled
MOST_DRIFT = 0.002  # of the nominal rate: cheap cards are off by a tenth of it


class SampleClock:
    """A delay-locked loop over the times of a sound card's blocks (Adriaensen, "Using a DLL to filter time", 2005).

    Each block's time is known to some milliseconds only, and the card's rate is not quite the nominal one; the loop
    finds both, better from second to second. Samples that were lost in between show by all later blocks coming late.

    period: seconds from one sample to the next, by the computer's clock.
    """

    def __init__(self, rate: float) -> None:
        self.period = self._nominal = 1 / rate
        self._next: float | None = None  # when the next block's first sample is taken
        self._heard = 0.0  # seconds
        self._errors: deque[tuple[float, float]] = deque()  # of the last blocks, and how long each is

    def block(self, count: int, time: float) -> tuple[float, float, bool]:
        """The next block has `count` samples, the first one taken about at `time`, in seconds.

        (when it begins, when it ends, whether it goes on where the last one ended).
        """
        start, joined = time, False
        if self._next is not None:
            start, joined = self._next, True
            error = time - start
            self._errors.append((error, count * self._nominal))
            while sum(length for _, length in self._errors) > SURE + count * self._nominal:
                self._errors.popleft()
            lateness = min(error for error, _ in self._errors)
            long_enough = sum(length for _, length in self._errors) >= SURE
            if error < -EARLY:  # nothing comes before it was there: the clock was late
                start, joined = time, False
            elif lateness > LATE and long_enough:
                start, joined = start + lateness, False
        else:
            error = 0.0
        if not joined:
            self._errors.clear()
            error = 0.0
        end = self._advance(start, count, max(-CLAMP, min(CLAMP, error)))
        return start, end, joined

    def _advance(self, start: float, count: int, error: float) -> float:
        bandwidth = max(SLOW, FAST / (1 + self._heard))
        omega = min(0.5, 2 * math.pi * bandwidth * count * self._nominal)
        self._next = start + math.sqrt(2) * omega * error + count * self.period
        period = self.period + omega * omega * error / count
        self.period = max((1 - MOST_DRIFT) * self._nominal, min((1 + MOST_DRIFT) * self._nominal, period))
        self._heard += count * self._nominal
        return self._next
