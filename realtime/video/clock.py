"""One clock for all streams of a file, also where its own begins anew or jumps."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from stylecam.realtime.video.timestamps import JUMP

__all__ = ["JITTER", "Clock"]

JITTER = Fraction(1, 5)  # seconds by which a stream's times may overlap


@dataclass
class _Stream:
    stretch: int = 0
    last: Fraction | None = None  # when its last packet began, and was over
    end: Fraction = Fraction(0)


class Clock:
    """Sets the times of a container's packets, given in the order of the file.

    Recordings that were joined without being written anew begin at zero again in their middle, and broadcasts jump.
    There the next stretch follows the last one, by the same step in all streams, so that sound and picture stay
    together. `jumps`: the format allows a clock that jumps ahead; without it, a long wait is meant.
    """

    def __init__(self, jumps: bool) -> None:
        self._jumps = jumps
        self._offsets = [Fraction(0)]  # what is added to the times of each stretch
        self._streams: dict[int, _Stream] = {}

    @property
    def restarted(self) -> bool:
        """Whether there was more than one stretch."""
        return len(self._offsets) > 1

    def correct(self, packet: Any) -> None:
        """Sets the times of the next packet."""
        ticks = packet.pts if packet.dts is None else packet.dts  # a picture is not decoded later than it is shown
        if ticks is None:
            return
        stream = self._streams.setdefault(packet.stream.index, _Stream())
        told = ticks * packet.time_base
        shown = (ticks if packet.pts is None else packet.pts) * packet.time_base
        if packet.stream.type in ("video", "audio"):
            self._follow(stream, told, shown)
        else:  # words come seldom: they go by the others' clock
            stream.stretch = self._stretch_of_words(stream, told)
        offset = self._offsets[stream.stretch]
        if packet.dts is not None or stream.last is None:
            stream.last = told + offset
        stream.end = max(stream.end, shown + offset + (packet.duration or 0) * packet.time_base)
        shift = round(offset / packet.time_base)
        packet.pts = None if packet.pts is None else packet.pts + shift
        packet.dts = None if packet.dts is None else packet.dts + shift

    def _follow(self, stream: _Stream, told: Fraction, shown: Fraction) -> None:
        if stream.last is None:
            stream.stretch = 0
            return
        time = told + self._offsets[stream.stretch]
        if time >= stream.last - JITTER and not (self._jumps and time - stream.end > JUMP):
            return
        for later in range(stream.stretch + 1, len(self._offsets)):  # another stream was there first
            if -JITTER <= shown + self._offsets[later] - stream.end <= JUMP:
                stream.stretch = later
                return
        ends = [other.end for other in self._streams.values() if other.end - stream.end <= JITTER]
        self._offsets.append(max(ends) - shown)
        stream.stretch = len(self._offsets) - 1

    def _stretch_of_words(self, stream: _Stream, told: Fraction) -> int:
        back = stream.last is not None and told + self._offsets[stream.stretch] < stream.last - JITTER
        return len(self._offsets) - 1 if back else stream.stretch
