"""What becomes of each stream of a film in a container: found out by trying, before anything is painted."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from stylecam.realtime.convert.copying import COVERS, add_copy
from stylecam.realtime.convert.packet_times import end_by, film_end, muxable
from stylecam.realtime.convert.sound import SoundEncoder, encoder_for
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.video_input import connect, is_cover, is_first_picture, is_plane, picture_stream

__all__ = ["CONTAINERS", "Fate", "Sample", "fates", "sampled", "samples"]

CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
SAMPLES = 4  # packets of each stream that are tried
ENOUGH = 2000  # packets after which a stream that has had none yet is tried without: words come seldom
UNCUT = {"tta"}  # sound of which a part is no sound: what reads it in Matroska goes by the whole film's length
CHAPTER_TITLES = 48  # FFmpeg's AVDISCARD_ALL: the demuxer has read them


@dataclass(frozen=True)
class Fate:
    """`how`: copied, attached (a cover), encoded (as `encoder`), or left out; a sentence on what is not as it was."""

    index: int
    how: str
    encoder: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Sample:
    """A packet that can be given to several muxers."""

    data: bytes
    pts: int | None
    dts: int | None
    duration: int
    time_base: Fraction
    key: bool


def fates(source: Path, suffix: str, audio: bool = True, reencode: bool = True, cut: bool = False) -> list[Fate]:
    """For each stream but the painted one what becomes of it in a file of this suffix, a key of `CONTAINERS`.

    Sound that the container cannot hold, or not when it is `cut`, is encoded anew, unless not `reencode`. Without
    `audio` there is none.
    """
    with connect(source) as original:
        picture = picture_stream(original, str(source))
        streams = [s for s in original.streams if s is not picture and _wanted(s, audio, suffix)]
        tried = samples(original, streams)
        return [_fate(stream, suffix, reencode, cut, tried[stream.index]) for stream in streams]


def samples(original: Any, streams: Sequence[Any]) -> dict[int, list[Sample]]:
    """The first packets of each stream, as far as they come soon; `original` is read."""
    found: dict[int, list[Sample]] = {stream.index: [] for stream in streams}
    packets = original.demux(list(streams)) if streams else ()
    end = film_end(original)
    with contextlib.suppress(av.FFmpegError, OSError):  # the pictures' reader meets the same damage and says so
        for count, packet in enumerate(packets):
            some = found[packet.stream.index]
            if packet.size and not packet.is_discard and len(some) < SAMPLES:
                end_by(packet, end)
                times = packet.pts, packet.dts, packet.duration or 0, packet.time_base
                some.append(Sample(bytes(packet), *times, packet.is_keyframe))
            if count > ENOUGH or all(len(some) == SAMPLES for some in found.values()):
                break
    return found


def sampled(some: Iterable[Sample], stream: Any, copy: Any) -> Iterable[Any]:
    """Packets of `stream` for the stream `copy` of a muxer."""

    def packets() -> Iterable[Any]:
        for sample in some:
            packet = av.Packet(sample.data)
            packet.stream = stream
            packet.pts, packet.dts, packet.duration = sample.pts, sample.dts, sample.duration
            packet.time_base, packet.is_keyframe = sample.time_base, sample.key
            yield packet

    for packet in muxable(packets()):
        packet.stream = copy
        yield packet


def _wanted(stream: Any, audio: bool, suffix: str) -> bool:
    if stream.type == "data" and "timecode" in stream.metadata and CONTAINERS[suffix] in ("mp4", "mov"):
        return False  # these make such a track themselves, from the tag of that name
    if is_first_picture(stream):
        return False
    chapter_titles = int(getattr(stream.discard, "value", stream.discard)) >= CHAPTER_TITLES
    return not chapter_titles and (audio or stream.type != "audio")


def _fate(stream: Any, suffix: str, reencode: bool, cut: bool, some: list[Sample]) -> Fate:
    if is_cover(stream) and suffix == ".mkv" and stream.codec_context and stream.codec_context.name in COVERS:
        return Fate(stream.index, "attached")
    holds = partial(_holds, stream, some)
    codec = getattr(stream.codec_context, "name", None) or stream.name or "unknown"
    what = f"stream {stream.index} ({stream.type}, {codec})"
    if is_plane(stream):
        return Fate(stream.index, "left out", "", f"{what} was left out: it holds transparency or depth")
    if holds(CONTAINERS[suffix]):
        if not (cut and codec in UNCUT):
            return Fate(stream.index, "copied")
        why = f"it cannot be cut in a {suffix} file"
    else:
        others = [s for s in (".mkv", ".mp4", ".mov", ".webm") if CONTAINERS[s] != CONTAINERS[suffix]]
        other = next((s for s in others if holds(CONTAINERS[s])), None)
        why = f"a {suffix} file cannot hold it" + (f"; {other} can hold it" if other else "")
    encoder = encoder_for(CONTAINERS[suffix])
    if reencode and stream.type == "audio" and _encodes(stream, CONTAINERS[suffix], encoder):
        how = f"encoded again as {encoder.removeprefix('lib')}"
        return Fate(stream.index, "encoded", encoder, f"{what} was {how}: {why}")
    return Fate(stream.index, "left out", "", f"{what} was left out: {why}")


def _holds(stream: Any, some: list[Sample], container: str) -> bool:
    """What a container holds depends on more than the codec, and some find out at the end only."""
    buffer = io.BytesIO()
    try:
        with av.open(buffer, "w", format=container) as trial:
            copy = add_copy(trial, stream)
            trial.start_encoding()
            for packet in sampled(some, stream, copy):
                trial.mux(packet)
        return stream.type != "audio" or not some or _is_heard(buffer, stream)
    except (av.FFmpegError, ValueError):
        return False


def _is_heard(buffer: io.BytesIO, stream: Any) -> bool:
    """Whether the sound is found in the file, and decoded there if it is where it came from.

    MOV takes WMA, and does not keep what its decoder must know.
    """
    buffer.seek(0)
    with av.open(buffer) as made:
        if [_kind_of(sound) for sound in made.streams.audio] != [_kind_of(stream)]:
            return False
        if stream.codec_context is None or _begins(made, made.streams.audio[0]):
            return True
    with av.open(stream.container.name) as anew:  # a decoder that is open can no longer be told what is missing
        return not _begins(anew, anew.streams[stream.index])


def _begins(container: Any, sound: Any) -> bool:
    """Whether the first packet can be decoded."""
    packet = next((packet for packet in container.demux(sound) if packet.size), None)
    try:
        return packet is not None and packet.decode() is not None
    except av.FFmpegError:
        return False


def _kind_of(sound: Any) -> str:
    """The codec's name; MP4 has one for all layers of MPEG's, which tell themselves apart."""
    name = getattr(sound.codec_context, "name", "")
    return "mpeg" if name[:3] in ("mp1", "mp2", "mp3") else name


def _encodes(stream: Any, container: str, encoder: str) -> bool:
    try:
        with av.open(io.BytesIO(), "w", format=container) as trial:
            SoundEncoder(stream, trial, encoder)
            trial.start_encoding()
    except (av.FFmpegError, ValueError):
        return False
    return True
