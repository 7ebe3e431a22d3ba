"""When a sound card took its samples, by the computer's clock."""

from __future__ import annotations

import math
from collections import deque

__all__ = ["SampleClock"]

EARLY, LATE = 0.02, 0.02  # seconds beyond which a block's time is no jitter
SURE = 0.3  # seconds for which blocks must all be late until samples are missing for certain
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
        if self._next is None:
            return time, self._advance(time, count, 0.0), False
        error = time - self._next
        late = self._surely_late(error, count * self._nominal)
        if error < -EARLY or late:  # nothing comes before it was there: the clock was late; or samples are missing
            self._errors.clear()
            start = self._next + (late or error)
            return start, self._advance(start, count, 0.0), False
        # A block that waited for a busy computer says nothing.
        start = self._next
        return start, self._advance(start, count, 0.0 if error > LATE else error), True

    def _surely_late(self, error: float, length: float) -> float:
        """By how many seconds all blocks of late were late; 0 where that is not certain yet."""
        self._errors.append((error, length))
        heard = sum(length for _, length in self._errors)
        while heard - self._errors[0][1] >= SURE:
            heard -= self._errors.popleft()[1]
        least = min(error for error, _ in self._errors)
        return least if heard >= SURE and least > LATE else 0.0

    def _advance(self, start: float, count: int, error: float) -> float:
        bandwidth = max(SLOW, FAST / (1 + self._heard))
        omega = min(0.5, 2 * math.pi * bandwidth * count * self._nominal)
        self._next = start + math.sqrt(2) * omega * error + count * self.period
        period = self.period + omega * omega * error / count
        self.period = max((1 - MOST_DRIFT) * self._nominal, min((1 + MOST_DRIFT) * self._nominal, period))
        self._heard += count * self._nominal
        return self._next
