"""Every picture of a video file with its exact time, for a conversion: cut, resampled and sized as asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from stylecam.models.errors import SourceError
from stylecam.realtime.convert.cut import Cut, Shown, at_rate, within
from stylecam.realtime.pictures.pixels import hidden_filled
from stylecam.realtime.video.clock import Clock
from stylecam.realtime.video.colours import colour_tags
from stylecam.realtime.video.encoding import VideoFormat
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.side_data import Marks, read_marks, with_frame
from stylecam.realtime.video.timestamps import Timestamps
from stylecam.realtime.video.transparency import has_alpha
from stylecam.realtime.video.video_input import (
    Decoder,
    ReadErrors,
    beginning,
    connect,
    goes_on,
    may_jump,
    missing_end,
    picture_stream,
)
from stylecam.realtime.video.view import View

__all__ = ["TimedPicture", "VideoReader"]

USUAL_TIME_BASE = Fraction(1, 90000)
USUAL_RATE = Fraction(25)


@dataclass(frozen=True)
class TimedPicture:
    """uint8 `[H, W, 3]` BGR, upright; when and how long it is shown, in units of the output's time base.

    damaged: how many pictures up to here are damaged or could not be decoded. alpha: `[H, W]`, where it is transparent.
    """

    image: np.ndarray
    pts: int
    duration: int
    damaged: int = 0
    alpha: np.ndarray | None = None


class VideoReader:
    """A context manager over a video file's pictures.

    Where data is damaged, the decoder fills a picture from its neighbours; only what it cannot is left out. Both are
    counted in `damaged`.

    format: what the encoder must know of the pictures. seconds: the file's length, as it says. expected: how many
    pictures there will be, about; 0: unknown. shift: seconds taken from every time of the file, other streams' too.
    end_of_cut: when the cut ends, after that, in seconds. ending: one sentence once the pictures ended before the file
    said they would, else None. marks: what stands beside the pixels. notes: sentences on what the pictures did.
    """

    def __init__(self, path: Path, cut: Cut | None = None) -> None:
        self.path, self.cut = path, cut or Cut()
        self.damaged = 0
        self.ending: str | None = None
        self.marks = Marks()
        self.notes: list[str] = []
        self._container: Any = None

    def __enter__(self) -> Self:
        """Opens the file and decodes its first picture. Raises `SourceError`."""
        with ReadErrors(str(self.path)):
            self._open()
            try:
                self._describe(self._first_frame())
                self._open()  # from the start again: some formats cannot be rewound
                self.damaged, self.ending = 0, None  # they are met again
            except BaseException:
                self._container.close()
                raise
        return self

    @property
    def transparent(self) -> bool:
        """Whether any picture was, up to now."""
        return self._view.transparent

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._container.close()

    def pictures(self, after: int | None = None, damaged: int = 0) -> Iterator[TimedPicture]:
        """The pictures in order; only those later than time `after`, up to which `damaged` are known to be damaged."""
        if after is not None:
            target, exact = after * self._ticks + self.shift, True
        else:
            target, exact = self.shift, False
        if (after is not None or self.cut.start) and not self._seek(target, exact):
            self._open()
        for picture in self._resampled() if self.cut.fps else self._timed():
            if after is None or picture.pts > after:
                yield replace(picture, damaged=self.damaged)
            elif picture.pts == after:
                self.damaged = damaged  # what was met on the way here was counted before

    def read_to_end(self) -> None:
        """Reads the file without decoding it, to learn whether it has its end."""
        self._open()
        for _ in self._decoded(decode=False):
            pass

    def _open(self) -> None:
        if self._container is not None:
            self._container.close()
        self._container = connect(self.path)
        self._stream = picture_stream(self._container, str(self.path))
        self._stream.thread_type = "AUTO"
        self._decoder = Decoder(self._container, self._stream)

    def _first_frame(self) -> av.VideoFrame:
        for frame in self._decoded():
            return frame
        raise SourceError(f"{self.path} has no picture that can be decoded: it is damaged or cut off")

    def _describe(self, frame: av.VideoFrame) -> None:
        stream, cut = self._stream, self.cut
        self.time_base: Fraction = stream.time_base or USUAL_TIME_BASE
        self.rate: Fraction = stream.average_rate or stream.guessed_rate or USUAL_RATE
        origin = Fraction(self._container.start_time or 0, av.time_base)
        moved = origin if cut.start else beginning(self._container, self.path)
        self.shift = round((moved + (cut.start or 0)) / self._ticks) * self._ticks
        self.end_of_cut = None if cut.end is None else origin + cut.end - self.shift
        self.marks = with_frame(read_marks(stream), frame)
        self._view = View(str(self.path), self.marks.crop, cut.size, self.notes.append)
        picture, _ = self._view.of(frame)
        aspect = stream.sample_aspect_ratio or Fraction(1)
        if round(frame.rotation) % 180:
            aspect = 1 / aspect
        aspect = Fraction(1) if cut.size else aspect
        height, width = (side + side % 2 for side in picture.shape[:2])
        rate = cut.fps or self.rate
        self.format = VideoFormat(width, height, self._ticks, rate, aspect, colour_tags(frame), has_alpha(frame))
        self.seconds = Fraction(self._container.duration or 0, av.time_base)
        span = min(self.seconds, cut.end or self.seconds) - (cut.start or 0)
        whole = cut.start is None and cut.end is None and cut.fps is None
        self.expected = int(stream.frames if whole and stream.frames else max(Fraction(0), span) * rate)

    @property
    def _ticks(self) -> Fraction:
        return 1 / self.cut.fps if self.cut.fps else self.time_base

    def _decoded(self, decode: bool = True) -> Iterator[av.VideoFrame]:
        """The frames that can be decoded, in order; counts the others, and notices an end that comes too early."""
        end, count, reached = Fraction(0), 0, 0
        clock = Clock(may_jump(self._container))
        try:
            for packet in self._container.demux():  # all streams: the sound may be longer than the picture
                if packet.pts is not None and packet.time_base:
                    end = max(end, (packet.pts + (packet.duration or 0)) * packet.time_base)
                reached = max(reached, (packet.pos or 0) + packet.size)
                clock.correct(packet)
                if packet.stream is not self._stream or not decode:
                    continue
                for frame in self._frames(packet):
                    count += 1
                    yield frame
        except (av.FFmpegError, OSError):
            self.ending = f"{self.path} is damaged after picture {count}; the rest is missing"
            return
        if missing := missing_end(self._container, end):
            self.ending = f"{self.path} is cut off: its last {float(missing):.1f} seconds are missing"
        else:
            self.ending = goes_on(self._container, str(self.path), self.path, reached)

    def _frames(self, packet: Any) -> list[av.VideoFrame]:
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

    def _timed(self) -> Iterator[TimedPicture]:
        """The pictures within the cut, at their own times."""
        for shown in self._within_cut():
            duration = max(1, round((shown.end - shown.time) / self._ticks))
            image, alpha = self._picture(shown.what)
            yield TimedPicture(image, round(shown.time / self._ticks), duration, alpha=alpha)

    def _resampled(self) -> Iterator[TimedPicture]:
        """At a constant rate. A repeated picture is the same array."""
        last: tuple[av.VideoFrame, tuple[np.ndarray, np.ndarray | None]] | None = None
        for frame, number in at_rate(self._within_cut(), 1 / self._ticks):
            if last is None or last[0] is not frame:
                last = frame, self._picture(frame)
            image, alpha = last[1]
            yield TimedPicture(image, number, 1, alpha=alpha)

    def _within_cut(self) -> Iterator[Shown[av.VideoFrame]]:
        return within(self._film(), bool(self.cut.start), self.end_of_cut)

    def _film(self) -> Iterator[tuple[av.VideoFrame, Fraction, Fraction]]:
        """(frame, its time, its own duration), in seconds."""
        timestamps = Timestamps(self.rate, may_jump(self._container))
        for frame in self._decoded():
            time = timestamps.next(frame.pts, frame.time_base) - self.shift
            yield frame, time, (frame.duration or 0) * self.time_base or 1 / self.rate

    def _picture(self, frame: av.VideoFrame) -> tuple[np.ndarray, np.ndarray | None]:
        image, alpha = self._view.of(frame)
        return hidden_filled(image, alpha), alpha

    def _seek(self, time: Fraction, exact: bool) -> bool:
        """Goes to a key frame before `time`, in the file's own seconds; False where it is safer to read from the start.

        It is safe where a picture of that time (`exact`), or one not later, is met there: none was jumped over.
        """
        start = Fraction(self._container.start_time or 0, av.time_base)
        beyond = self.seconds and time >= start + self.seconds  # a film of several parts, each with a clock of its own
        if self.cut.fps or beyond or may_jump(self._container) or not self._decoder.seekable:
            return False
        target = int(time / self.time_base)
        place = target - exact  # before it: of several pictures with one time, a later one may be the key frame
        try:
            self._container.seek(place, stream=self._stream)
            found = False
            for frame in self._decoded():
                found = frame.pts is not None and (frame.pts == target if exact else frame.pts <= target)
                if found or frame.pts is None or frame.pts > target:
                    break
            self._container.seek(place, stream=self._stream)
        except (av.FFmpegError, OSError):
            found = False
        self.damaged, self.ending = 0, None
        self._decoder = Decoder(self._container, self._stream)
        return found
