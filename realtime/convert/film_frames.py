"""A film's decoded frames for a conversion, in order: what is damaged is counted, and a missing end noticed."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from stylecam.realtime.video.clock import Clock
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.video_input import Decoder, connect, goes_on, may_jump, missing_end, picture_stream

__all__ = ["FilmFrames"]

USUAL_TIME_BASE = Fraction(1, 90000)


class FilmFrames:
    """The frames of the film in a file, from its start after each `open`.

    container, stream: PyAV's, of what is open. damaged: how many pictures are damaged or could not be decoded, up to
    now. ending: one sentence once the frames ended before the file said they would, else None. Raises PyAV's errors
    and `SourceError`, see `ReadErrors`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged = 0
        self.ending: str | None = None
        self.container: Any = None

    def open(self) -> None:
        """Begins anew; some formats cannot be rewound."""
        self.close()
        self.container = connect(self.path)
        self.stream: Any = picture_stream(self.container, str(self.path))
        self.stream.thread_type = "AUTO"
        self._decoder = Decoder(self.container, self.stream)

    def close(self) -> None:
        """Closes the file, where it is open."""
        if self.container is not None:
            self.container.close()

    @property
    def time_base(self) -> Fraction:
        """The unit of the frames' times, in seconds."""
        return self.stream.time_base or USUAL_TIME_BASE

    @property
    def start(self) -> Fraction:
        """When the file begins by its own clock, as it says, in seconds."""
        return Fraction(self.container.start_time or 0, av.time_base)

    @property
    def seconds(self) -> Fraction:
        """The file's length, as it says; 0: unknown."""
        return Fraction(self.container.duration or 0, av.time_base)

    def frames(self, decode: bool = True) -> Iterator[av.VideoFrame]:
        """The frames that can be decoded, in order; not `decode`: none, to learn whether the file has its end."""
        end, count, reached = Fraction(0), 0, 0
        clock = Clock(may_jump(self.container))
        try:
            for packet in self.container.demux():  # all streams: the sound may be longer than the picture
                if packet.pts is not None and packet.time_base:
                    end = max(end, (packet.pts + (packet.duration or 0)) * packet.time_base)
                reached = max(reached, (packet.pos or 0) + packet.size)
                clock.correct(packet)
                if packet.stream is not self.stream or not decode:
                    continue
                for frame in self._of(packet):
                    count += 1
                    yield frame
        except (av.FFmpegError, OSError):
            self.ending = f"{self.path} is damaged after picture {count}; the rest is missing"
            return
        if missing := missing_end(self.container, end):
            self.ending = f"{self.path} is cut off: its last {float(missing):.1f} seconds are missing"
        else:
            self.ending = goes_on(self.container, str(self.path), self.path, reached)

    def _of(self, packet: Any) -> list[av.VideoFrame]:
        if packet.is_corrupt:  # only a part of it is in the file
            self.damaged += 1
            return []
        try:
            frames = self._decoder.decode(packet)
        except av.FFmpegError:
            self.damaged += 1
            return []
        self.damaged += sum(frame.is_corrupt for frame in frames)
        return frames

    def seek(self, time: Fraction, exact: bool) -> bool:
        """Goes to a key frame before `time`, in the file's own seconds; False where it is safer to read from the start.

        It is safe where a picture of that time (`exact`), or one not later, is met there: none was jumped over.
        """
        beyond = (
            self.seconds and time >= self.start + self.seconds
        )  # a film of several parts, each with a clock of its own
        if beyond or may_jump(self.container) or not self._decoder.seekable:
            return False
        target = int(time / self.time_base)
        place = target - exact  # before it: of several pictures with one time, a later one may be the key frame
        try:
            self.container.seek(place, stream=self.stream)
            found = False
            for frame in self.frames():
                found = frame.pts is not None and (frame.pts == target if exact else frame.pts <= target)
                if found or frame.pts is None or frame.pts > target:
                    break
            self.container.seek(place, stream=self.stream)
        except (av.FFmpegError, OSError):
            found = False
        self.damaged, self.ending = 0, None
        self._decoder = Decoder(self.container, self.stream)
        return found
