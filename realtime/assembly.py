"""The finished file of a conversion: the painted pictures, and all else that the original held, copied as it is."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from stylecam.models.errors import OptionsError, RecordError
from stylecam.realtime._video import av
from stylecam.realtime.colours import usual_tags
from stylecam.realtime.encoding import Encoder, Encoding, VideoFormat
from stylecam.realtime.segments import Segment, merged_packets, stream_packet
from stylecam.realtime.timestamps import JUMP
from stylecam.realtime.video_input import connect, is_cover, may_jump, picture_stream

__all__ = ["CONTAINERS", "Assembly", "assemble", "check_encoder"]

CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
# What a container says of itself and of the pictures as they were encoded before.
NOT_METADATA = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration", "rotate"}
NOT_PICTURE = {"bps", "number_of_frames", "number_of_bytes", "vendor_id"}
JITTER = Fraction(1, 5)  # seconds by which a stream's times may overlap
LARGEST_TIMESCALE = 100_000_000


@dataclass(frozen=True)
class Assembly:
    """What to put together: the original, the cut's `shift` and end in seconds of the output, and the pictures."""

    source: Path
    segments: list[Segment]
    video: VideoFormat
    encoding: Encoding
    shift: Fraction = Fraction(0)
    stop: Fraction | None = None
    audio: bool = True
    cut: bool = False  # whether what ends before zero is left out


def assemble(parts: Assembly, target: Path) -> list[str]:
    """Writes `target`, whose suffix is a key of `CONTAINERS`; returns a sentence for each stream it cannot hold.

    Raises `RecordError` when the file read back is not what was written, `OSError` when it cannot be written.
    """
    with connect(parts.source) as original:
        written, left_out = _write(parts, original, target)
    _verify(target, written)
    return left_out


def check_encoder(encoding: Encoding, suffix: str) -> None:
    """Raises `OptionsError` for an encoder that does not work here, or that files of this suffix cannot hold."""
    video = VideoFormat(256, 256, Fraction(1, 25), Fraction(25), Fraction(1), usual_tags(256))
    try:
        Encoder(encoding, video)
        with av.open(io.BytesIO(), "w", format=CONTAINERS[suffix]) as trial:
            stream = trial.add_stream(encoding.encoder, rate=25)
            video.configure(stream.codec_context, encoding)
            trial.start_encoding()
    except (RecordError, av.FFmpegError, ValueError) as error:
        what = f"--codec {encoding.codec}: {encoding.encoder} does not work with these settings in a {suffix} file"
        raise OptionsError(f"{what} on this machine; try h264 in .mp4 or .mkv, vp9 in .webm") from error


def _write(parts: Assembly, original: Any, target: Path) -> tuple[dict[int, int], list[str]]:
    picture = picture_stream(original, str(parts.source))
    streams = [s for s in original.streams if s is picture or _wanted(s, parts.audio, target)]
    container = CONTAINERS[target.suffix.lower()]
    kept = [s for s in streams if s is picture or _can_hold(container, s)]
    left_out = [_left_out(s, target) for s in streams if s not in kept]
    with av.open(f"file:{target}", "w", format=container, options=_options(container, parts, original)) as out:
        painted: Any = None
        copies: dict[int, Any] = {}
        for stream in kept:
            if stream is picture:
                painted = out.add_stream(parts.encoding.encoder, rate=parts.video.rate)
                parts.video.configure(painted.codec_context, parts.encoding)
            else:
                copies[stream.index] = out.add_stream_from_template(stream)
            _describe(painted if stream is picture else copies[stream.index], stream, stream is picture)
        out.metadata.update({k: v for k, v in original.metadata.items() if k.lower() not in NOT_METADATA})
        out.set_chapters(list(_chapters(parts, original)))
        out.start_encoding()
        headers = bytes(painted.codec_context.extradata or b"")
        if parts.segments[0].headers not in (b"", headers):
            raise RecordError(f"{parts.encoding.encoder} is not the one that began this conversion; start it anew")
        counts = dict.fromkeys(range(len(kept)), 0)
        for packet in _interleaved(parts, original, painted, copies):
            counts[packet.stream.index] += 1
            out.mux(packet)
    return counts, left_out


def _interleaved(parts: Assembly, original: Any, painted: Any, copies: dict[int, Any]) -> Iterator[Any]:
    """All packets about in the order of their times, as a player reads them."""
    time_base = parts.video.time_base
    pictures = merged_packets(parts.segments)
    waiting = next(pictures, None)
    for packet in _copied(parts, original, copies):
        while waiting is not None and waiting[0] * time_base <= packet.dts * packet.time_base:
            yield stream_packet(*waiting, painted, time_base)
            waiting = next(pictures, None)
        yield packet
    while waiting is not None:
        yield stream_packet(*waiting, painted, time_base)
        waiting = next(pictures, None)


