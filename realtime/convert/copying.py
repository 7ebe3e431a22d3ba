"""Streams that are copied from one container to another: their headers and tags, and what an edit list leaves out."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.sound_encoding import name_channels
from stylecam.realtime.video.video_input import connect

__all__ = ["COVERS", "NOT_METADATA", "Edits", "add_copy", "attachment", "describe"]

# What a container says of itself, and of packets that it counted.
NOT_METADATA = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration", "rotate"}
STATISTICS = "_STATISTICS"
# Codec of a cover: how its file is called, and its type.
COVERS = {"mjpeg": (".jpg", "image/jpeg"), "png": (".png", "image/png"), "webp": (".webp", "image/webp")}
COVERS |= {"bmp": (".bmp", "image/bmp"), "gif": (".gif", "image/gif")}
PRIMING = Fraction(3, 20)  # seconds: more than any encoder of sound puts before its beginning


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
