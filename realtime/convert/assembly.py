"""The finished file of a conversion: the painted pictures, and all else that the original held, copied as it is."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from stylecam.models.errors import OptionsError, RecordError
from stylecam.realtime.convert.film_writer import Assembly, FilmWriter
from stylecam.realtime.convert.segments import merged_packets, stream_packet
from stylecam.realtime.convert.stream_fates import CONTAINERS
from stylecam.realtime.convert.wholeness import WholeFile, check_whole
from stylecam.realtime.video.colours import usual_tags
from stylecam.realtime.video.encoding import Encoder, Encoding, VideoFormat
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.priority import priority_kept
from stylecam.realtime.video.video_input import connect

__all__ = ["CONTAINERS", "Assembly", "assemble", "check_encoder", "try_out"]

LARGEST_TIMESCALE = 100_000_000
BUFFER = 1 << 20  # bytes that are written at once


def assemble(parts: Assembly, target: Path) -> None:
    """Writes `target`, whose suffix is a key of `CONTAINERS`.

    Raises `RecordError` when the file read back is not what was written, `OSError` when it cannot be written.
    """
    container = CONTAINERS[target.suffix.lower()]
    with connect(parts.source) as original, WholeFile(target) as file:
        options = _options(container, parts, original)
        with (
            av.open(file, "w", format=container, options=options, buffer_size=BUFFER) as out,
            FilmWriter(parts, original, out) as writer,
        ):
            kinds = writer.write(_interleaved(parts, writer.others(), writer.painted))
    check_whole(target, str(parts.source), kinds, sum(segment.frames for segment in parts.segments))


def _interleaved(parts: Assembly, others: Iterator[Any], painted: Any) -> Iterator[Any]:
    """All packets about in the order of their times, as a player reads them."""
    time_base = parts.video.time_base
    pictures = merged_packets(parts.segments)
    waiting = next(pictures, None)
    for packet in others:
        while waiting is not None and waiting[0] * time_base <= packet.dts * packet.time_base:
            yield stream_packet(*waiting, painted, time_base)
            waiting = next(pictures, None)
        yield packet
    while waiting is not None:
        yield stream_packet(*waiting, painted, time_base)
        waiting = next(pictures, None)


def try_out(parts: Assembly, suffix: str) -> None:
    """Raises `RecordError` where a file of these streams would not come into being, before there are pictures."""
    container = CONTAINERS[suffix]
    try:
        with (
            connect(parts.source) as original,
            av.open(io.BytesIO(), "w", format=container, options=_options(container, parts, original, False)) as out,
            FilmWriter(parts, original, out) as writer,
        ):
            writer.write_samples()
    except (av.FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RecordError(
            f"{parts.source} cannot become a {suffix} file with all its streams ({reason}); "
            f"try -o with {'.mp4' if suffix == '.mkv' else '.mkv'}, or --no-audio"
        ) from error


def check_encoder(encoding: Encoding, suffix: str) -> None:
    """Raises `OptionsError` for an encoder that does not work here, or that files of this suffix cannot hold."""
    video = VideoFormat(256, 256, Fraction(1, 25), Fraction(25), Fraction(1), usual_tags(256))
    try:
        Encoder(encoding, video)
        with av.open(io.BytesIO(), "w", format=CONTAINERS[suffix]) as trial:
            stream = trial.add_stream(encoding.encoder, rate=25)
            video.configure(stream.codec_context, encoding)
            with priority_kept():
                trial.start_encoding()
    except (RecordError, av.FFmpegError, ValueError) as error:
        what = f"--codec {encoding.codec}: {encoding.encoder} does not work with these settings in a {suffix} file"
        raise OptionsError(f"{what} on this machine; try h264 in .mp4 or .mkv, vp9 in .webm") from error


def _options(container: str, parts: Assembly, original: Any, in_front: bool = True) -> dict[str, str]:
    exact = {"fflags": "+bitexact"}  # no random numbers: the same conversion gives the same bytes
    if container not in ("mp4", "mov"):
        return exact
    # When a file's picture begins later than its sound, MP4 says so in this unit.
    units = [parts.video.time_base.denominator, *(s.time_base.denominator for s in original.streams if s.time_base)]
    timescale = math.lcm(*units)
    if timescale > LARGEST_TIMESCALE:
        timescale = units[0]
    vendor = any(key.startswith("com.") for key in original.metadata)  # a phone's own tags have no other place
    flags = ("+faststart" if in_front else "") + ("+use_metadata_tags" if vendor else "")
    # FFmpeg writes the boxes of a projection, which browsers and YouTube read, only where it need not be strict.
    marks = {"strict": "unofficial"} if parts.marks.elements else {}
    return {**exact, **marks, **({"movflags": flags} if flags else {}), "movie_timescale": str(timescale)}
