"""A video file, opened: which of its streams is the picture, and whether it is whole."""

from __future__ import annotations

import heapq
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

from stylecam.models.errors import SourceError
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.transparency import DECODERS

__all__ = [
    "Decoder",
    "ReadErrors",
    "beginning",
    "connect",
    "goes_on",
    "is_cover",
    "is_first_picture",
    "is_plane",
    "is_sequence",
    "kind",
    "may_jump",
    "missing_end",
    "not_without_damage",
    "picture_stream",
]

# These note their length at the front, so that a file that was cut off is recognised.
TELLS_LENGTH = {"mov", "matroska", "avi", "flv", "asf"}
MOV = "mov"
# What films in AVIF and HEIF call themselves, and what pictures do.
SEQUENCES = {"avis", "msf1", "hevc", "hevx"}
STILLS = {"avif", "mif1", "heic", "heix"}
# How a file begins where FFmpeg reads no more than one or two that were put one behind the other.
BEGINS = {"matroska": b"\x1a\x45\xdf\xa3", "flv": b"FLV\x01"}
INDEX = 1 << 23  # bytes that may lie behind the last packet before that
LONG_WAIT = 10  # seconds of nothing before a film, which nobody means
CLOCK_MAY_JUMP = cast(int, av.format.Flags.ts_discont.value)
CUT_OFF = Fraction(1, 2)  # seconds missing at the end, beyond what rounding explains


class ReadErrors:
    """A context in which what may go wrong with opening a file called `name` becomes a `SourceError`."""

    def __init__(self, name: str, remedy: str = "") -> None:
        self._name, self._remedy = name, remedy

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, FileNotFoundError):
            raise SourceError(f"there is no file {self._name}; check the path{self._remedy}") from None
        if isinstance(error, PermissionError):
            raise SourceError(f"{self._name} cannot be read; check its permissions") from None
        if isinstance(error, (OSError, av.FFmpegError)):
            raise SourceError(f"{self._name} is not a video or picture, or it is damaged") from error


def connect(path: Path) -> av.container.InputContainer:
    """Opens a file for reading. Raises `OSError` or PyAV's errors, see `ReadErrors`."""
    # "file:" keeps FFmpeg from taking a name such as "data:x" for another protocol.
    return av.open(f"file:{path}")


def is_sequence(path: Path) -> bool:
    """Whether an AVIF or HEIF file is a film and no photo, as it says at its beginning."""
    with path.open("rb") as file:
        head = file.read(12)
    return head[4:8] == b"ftyp" and head[8:].decode("latin-1") in SEQUENCES


def picture_stream(container: av.container.InputContainer, name: str) -> av.VideoStream:
    """The first stream of moving pictures; a cover is none. Raises `SourceError` when there is none.

    HEIF and AVIF keep a large photo in tiles, each a stream, and PyAV does not tell how they lie.
    """
    streams = [s for s in container.streams.video if not (is_cover(s) or is_first_picture(s))]
    is_text = container.format.name == "tty"  # FFmpeg draws any .txt as a terminal
    if is_text or not streams:
        holds = "text" if is_text else "only audio" if container.streams.audio else "something else"
        raise SourceError(f"{name} has no picture: it holds {holds}")
    if tiles := [s for s in streams if s.disposition & s.disposition.dependent and kind(container) == MOV]:
        raise SourceError(f"{name} is a photo in {len(tiles)} tiles, which cannot be read: save it as JPEG or PNG")
    return streams[0]


def is_cover(stream: Any) -> bool:
    """Whether a stream is a picture of the film, not the film."""
    return bool(stream.disposition & stream.disposition.attached_pic)


def is_first_picture(stream: Any) -> bool:
    """Whether a stream only repeats a film's first picture: AVIF holds it for those who know no films."""
    film = kind(stream.container) == MOV and stream.container.metadata.get("major_brand") in SEQUENCES
    return film and stream.type == "video" and stream.duration is None and stream.frames == 1


