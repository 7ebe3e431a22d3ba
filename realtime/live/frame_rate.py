"""Holds the frame rate that was asked for: where frames take too long, they are painted at fewer lines."""

from __future__ import annotations

import math
import time
from collections import deque
from statistics import median
from typing import Literal

from stylecam.realtime.video.frame import FrameSource

__all__ = ["ArrivalRate", "FrameRate", "FrameRateGovernor"]

STEPS = tuple(0.9**step for step in range(7))  # shares of the full lines, down to 0.53: with less all is a blur
WINDOW = 8  # frames whose median is believed
FULL = 1.0  # share of a frame's time that the work may take
AIM = 0.9  # what a step down aims at, so that the next disturbance costs no further one
ROOM = 0.88  # what a step up must be expected to stay below
WAIT, LONGEST_WAIT = 1.5, 30.0  # seconds with room before a step up; twice as long after each that was a mistake
MISTAKE = 5.0  # seconds within which a step down takes the step up before it back
SPAN = 1.5  # seconds over which a camera's rate is counted


class FrameRateGovernor:
    """Chooses the share of the full lines at which frames are painted, 1 down to 0.53, so that `fps` are shown.

    It goes down at once as far as the time of the last frames tells, and up a step at a time where there has been room
    for a while. A step up that does not last makes the next one wait longer, so that it does not hunt.
    """

    def __init__(self) -> None:
        self._step = 0
        self._work: deque[float] = deque(maxlen=WINDOW)
        self._room_since: float | None = None
        self._stepped_up = -math.inf
        self._wait = WAIT

    @property
    def share(self) -> float:
        """Of the full lines."""
        return STEPS[self._step]

    def after_frame(self, work: float, fps: float, now: float) -> bool:
        """A frame took `work` seconds of its 1 / `fps`, at `now` of a steady clock; returns whether `share` changed."""
        self._work.append(work * fps)
        if len(self._work) < WINDOW:
            return False
        load = median(self._work)
        if load > FULL and self._step < len(STEPS) - 1:
            if now - self._stepped_up < MISTAKE:
                self._wait = min(LONGEST_WAIT, 2 * self._wait)
            wanted = STEPS[self._step] * math.sqrt(AIM / load)  # the time goes with the pixels
            lower = [step for step in range(self._step + 1, len(STEPS)) if STEPS[step] <= wanted]
            return self._go(lower[0] if lower else len(STEPS) - 1)
        # About half of the time goes with the pixels that are painted, half with those that are shown.
        if self._step == 0 or load * (0.5 + 0.5 * (STEPS[self._step - 1] / STEPS[self._step]) ** 2) > ROOM:
            self._room_since = None
            return False
        if self._room_since is None:
            self._room_since = now
        if now - self._room_since < self._wait:
            return False
        if now - self._stepped_up > 4 * self._wait:  # the last one lasted
            self._wait = max(WAIT, self._wait / 2)
        self._stepped_up = now
        return self._go(self._step - 1)

    def _go(self, step: int) -> bool:
        self._step, self._room_since = step, None
        self._work.clear()
        return True


class ArrivalRate:
    """How many frames a second a camera really gives: in a dark room often half of what it says."""

    def __init__(self) -> None:
        self._counts: deque[tuple[float, int]] = deque()

    def __call__(self, captured: int, now: float) -> float | None:
        """The rate of late, after `captured` frames in all at `now` of a steady clock; None while that is too early."""
        self._counts.append((now, captured))
        while now - self._counts[0][0] > 2 * SPAN:
            self._counts.popleft()
        began, first = self._counts[0]
        return (captured - first) / (now - began) if now - began >= SPAN else None


class FrameRate:
    """A session's frame rate: times the work on each frame of `source` and tells at which share of the lines to go on.

    `target` as in `LiveOptions.target_fps`; with None the share is always 1. No more is aimed at than the source gives,
    nor than `at_most`, where that is a number.
    """

    at_most: float | None = None

    def __init__(self, source: FrameSource, target: float | Literal["auto"] | None) -> None:
        self._source, self._target = source, target
        self._governor, self._arrivals = FrameRateGovernor(), ArrivalRate()
        self._began = 0.0

    def begin(self) -> None:
        """The work on a frame begins."""
        self._began = time.monotonic()

    def share_after_frame(self, believed: bool = True) -> float:
        """The work on it has ended; what it took is `believed`, or was disturbed by what will not last."""
        now = time.monotonic()
        fps = self._fps(now)
        if fps and believed:
            self._governor.after_frame(now - self._began, fps, now)
        return self._governor.share

    def _fps(self, now: float) -> float | None:
        if self._target is None:
            return None
        told = float(self._source.fps) if self._source.fps else None
        given = self._arrivals(self._source.captured, now) if self._source.live else told
        rates = [rate for rate in (given, told, self.at_most, None if self._target == "auto" else self._target) if rate]
        return min(rates, default=None)
