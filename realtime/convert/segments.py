"""Encoded video in segments, each a finished part that a broken conversion can go on from.

A segment is two files: the packets' bytes one after the other, and a JSON record of where each begins, when it is shown
and the codec's headers. The record gets its name last, so a segment that has one is whole. No container's rules apply
until all is there: times are exact, and segments of different machines can be put together.
"""

from __future__ import annotations

import base64
import json
import os
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from stylecam.models.errors import RecordError
from stylecam.realtime.video.encoding import BESIDE_DATA, EncodedPicture
from stylecam.realtime.video.libraries import av

__all__ = ["SEGMENT_FRAMES", "Segment", "SegmentWriter", "finished_segments", "merged_packets", "stream_packet"]

SEGMENT_FRAMES = 250  # ten seconds: what a broken conversion loses at most, and a key frame apart


@dataclass(frozen=True)
class Segment:
    """A finished segment on disk.

    `damaged` counts the pictures up to its end that were damaged, `end` is when its last picture is over.
    """

    path: Path  # of the packets
    headers: bytes
    sizes: list[int]
    pts: list[int]  # in the order of the packets, which is not always that of the pictures
    durations: list[int]
    keys: list[bool]
    damaged: int = 0
    besides: list[int] = field(default_factory=list)  # bytes that lie behind each packet and belong beside it

    @property
    def frames(self) -> int:
        """How many pictures it holds."""
        return len(self.pts)

    @property
    def last(self) -> int:
        """When its last picture is shown."""
        return max(self.pts)

    @property
    def delay(self) -> int:
        """How many packets come before one that is shown earlier than all of them, at most."""
        ordered = sorted(self.pts)
        return max(number - ordered.index(pts) for number, pts in enumerate(self.pts))

    def packets(self) -> Iterator[EncodedPicture]:
        """In the order for the decoder."""
        besides = self.besides or [0] * self.frames
        with self.path.open("rb") as file:
            for size, pts, duration, key, beside in zip(
                self.sizes, self.pts, self.durations, self.keys, besides, strict=True
            ):
                yield EncodedPicture(file.read(size), pts, duration, key, file.read(beside))


class SegmentWriter:
    """Writes segment `number` into `folder`. It is there after `finish`. Raises `OSError`."""

    def __init__(self, folder: Path, number: int) -> None:
        self._path = folder / f"{number:06d}.packets"
        self._record: dict[str, list[Any]] = {"sizes": [], "pts": [], "durations": [], "keys": [], "besides": []}
        self._file = self._path.open("wb")

    def add(self, packets: Iterable[EncodedPicture]) -> None:
        """Appends what an encoder gave."""
        for packet in packets:
            self._file.write(packet.data)
            self._file.write(packet.beside)
            values = len(packet.data), packet.pts, packet.duration, packet.key, len(packet.beside)
            for name, value in zip(self._record, values, strict=True):
                self._record[name].append(value)

    def finish(self, headers: bytes, damaged: int) -> Segment:
        """Writes the record and closes the files."""
        self._file.flush()
        os.fsync(self._file.fileno())  # the record may not be on the disk before what it speaks of
        self._file.close()
        record = {**self._record, "headers": base64.b64encode(headers).decode("ascii"), "damaged": damaged}
        partial = self._path.with_suffix(".partial")
        with partial.open("w", encoding="utf-8") as file:
            json.dump(record, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, self._path.with_suffix(".json"))
        return _read(self._path.with_suffix(".json"))

    def abandon(self) -> None:
        """Closes the file; it is no segment."""
        self._file.close()


def finished_segments(folder: Path) -> list[Segment]:
    """The whole segments from number 0 up to the first that is missing or no longer as it was written."""
    found: list[Segment] = []
    while (record := folder / f"{len(found):06d}.json").exists():
        try:
            segment = _read(record)
            whole = segment.frames and segment.path.stat().st_size == sum(segment.sizes) + sum(segment.besides)
        except (OSError, ValueError, KeyError, TypeError):
            break
        if not whole:
            break
        found.append(segment)
    return found


def _read(record: Path) -> Segment:
    values = json.loads(record.read_text("utf-8"))
    headers = base64.b64decode(values.pop("headers"))
    return Segment(record.with_suffix(".packets"), headers, **values)


def merged_packets(segments: list[Segment]) -> Iterator[tuple[int, EncodedPicture]]:
    """(decoding time, packet) of all segments, with decoding times that grow over their joints.

    Each segment's encoder began anew, so its own decoding times may overlap the last one's. A packet is given the time
    at which the picture `delay` places before it is shown, which no packet can be needed before, nor is later than it
    is shown. Raises `RecordError` when the segments do not fit together.
    """
    _check(segments)
    delay = max(segment.delay for segment in segments)
    start = sorted(segments[0].pts)
    step = max(1, min((b - a for a, b in pairwise(start)), default=1))
    shown = deque(start[0] - (delay - n) * step for n in range(delay))
    for segment in segments:
        shown.extend(sorted(segment.pts))
        for packet in segment.packets():
            yield shown.popleft(), packet


def _check(segments: list[Segment]) -> None:
    end = None
    for segment in segments:
        if segment.headers != segments[0].headers or (end is not None and min(segment.pts) <= end):
            raise RecordError(
                "the segments of the unfinished conversion do not fit together; start again with --discard"
            )
        end = segment.last


def stream_packet(dts: int, packet: EncodedPicture, stream: Any, time_base: Fraction) -> Any:
    """`packet` for PyAV's muxer."""
    made = av.Packet(packet.data)
    made.pts, made.dts, made.duration, made.time_base = packet.pts, dts, packet.duration, time_base
    made.is_keyframe = packet.key
    made.stream = stream
    if packet.beside:
        side_data: Any = av.packet.PacketSideData
        beside = side_data(av.packet.packet_sidedata_type_from_literal(BESIDE_DATA), len(packet.beside))
        beside.update(packet.beside)
        made.set_sidedata(beside)
    return made
