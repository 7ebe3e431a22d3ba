"""Streams that are copied from one container to another: their headers, and packets as a muxer takes them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.video_input import connect, is_cover, kind

__all__ = [
    "COVERS",
    "NOT_METADATA",
    "Edits",
    "add_copy",
    "attachment",
    "describe",
    "end_by",
    "film_end",
    "muxable",
    "name_channels",
]

# What a container says of itself, and of packets that it counted.
NOT_METADATA = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration", "rotate"}
STATISTICS = "_STATISTICS"
# Codec of a cover: how its file is called, and its type.
COVERS = {"mjpeg": (".jpg", "image/jpeg"), "png": (".png", "image/png"), "webp": (".webp", "image/webp")}
COVERS |= {"bmp": (".bmp", "image/bmp"), "gif": (".gif", "image/gif")}
PRIMING = Fraction(3, 20)  # seconds: more than any encoder of sound puts before its beginning
MOST_WAITING = 64  # packets without a decode time: more than any codec reorders


def add_copy(out: Any, stream: Any) -> Any:
    """A stream of `out` for packets of `stream`, with its tags. Raises PyAV's errors and `ValueError`."""
    try:
        copy = out.add_stream_from_template(stream, opaque=True)
    except ValueError:
        if stream.type not in ("video", "audio", "subtitle"):
            raise
        # PyAV asks which codecs have a name of their own in the container, as few have in Matroska, which
        # holds the others by the names that Windows had for them; and it copies none that it cannot decode.
        copy = out.add_data_stream()
        copy.time_base = stream.time_base
        with av.open(io.BytesIO(), "w", format="nut") as nut:
            av.bitstream.BitStreamFilterContext("null", _untagged(stream, nut), copy)
    if stream.type == "audio" and copy.codec_context is not None:
        name_channels(copy.codec_context)
    describe(copy, stream, NOT_METADATA)
    return copy


def _untagged(stream: Any, nut: Any) -> Any:
    """The stream without the tag that its own container has for the codec, where NUT knows the codec too."""
    try:
        return nut.add_stream_from_template(stream, opaque=True)
    except ValueError:
        return stream


def attachment(source: Path, cover: Any) -> tuple[str, str, bytes]:
    """The name, type and bytes of a film's cover, which Matroska keeps among its attachments."""
    suffix, mime = COVERS[cover.codec_context.name]
    with connect(source) as original:
        packets = original.demux(original.streams[cover.index])
        data = next((bytes(packet) for packet in packets if packet.size), b"")
    return cover.metadata.get("filename", f"cover{suffix}"), cover.metadata.get("mimetype", mime), data


def describe(copy: Any, stream: Any, unwanted: set[str]) -> None:
    """Gives a stream the tags of another one, but those that are `unwanted`."""
    tags = {k: v for k, v in stream.metadata.items() if k.lower().removesuffix("-eng") not in unwanted}
    copy.metadata.update({k: v for k, v in tags.items() if not k.startswith(STATISTICS)})
    copy.disposition = stream.disposition


def name_channels(context: Any) -> None:
    """Old formats tell the number of channels alone, which MP4 takes for none: the usual ones of that number."""
    layout = context.layout
    if layout.nb_channels and layout.name.endswith("channels"):
        context.layout = f"{layout.nb_channels}c"


@dataclass
class _Track:
    """Of one stream: what waits for a decode time, the last one given, and when its last packet is over."""

    waiting: list[Any] = field(default_factory=list)
    last: int | None = None
    end: int = 0


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
        if sound and not packet.duration:  # as the one before: else the film would end where its last one begins
            packet.duration = packet.dts - track.last
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
    """Shortens a packet that is to last beyond `end`: a demuxer takes the last one of a sound to be as long as all.

    What reads TTA in Matroska finds how much sound there is by the film's length, and loses the last second with it.
    """
    if end is not None and packet.duration and packet.dts is not None and packet.dts * packet.time_base < end:
        packet.duration = min(packet.duration, max(1, round(end / packet.time_base) - packet.dts))


class Edits:
    """What a film's edit list leaves out of its copied streams, as an editor on a phone trims a film."""

    def __init__(self, kept: bool) -> None:
        """`kept`: the new file has such a list too, and pictures before its beginning are needed by those after it."""
        self._kept = kept
        self._first: dict[int, Fraction] = {}

    def leave_out(self, packet: Any) -> bool:
        """Whether the next packet of a stream is not to be in the new file."""
        begin = packet.dts * packet.time_base
        first = self._first.setdefault(packet.stream.index, begin)
        if not packet.is_discard:
            return False
        if packet.stream.type == "video":
            return not self._kept
        if begin >= 0:
            return True
        # What an encoder put before the beginning stays; of what was trimmed, the last packet: the next one needs it.
        length = (packet.duration or 0) * packet.time_base
        return first < -PRIMING and begin + 2 * length <= 0
