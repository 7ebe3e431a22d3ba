"""Conversions on a Ray cluster: pictures, and segments of videos, painted by its workers.

Ray distributes the work; nothing here schedules. The segments are those of a local conversion, so the result is too.
A worker reads videos by their paths, which must be the same on every machine, as on a shared disk.
"""

from __future__ import annotations

import bisect
import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from stylecam.models.catalog import Style
from stylecam.models.errors import OptionsError, StylecamError
from stylecam.realtime.common.extras import needs_extra
from stylecam.realtime.convert import segments
from stylecam.realtime.convert.cut import Cut
from stylecam.realtime.convert.painted_pictures import painted_pictures
from stylecam.realtime.convert.steady_film import lead_frames
from stylecam.realtime.convert.video_reader import VideoReader
from stylecam.realtime.painting.repainter import Look, Repainter
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.pictures.picture_file import repaint_picture
from stylecam.realtime.video.clock import Clock
from stylecam.realtime.video.encoding import EncodedPicture, Encoder, Encoding
from stylecam.realtime.video.video_input import Decoder, connect, may_jump, picture_stream

__all__ = ["Cluster", "Painter", "Part", "connected", "parts_of"]


@dataclass(frozen=True)
class Part:
    """The pictures of a video with `after` < time <= `last`, in units of the output's time base; None: no bound.

    lead: when the first picture is shown that leads on to them; None where there is none before.
    """

    after: int | None
    last: int | None
    lead: int | None = None


PATIENCE = 10  # seconds for an answer
# For each style: what its encoder gave, and the codec's headers.
PaintedPart = list[tuple[list[EncodedPicture], bytes]]