def is_plane(stream: Any) -> bool:
    """Whether a stream is the transparency, or the depth, of the picture beside it, as in AVIF and HEIF."""
    brand = stream.container.metadata.get("major_brand") if kind(stream.container) == MOV else None
    grey = stream.type == "video" and str(getattr(stream.codec_context, "pix_fmt", "")).startswith("gray")
    return grey and brand in SEQUENCES | STILLS


def may_jump(container: av.container.InputContainer) -> bool:
    """Whether the format allows clocks that jump, as cut and joined broadcasts have."""
    return bool(container.format.flags & CLOCK_MAY_JUMP)


class Decoder:
    """Decodes a container's packets of one stream, with frames that have their own times and their transparency.

    AVI has no such times. Its pictures come out in order, so the next one's is the earliest decoding time that is left.
    """

    def __init__(self, container: av.container.InputContainer, stream: Any = None) -> None:
        self.seekable = container.format.name != "avi"
        self._times: list[int] = []
        self._context = None if stream is None else _transparent_context(stream)

    def decode(self, packet: av.Packet) -> list[av.VideoFrame]:
        """The frames that a packet completes. Raises PyAV's errors."""
        if self._context is not None:
            return cast("list[av.VideoFrame]", self._context.decode(packet if packet.size else None))
        if self.seekable:
            return packet.decode()
        if packet.size and packet.dts is not None:
            heapq.heappush(self._times, packet.dts)
        try:
            frames = packet.decode()
        except av.FFmpegError:
            self._next()  # of the picture that is lost
            raise
        for frame in frames:
            frame.pts = self._next()
        return frames

    def _next(self) -> int | None:
        return heapq.heappop(self._times) if self._times else None


def _transparent_context(stream: Any) -> Any:
    """A decoder of the transparency too, where the stream has some that FFmpeg's usual one would leave out."""
    name = DECODERS.get(getattr(stream.codec_context, "name", ""))
    if name is None or stream.metadata.get("alpha_mode") != "1" or name not in av.codecs_available:
        return None
    context = av.CodecContext.create(name, "r")
    context.extradata = stream.codec_context.extradata
    context.thread_count = 0  # as many as there are cores
    return context


def kind(container: av.container.InputContainer) -> str:
    """FFmpeg's first name of a container's format; of MP4 and MOV it is `mov`."""
    return str(container.format.name.split(",")[0])


def beginning(container: av.container.InputContainer, path: Path) -> Fraction:
    """When a film begins by its own clock, in seconds.

    A recorder's clock runs on over the files that it writes: such a film begins where its first packet does. In MP4
    and MOV a short time before that may be meant, and is said by an edit list; a clock that ran on is in the fragments.
    """
    start = Fraction(container.start_time or 0, av.time_base)
    if kind(container) != MOV or start <= 0 or start > LONG_WAIT:
        return start if may_jump(container) else max(start, Fraction(0))
    with av.open(f"file:{path}", options={"ignore_editlist": "1"}) as unedited:
        first = next((packet.dts for packet in unedited.demux() if packet.dts is not None), 0)
    return start if first > 0 else Fraction(0)


def missing_end(container: av.container.InputContainer, end: Fraction) -> Fraction:
    """How many seconds lack after `end`, where the last packet ended, of what the file says it holds; 0: none.

    Where a file begins later than at zero its writer may have counted its length from either: from zero, it lacks less.
    """
    if container.duration is None or kind(container) not in TELLS_LENGTH:
        return Fraction(0)
    length = Fraction(container.duration, av.time_base)
    return length - end if length - end > CUT_OFF else Fraction(0)


def goes_on(container: av.container.InputContainer, name: str, path: Path, reached: int) -> str | None:
    """A sentence where another film begins behind byte `reached`, the last one that could be read, else None."""
    begins = BEGINS.get(kind(container))
    if begins is None or not path.is_file():
        return None
    with path.open("rb") as file:
        file.seek(reached)
        found = begins in file.read(INDEX)
    return f"{name} contains a second film, which cannot be read: join them with mkvmerge or ffmpeg" if found else None


def not_without_damage(count: int, name: str) -> str:
    """What is said of a video some of whose pictures are lost, or were filled by the decoder."""
    return f"{name} has {count} damaged picture{'s' if count > 1 else ''}"
