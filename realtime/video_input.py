"""A video file, opened: which of its streams is the picture, and whether it is whole."""

from __future__ import annotations

import heapq
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

from stylecam.models.errors import SourceError
from stylecam.realtime._video import av

__all__ = [
    "Decoder",
    "ReadErrors",
    "connect",
    "is_cover",
    "may_jump",
    "missing_end",
    "not_without_damage",
    "picture_stream",
]

# These note their length at the front, so that a file that was cut off is recognised.
TELLS_LENGTH = {"mov", "matroska", "avi", "flv", "asf"}
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
            raise SourceError(f"{self._name} may not be read; check its permissions") from None
        if isinstance(error, (OSError, av.FFmpegError)):
            raise SourceError(f"{self._name} is no video or picture, or it is damaged") from error


def connect(path: Path) -> av.container.InputContainer:
    """Opens a file for reading. Raises `OSError` or PyAV's errors, see `ReadErrors`."""
    # "file:" keeps FFmpeg from taking a name such as "data:x" for another protocol.
    return av.open(f"file:{path}")


def picture_stream(container: av.container.InputContainer, name: str) -> av.VideoStream:
    """The first stream of moving pictures; a cover is none. Raises `SourceError` when there is none."""
    streams = [s for s in container.streams.video if not is_cover(s)]
    is_text = container.format.name == "tty"  # FFmpeg draws any .txt as a terminal
    if is_text or not streams:
        holds = "text" if is_text else "only audio" if container.streams.audio else "something else"
        raise SourceError(f"{name} has no picture: it holds {holds}")
    return streams[0]


def is_cover(stream: Any) -> bool:
    """Whether a stream is a picture of the film, not the film."""
    return bool(stream.disposition & stream.disposition.attached_pic)


def may_jump(container: av.container.InputContainer) -> bool:
    """Whether the format allows clocks that jump, as cut and joined broadcasts have."""
    return bool(container.format.flags & CLOCK_MAY_JUMP)


class Decoder:
    """Decodes a container's packets of one stream, with frames that have their own times.

    AVI has no such times. Its pictures come out in order, so the next one's is the earliest decoding time that is left.
    """

    def __init__(self, container: av.container.InputContainer) -> None:
        self.seekable = container.format.name != "avi"
        self._times: list[int] = []

    def decode(self, packet: av.Packet) -> list[av.VideoFrame]:
        """The frames that a packet completes. Raises PyAV's errors."""
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


def missing_end(container: av.container.InputContainer, end: Fraction) -> Fraction:
    """How many seconds lack after `end`, where the last packet ended, of what the file says it holds; 0: none."""
    if container.duration is None or container.format.name.split(",")[0] not in TELLS_LENGTH:
        return Fraction(0)
    length = Fraction(container.duration + (container.start_time or 0), av.time_base)
    return length - end if length - end > CUT_OFF else Fraction(0)


def not_without_damage(count: int, name: str) -> str:
    """What is said of a video some of whose pictures are lost, or were filled by the decoder."""
    return f"{count} picture{'s' if count > 1 else ''} of {name} could not be decoded without damage"
