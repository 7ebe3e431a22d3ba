"""What a microphone heard, by the computer's clock: sound in step with pictures, however its own clock runs."""

from __future__ import annotations

import math
import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

from stylecam.realtime.live.sample_clock import SampleClock
from stylecam.realtime.video.samples import REACH, at_positions

__all__ = ["GONE", "KEPT", "SoundReader", "SoundTimeline"]

KEPT = 3.0  # seconds for which sound waits for a recording that may begin: pictures are painted meanwhile
MOST = 60.0  # seconds for which it waits for an encoder that is behind
GONE = 3.0  # seconds without a block until nobody waits for one: a busy machine may hold it up for two
CHUNK = 512  # samples that are made at once
SETTLE = 4.0  # seconds in which what is out of step is brought back, unheard
JUMP = 0.03  # seconds out of step at which it is brought back at once


@dataclass(frozen=True, eq=False)
class _Block:
    start: float  # when its first sample was taken
    end: float  # and the one after its last
    stretch: int  # blocks of one stretch follow each other without a gap
    number: int  # of its first sample in the stretch
    samples: np.ndarray  # float32 [n, channels]
    period: float  # seconds a sample


class SoundTimeline:
    """Keeps the last blocks of a device with `channels` and nominally `rate` samples a second. For two threads."""

    def __init__(self, rate: int, channels: int) -> None:
        self.rate, self.channels = rate, channels
        self._clock = SampleClock(rate)
        self._lock = threading.Lock()
        self._blocks: deque[_Block] = deque()
        self._stretch = self._number = 0
        self._wanted: float | None = None  # from when on a recording has not read yet

    def put(self, samples: np.ndarray, time: float) -> None:
        """The device's next samples, float32 `[n, channels]`, kept as they are, the first taken about at `time`."""
        start, end, joined = self._clock.block(len(samples), time)
        if not joined:
            self._stretch, self._number = self._stretch + 1, 0
        block = _Block(start, end, self._stretch, self._number, samples, self._clock.period)
        self._number += len(samples)
        with self._lock:
            self._blocks.append(block)
            oldest = end - KEPT if self._wanted is None else max(end - MOST, min(end - KEPT, self._wanted))
            while self._blocks[0].end < oldest:
                self._blocks.popleft()

    def reader(self, start: float) -> SoundReader:
        """Reads what was heard from `start` on. One at a time."""
        return SoundReader(self, start)

    def blocks(self, start: float, end: float) -> list[_Block]:
        """Those that were heard between two times, in order."""
        with self._lock:
            return [block for block in self._blocks if block.end > start and block.start < end]

    def wait_for(self, start: float | None) -> None:
        """What was heard from `start` on is kept until it is read; None: nobody reads."""
        self._wanted = start

    @property
    def end(self) -> float | None:
        """By when it has heard something; None where it has heard nothing."""
        with self._lock:
            return self._blocks[-1].end if self._blocks else None


class SoundReader:
    """Sound at exactly the nominal rate of the computer's clock: sample n of it is what was heard at start + n / rate.

    Where nothing was heard there is silence.
    """

    def __init__(self, timeline: SoundTimeline, start: float) -> None:
        self._timeline, self._start = timeline, start
        self._count = 0  # samples read
        self._stretch, self._position = -1, 0.0  # where the device's samples were read up to
        timeline.wait_for(start)

    def take(self, until: float, now: float) -> np.ndarray:
        """What is known by `now` of the sound up to `until`: float32 `[n, channels]`, after what was taken before."""
        rate, chunks = self._timeline.rate, []
        known = self._timeline.end
        reach = (REACH + 1) / rate
        if known is None or now - known > GONE:
            known = math.inf  # it is gone: nobody waits for what it might still say
        total = round((until - self._start) * rate)
        while self._count < total:
            count = min(CHUNK, total - self._count)
            begin = self._start + self._count / rate
            if begin + count / rate + 2 * reach > known:
                break
            chunks.append(self._chunk(begin, count))
            self._count += count
        self._timeline.wait_for(self._start + self._count / rate)
        return np.concatenate(chunks) if chunks else np.zeros((0, self._timeline.channels), np.float32)

    def _chunk(self, begin: float, count: int) -> np.ndarray:
        rate = self._timeline.rate
        silence = np.zeros((count, self._timeline.channels), np.float32)
        length, reach = count / rate, 2 * REACH / rate
        blocks = self._timeline.blocks(begin - JUMP - reach, begin + length + JUMP + reach)
        here = next((block for block in blocks if block.start <= begin < block.end), None)
        if here is None:
            self._stretch = -1
            return silence
        target = here.number + (begin - here.start) / (here.end - here.start) * len(here.samples)
        behind = (target - self._position) * here.period  # seconds
        if self._stretch != here.stretch or abs(behind) > JUMP:
            self._stretch, self._position, behind = here.stretch, target, 0.0
        step = (1 + behind / SETTLE) / (rate * here.period)
        positions = self._position + step * np.arange(count)
        self._position += step * count
        return _heard([block for block in blocks if block.stretch == here.stretch], positions, silence)


def _heard(blocks: list[_Block], positions: np.ndarray, silence: np.ndarray) -> np.ndarray:
    """The blocks' sound at those sample numbers of their stretch; `silence` where there is none."""
    samples, first = np.concatenate([block.samples for block in blocks]), blocks[0].number
    before = max(0, REACH - (int(positions[0]) - first))
    after = max(0, int(positions[-1]) - first + REACH + 2 - len(samples))
    if before or after:
        samples = np.pad(samples, ((before, after), (0, 0)))
    return at_positions(samples, positions - first + before)