@dataclass(frozen=True)
class Painter:
    """What a worker needs to paint."""

    styles: tuple[Style, ...]
    device: str
    look: Look

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for painters that paint alike."""
        return tuple(style.sha256 for style in self.styles), self.device, self.look


class Cluster:
    """A connection to Ray."""

    def __init__(self, ray: Any, painter: Painter) -> None:
        self._ray = ray
        self._painter = ray.put(painter)
        self._workers = max(1, int(ray.cluster_resources().get("CPU", 1)))

    def segments(
        self, source: Path, cut: Cut, encodings: Sequence[Encoding], parts: Sequence[Part]
    ) -> Iterator[tuple[PaintedPart, int]]:
        """For each part in order: (it in every style, how many of its pictures were damaged)."""
        calls = ((source.resolve(), cut, tuple(encodings), part) for part in parts)
        return self._in_order(_paint_part, calls)

    def pictures(
        self, files: Iterator[tuple[bytes, str, str]], quality: int | None, size: tuple[int, int] | None
    ) -> Iterator[list[bytes] | StylecamError]:
        """For each (file's bytes, its name, suffix of the result) in order: it in every style, or why not."""
        return self._in_order(_paint_picture, ((*file, quality, size) for file in files))

    def _in_order(self, work: Callable[..., Any], calls: Iterator[tuple[Any, ...]]) -> Iterator[Any]:
        remote = self._ray.remote(work)
        waiting: deque[Any] = deque()
        for call in calls:
            waiting.append(remote.remote(self._painter, *call))
            if len(waiting) > 2 * self._workers:  # what is finished waits in memory: not too much of it
                yield self._result(waiting.popleft())
        while waiting:
            yield self._result(waiting.popleft())

    def _result(self, reference: Any) -> Any:
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            # Ray's own text is the worker's traceback; a failure that we have a sentence for is told by that.
            raise error.cause if isinstance(error.cause, StylecamError) else error from None


@contextmanager
def connected(address: str, painter: Painter) -> Iterator[Cluster]:
    """A cluster that paints, at `address`; ``local`` starts one on this machine. Raises `StylecamError` without one."""
    with needs_extra("cluster", "--ray needs Ray"):
        import ray
    try:
        _reach(address)
        ray.init(address=None if address == "local" else address, log_to_driver=False, configure_logging=False)
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        reason = (str(error).strip().splitlines() or ["no answer"])[0]
        raise OptionsError(f"--ray {address}: cannot connect to a cluster ({reason})") from error
    try:
        yield Cluster(ray, painter)
    finally:
        ray.shutdown()


def _reach(address: str) -> None:
    """Ray itself waits for minutes before it gives up. Raises `OSError`."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), PATIENCE).close()


def parts_of(reader: VideoReader) -> list[Part]:
    """The parts of a video that a local conversion would make segments of.

    A single one where the pictures have no times or the clock may jump: it cannot be entered in the middle.
    """
    whole = [Part(None, None)]
    with connect(reader.path) as container:
        if reader.cut.fps or may_jump(container) or not Decoder(container).seekable:
            return whole
        stream = picture_stream(container, str(reader.path))
        clock, given = Clock(False), []
        for packet in container.demux(stream):
            clock.correct(packet)
            if packet.size and not packet.is_discard:
                given.append(packet.pts)
    if clock.restarted:
        return whole
    times = {pts for pts in given if pts is not None}
    if len(times) < len(given) or not times:
        return whole
    shown = sorted(round((pts * reader.time_base - reader.shift) / reader.format.time_base) for pts in times)
    if reader.cut.start:  # the last one before it is still on screen then
        first = max(0, bisect.bisect_right(shown, 0) - 1)
        shown = [max(0, pts) for pts in shown[first:]]
    shown = [pts for pts in shown if _before_end(reader, pts)]
    counts = [0, *range(segments.SEGMENT_FRAMES, len(shown), segments.SEGMENT_FRAMES), None]
    return [
        Part(shown[a - 1] if a else None, None if b is None else shown[b - 1], shown[a - lead_frames()] if a else None)
        for a, b in pairwise(counts)
    ]


def _before_end(reader: VideoReader, pts: int) -> bool:
    return reader.end_of_cut is None or pts * reader.format.time_base < reader.end_of_cut


def _paint_part(
    painter: Painter, source: Path, cut: Cut, encodings: tuple[Encoding, ...], part: Part
) -> tuple[PaintedPart, int]:
    """Runs on a worker."""
    repainter = _repainter(painter)
    packets: list[list[EncodedPicture]] = [[] for _ in encodings]
    damaged = 0
    with VideoReader(source, cut) as reader:
        encoders = [Encoder(encoding, reader.format) for encoding in encodings]
        lead = part.lead if repainter.look.steadied else None
        pictures = reader.pictures(part.after, lead=lead)
        for picture, painted in painted_pictures(repainter, pictures):
            if part.last is not None and picture.pts > part.last:
                break
            for found, encoder, image in zip(packets, encoders, painted, strict=True):
                found += encoder.encode(image, picture.pts, picture.duration, picture.alpha)
            damaged = picture.damaged
        else:
            damaged = reader.damaged
    for found, encoder in zip(packets, encoders, strict=True):
        found += encoder.finish()
    return [(found, encoder.extradata) for found, encoder in zip(packets, encoders, strict=True)], damaged


def _paint_picture(
    painter: Painter, data: bytes, name: str, suffix: str, quality: int | None, size: tuple[int, int] | None
) -> list[bytes] | StylecamError:
    """Runs on a worker."""
    repainter = _repainter(painter)
    try:
        paints = (partial(repainter.paint, number) for number in range(len(painter.styles)))
        return [repaint_picture(data, name, paint, suffix, quality, size) for paint in paints]
    except StylecamError as error:
        return error


_repainters: dict[object, Repainter] = {}  # a worker lives for many calls, and loading a style takes a while


def _repainter(painter: Painter) -> Repainter:
    if painter.key not in _repainters:
        stylizers = [Stylizer(style, painter.device, threads=1) for style in painter.styles]
        _repainters[painter.key] = Repainter(stylizers, painter.look)
    return _repainters[painter.key]
