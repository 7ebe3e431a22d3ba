"""Gives the streams of a film to a container: the painted pictures, and all else that the film held."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Self

from stylecam.models.errors import RecordError
from stylecam.realtime.convert.copying import NOT_METADATA, Edits, add_copy, attachment, describe
from stylecam.realtime.convert.packet_times import end_by, film_end, muxable
from stylecam.realtime.convert.segments import Segment
from stylecam.realtime.convert.sound import SoundEncoder
from stylecam.realtime.convert.stream_fates import Fate, sampled, samples
from stylecam.realtime.video.clock import Clock
from stylecam.realtime.video.encoding import Encoding, VideoFormat
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.priority import priority_kept
from stylecam.realtime.video.side_data import Marks, marked
from stylecam.realtime.video.video_input import is_cover, may_jump, picture_stream

__all__ = ["Assembly", "FilmWriter"]

EQUAL_TIMES = av.format.Flags.ts_nonstrict.value  # the muxer takes packets of one stream with the same time
NOT_PICTURE = {"bps", "number_of_frames", "number_of_bytes", "vendor_id", "alpha_mode", "stereo_mode"}


@dataclass(frozen=True)
class Assembly:
    """What to put together: the original, the cut's `shift` and end in seconds of the output, and the pictures.

    `fates`: what becomes of the original's other streams. `marks`: what stands beside the pictures.
    """

    source: Path
    segments: list[Segment]
    video: VideoFormat
    encoding: Encoding
    shift: Fraction = Fraction(0)
    stop: Fraction | None = None
    cut: bool = False  # whether what ends before zero is left out
    fates: Sequence[Fate] = ()
    marks: Marks = field(default_factory=Marks)


class FilmWriter:
    """A context manager that gives the streams of `original` to `out`."""

    def __init__(self, parts: Assembly, original: Any, out: Any) -> None:
        self.parts, self.original, self.out = parts, original, out
        self.picture = picture_stream(original, str(parts.source))
        self.painted: Any = None
        self.copies: dict[int, Any] = {}
        self.sounds: dict[int, SoundEncoder] = {}
        self.covers: set[int] = set()  # those that Matroska keeps among its attachments
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Makes the streams, in the original's order, and writes the header."""
        fates = {fate.index: fate for fate in self.parts.fates}
        for stream in self.original.streams:
            fate = fates.get(stream.index)
            if stream is self.picture:
                self.painted = self._painted()
                describe(self.painted, stream, NOT_METADATA | NOT_PICTURE)
            elif fate is not None and fate.how == "attached":
                self.out.add_attachment(*attachment(self.parts.source, stream))
                self.covers.add(stream.index)
            elif fate is not None and fate.how == "copied":
                self.copies[stream.index] = add_copy(self.out, stream)
            elif fate is not None and fate.how == "encoded":
                self.sounds[stream.index] = SoundEncoder(stream, self.out, fate.encoder)
        metadata = self.original.metadata.items()
        self.out.metadata.update({k: v for k, v in metadata if k.lower() not in NOT_METADATA})
        self.out.set_chapters(list(_chapters(self.parts, self.original)))
        with priority_kept():
            self.out.start_encoding()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def write(self, packets: Iterable[Any]) -> list[str]:
        """Writes all packets; returns the kinds of the streams that hold something, but the painted one's."""
        headers = bytes(self.painted.codec_context.extradata or b"")
        if self.parts.segments[0].headers not in (b"", headers):
            raise RecordError(
                f"{self.parts.encoding.encoder} is not the encoder that began this conversion; "
                "start again with --discard"
            )
        filled = {copy.index for copy in self.copies.values() if copy.type == "attachment"}
        for packet in packets:
            filled.add(packet.stream.index)
            self.out.mux(packet)
        made = {index: copy for index, copy in self.copies.items() if copy.index in filled}
        made |= {index: sound.stream for index, sound in self.sounds.items() if sound.stream.index in filled}
        there = made.keys() | self.covers
        return ["cover" if is_cover(s) else s.type for s in self.original.streams if s.index in there]

    def write_samples(self) -> None:
        """Writes the first packets of each copied stream."""
        streams = [self.original.streams[index] for index in self.copies]
        for index, some in samples(self.original, streams).items():
            for packet in sampled(some, self.original.streams[index], self.copies[index]):
                self.out.mux(packet)

    def _painted(self) -> Any:
        encoding, video, marks = self.parts.encoding, self.parts.video, self.parts.marks
        if not marks.elements:
            painted = self.out.add_stream(encoding.encoder, rate=video.rate)
            video.configure(painted.codec_context, encoding)
            return painted
        bare: Any = self._stack.enter_context(av.open(io.BytesIO(), "w", format="matroska"))
        unmarked = bare.add_stream(encoding.encoder, rate=video.rate)
        video.configure(unmarked.codec_context, encoding)
        with priority_kept():
            bare.start_encoding()
        template = self._stack.enter_context(marked(unmarked, marks)).streams.video[0]
        painted = self.out.add_stream_from_template(template, opaque=True)
        video.describe(painted.codec_context, encoding)
        painted.time_base = video.time_base
        painted.codec_context.extradata = unmarked.codec_context.extradata  # as the encoder's packets want it
        return painted

    def others(self) -> Iterator[Any]:
        """The packets of the streams that are copied or encoded anew, within the cut."""
        if not self.copies and not self.sounds:
            return
        parts, end = self.parts, film_end(self.original)
        edits = Edits(self.out.format.name in ("mp4", "mov"))
        strict = not self.out.format.flags & EQUAL_TIMES
        try:
            for packet in muxable(self._given(), strict):
                if packet.stream.index in self.copies and packet.stream.container is self.original:
                    if edits.leave_out(packet):
                        continue
                    end_by(packet, end)
                    cover, copy = is_cover(packet.stream), self.copies[packet.stream.index]
                else:
                    cover, copy = False, packet.stream
                ticks = round(parts.shift / packet.time_base) if not cover else 0
                packet.dts, packet.pts = packet.dts - ticks, packet.pts - ticks
                begin = packet.dts * packet.time_base
                before = parts.cut and begin + (packet.duration or 0) * packet.time_base <= 0
                if cover or not (before or (parts.stop is not None and begin >= parts.stop)):
                    packet.stream = copy
                    yield packet
        except (av.FFmpegError, OSError):
            return  # the pictures' reader met the same damage and has said so

    def _given(self) -> Iterator[Any]:
        """Those packets by the film's one clock; those of sound that is encoded anew are of its new stream."""
        clock = Clock(may_jump(self.original))
        for packet in self.original.demux():
            clock.correct(packet)
            index = packet.stream.index
            if index in self.sounds:
                yield from self.sounds[index].encode(packet)
            elif index in self.copies and (packet.size or packet.pts is not None):
                yield packet


def _chapters(parts: Assembly, original: Any) -> Iterator[Any]:
    for chapter in original.chapters():
        base = chapter["time_base"]
        start, end = (chapter[key] * base - parts.shift for key in ("start", "end"))
        if end > 0 and (parts.stop is None or start < parts.stop):
            bounds = max(start, Fraction(0)), end if parts.stop is None else min(end, parts.stop)
            yield {**chapter, "start": round(bounds[0] / base), "end": round(bounds[1] / base)}
