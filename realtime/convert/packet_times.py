"""Packets of copied streams with times and lengths as a muxer takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.video_input import is_cover, kind

__all__ = ["end_by", "film_end", "muxable"]

MOST_WAITING = 64  # packets without a decode time: more than any codec reorders


@dataclass
class _Track:
    """Of one stream: what waits for a decode time, the last one given, and when its last packet is over.

    step: the shortest time between two packets, up to now.
    """

    waiting: list[Any] = field(default_factory=list)
    last: int | None = None
    end: int = 0
    step: int | None = None


def muxable(packets: Iterable[Any], strict: bool = True) -> Iterator[Any]:
    """The packets with decode times that are there, grow in each stream, and are not later than what is shown.

    Matroska has no decode times, and the demuxer cannot tell those of the first pictures. Many files hold some that
    do not grow. Packets of sound may have the same time where the muxer is not `strict`: of some codecs they are
    shorter than Matroska's millisecond, and moved on by one each they would take longer and longer.
    """
    tracks: dict[int, _Track] = {}  # by the stream's identity: they may be of two containers
    for packet in packets:
        track = tracks.setdefault(id(packet.stream), _Track())
        reordered = packet.stream.type == "video" and not is_cover(packet.stream)
        if reordered and packet.dts is None and packet.pts is not None and len(track.waiting) < MOST_WAITING:
            track.waiting.append(packet)
            continue
        for ready in _released(track, packet):
            yield _fitted(track, ready, strict)
    for track in tracks.values():
        for ready in _released(track, None):
            yield _fitted(track, ready, strict)


def _released(track: _Track, packet: Any) -> list[Any]:
    """What waits, with decode times that lead up to that of `packet`, and this one."""
    waiting, track.waiting = track.waiting, []
    if waiting:
        shown = sorted({p.pts for p in (*waiting, packet) if p is not None and p.pts is not None})
        step = max(1, min((b - a for a, b in pairwise(shown)), default=1))
        known = shown[0] if packet is None or packet.dts is None else packet.dts
        for back, early in enumerate(reversed(waiting), 1):
            early.dts = known - back * step
    return waiting if packet is None else [*waiting, packet]


def _fitted(track: _Track, packet: Any, strict: bool) -> Any:
    if packet.dts is None:
        packet.dts = (0 if is_cover(packet.stream) else track.end) if packet.pts is None else packet.pts
    sound = packet.stream.type == "audio"
    if track.last is not None:
        packet.dts = max(packet.dts, track.last + (strict or not sound))
        step = packet.dts - track.last
        track.step = step if track.step is None else min(track.step, step)
        if sound and not packet.duration:  # as those before: else the film would end where its last packet begins
            packet.duration = track.step
    if packet.pts is None or packet.pts < packet.dts:
        packet.pts = packet.dts
    track.last, track.end = packet.dts, packet.dts + (packet.duration or 1)
    return packet


def film_end(original: Any) -> Fraction | None:
    """When the last packet of all ends, in seconds, where a film says so to its own ticks, as Matroska does."""
    if kind(original) != "matroska" or not original.duration:
        return None
    return Fraction(max(original.start_time or 0, 0) + original.duration, av.time_base)


def end_by(packet: Any, end: Fraction | None) -> None:
    """Shortens a packet of sound that is to last beyond `end`: a demuxer takes the last one to be as long as all.

    What reads TTA in Matroska finds how much sound there is by the film's length, and loses the last second with it.
    """
    if end is None or packet.stream.type != "audio" or not packet.duration or packet.dts is None:
        return
    if packet.dts * packet.time_base < end:
        packet.duration = min(packet.duration, max(1, round(end / packet.time_base) - packet.dts))