def _copied(parts: Assembly, original: Any, copies: dict[int, Any]) -> Iterator[Any]:
    """The packets of the streams that are copied, within the cut; their bytes are not touched."""
    if not copies:
        return
    try:
        clocks = {index: _Clock(may_jump(original)) for index in copies}
        for packet in original.demux([original.streams[index] for index in copies]):
            if packet.size == 0 and packet.pts is None:
                continue
            clocks[packet.stream.index].correct(packet)
            if parts.shift:
                ticks = round(parts.shift / packet.time_base)
                packet.dts -= ticks
                packet.pts = None if packet.pts is None else packet.pts - ticks
            begin = packet.dts * packet.time_base
            over = begin + (packet.duration or 0) * packet.time_base <= 0
            before = parts.cut and over and not is_cover(packet.stream)
            if before or (parts.stop is not None and begin >= parts.stop):
                continue
            packet.stream = copies[packet.stream.index]
            yield packet
    except (av.FFmpegError, OSError):
        return  # the pictures' reader met the same damage and has said so


class _Clock:
    """The times of one stream's packets. Where the clock may jump, the next packet follows the last one instead."""

    def __init__(self, jumps: bool) -> None:
        self._jumps = jumps
        self._offset = 0
        self._end: int | None = None

    def correct(self, packet: Any) -> None:
        """Sets the packet's times; a cover, which has none, is there from the beginning."""
        if packet.dts is None:
            packet.dts = packet.pts or 0
        packet.pts = packet.dts if packet.pts is None and is_cover(packet.stream) else packet.pts
        if self._jumps:
            ahead = 0 if self._end is None else (packet.dts + self._offset - self._end) * packet.time_base
            if ahead < -JITTER or ahead > JUMP:
                self._offset += round(-ahead / packet.time_base)
            packet.dts += self._offset
            packet.pts = None if packet.pts is None else packet.pts + self._offset
            self._end = packet.dts + (packet.duration or 0)


def _describe(copy: Any, stream: Any, painted: bool) -> None:
    unwanted = NOT_METADATA | NOT_PICTURE if painted else NOT_METADATA
    tags = {k: v for k, v in stream.metadata.items() if k.lower().removesuffix("-eng") not in unwanted}
    copy.metadata.update({k: v for k, v in tags.items() if not k.startswith("_STATISTICS")})
    copy.disposition = stream.disposition


def _chapters(parts: Assembly, original: Any) -> Iterator[Any]:
    for chapter in original.chapters():
        base = chapter["time_base"]
        start, end = (chapter[key] * base - parts.shift for key in ("start", "end"))
        if end > 0 and (parts.stop is None or start < parts.stop):
            bounds = max(start, Fraction(0)), end if parts.stop is None else min(end, parts.stop)
            yield {**chapter, "start": round(bounds[0] / base), "end": round(bounds[1] / base)}


def _wanted(stream: Any, audio: bool, target: Path) -> bool:
    if stream.type == "data" and "timecode" in stream.metadata and CONTAINERS[target.suffix.lower()] in ("mp4", "mov"):
        return False  # these make such a track themselves, from the tag of that name
    chapter_titles = int(getattr(stream.discard, "value", stream.discard)) >= 48  # the demuxer has read them
    return not chapter_titles and (audio or stream.type != "audio")


def _can_hold(container: str, stream: Any) -> bool:
    """Found out by trying: what a container holds depends on more than the codec."""
    try:
        with av.open(io.BytesIO(), "w", format=container) as trial:
            _describe(trial.add_stream_from_template(stream), stream, False)
            trial.start_encoding()
    except Exception:  # noqa: BLE001 (whatever it is, the stream cannot be held)
        return False
    return True


def _left_out(stream: Any, target: Path) -> str:
    codec = getattr(stream.codec_context, "name", None) or "unknown"
    hint = (
        "; .mkv can hold it" if stream.type in ("subtitle", "attachment", "audio") and target.suffix != ".mkv" else ""
    )
    return f"stream {stream.index} ({stream.type}, {codec}) was left out: a {target.suffix} file cannot hold it{hint}"


def _options(container: str, parts: Assembly, original: Any) -> dict[str, str]:
    exact = {"fflags": "+bitexact"}  # no random numbers: the same conversion gives the same bytes
    if container not in ("mp4", "mov"):
        return exact
    # When a file's picture begins later than its sound, MP4 says so in this unit.
    units = [parts.video.time_base.denominator, *(s.time_base.denominator for s in original.streams if s.time_base)]
    timescale = math.lcm(*units)
    if timescale > LARGEST_TIMESCALE:
        timescale = units[0]
    vendor = any(key.startswith("com.") for key in original.metadata)  # a phone's own tags have no other place
    flags = "+faststart" + ("+use_metadata_tags" if vendor else "")
    return {**exact, "movflags": flags, "movie_timescale": str(timescale)}


def _verify(target: Path, written: dict[int, int]) -> None:
    """FFmpeg is silent about some failures to write."""
    with av.open(f"file:{target}") as file:
        found = dict.fromkeys(written, 0)
        for packet in file.demux():
            if packet.size and packet.stream.index in found:
                found[packet.stream.index] += 1
    if found != written:
        raise RecordError(f"{target} is not whole after writing: its disk is full or failing")
