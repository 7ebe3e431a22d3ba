"""Every picture of a video file with its exact time, for a conversion: cut, resampled and sized as asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from stylecam.models.errors import SourceError
from stylecam.realtime.convert.cut import Cut, Shown, at_rate, within
from stylecam.realtime.convert.film_format import format_of, frame_rate
from stylecam.realtime.convert.film_frames import FilmFrames
from stylecam.realtime.pictures.pixels import hidden_filled
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.side_data import Marks, read_marks, with_frame
from stylecam.realtime.video.timestamps import Timestamps
from stylecam.realtime.video.video_input import ReadErrors, beginning, may_jump
from stylecam.realtime.video.view import View, pixel_aspect, squared

__all__ = ["TimedPicture", "VideoReader"]


@dataclass(frozen=True)
class TimedPicture:
    """uint8 `[H, W, 3]` BGR, upright; when and how long it is shown, in units of the output's time base.

    damaged: how many pictures up to here are damaged or could not be decoded. alpha: `[H, W]`, where it is transparent.
    leads: whether it is not asked for itself, but leads on to those that are.
    """

    image: np.ndarray
    pts: int
    duration: int
    damaged: int = 0
    alpha: np.ndarray | None = None
    leads: bool = False


class VideoReader:
    """A context manager over a video file's pictures.

    Where data is damaged, the decoder fills a picture from its neighbours; only what it cannot is left out. Both are
    counted in `damaged`.

    format: what the encoder must know of the pictures. seconds: the file's length, as it says. expected: how many
    pictures there will be, about; 0: unknown. shift: seconds taken from every time of the file, other streams' too.
    end_of_cut: when the cut ends, after that, in seconds. marks: what stands beside the pixels. notes: sentences on
    what the pictures did.
    """

    def __init__(self, path: Path, cut: Cut | None = None) -> None:
        self.path, self.cut = path, cut or Cut()
        self.marks = Marks()
        self.notes: list[str] = []
        self._film = FilmFrames(path)

    def __enter__(self) -> Self:
        """Opens the file and decodes its first picture. Raises `SourceError`."""
        with ReadErrors(str(self.path)):
            self._film.open()
            try:
                self._describe(self._first_frame())
                self._film.open()
                self._film.damaged, self._film.ending = 0, None  # they are met again
            except BaseException:
                self._film.close()
                raise
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._film.close()

    @property
    def damaged(self) -> int:
        """How many pictures, of those read up to now, are damaged or could not be decoded."""
        return self._film.damaged

    @property
    def ending(self) -> str | None:
        """One sentence once the pictures ended before the file said they would, else None."""
        return self._film.ending

    @property
    def transparent(self) -> bool:
        """Whether any picture was, up to now."""
        return self._view.transparent

    def pictures(self, after: int | None = None, damaged: int = 0, lead: int | None = None) -> Iterator[TimedPicture]:
        """The pictures in order; only those later than time `after`, up to which `damaged` are known to be damaged.

        Those from the one at time `lead` on that are not later come first, and say that they lead.
        """
        if after is not None:
            target, exact = (after if lead is None else lead) * self._ticks + self.shift, True
        else:
            target, exact = self.shift, False
        # At a rate of the cut's own a picture's time need not be that of any frame, by which a place is known.
        if (after is not None or self.cut.start) and (self.cut.fps or not self._film.seek(target, exact)):
            self._film.open()
        for picture in self._resampled() if self.cut.fps else self._timed():
            if after is None or picture.pts > after:
                yield replace(picture, damaged=self.damaged)
                continue
            if picture.pts == after:
                self._film.damaged = damaged  # what was met on the way here was counted before
            if lead is not None and picture.pts >= lead:
                yield replace(picture, leads=True)

    def read_to_end(self) -> None:
        """Reads the file without decoding it, to learn whether it has its end."""
        self._film.open()
        for _ in self._film.frames(decode=False):
            pass

    def _first_frame(self) -> av.VideoFrame:
        for frame in self._film.frames():
            return frame
        raise SourceError(f"{self.path} cannot be decoded: it is damaged or incomplete")

    def _describe(self, frame: av.VideoFrame) -> None:
        film, stream, cut = self._film, self._film.stream, self.cut
        self.time_base, self.seconds = film.time_base, film.seconds
        self.rate = frame_rate(stream)
        origin = film.start
        moved = origin if cut.start else beginning(film.container, self.path)
        self.shift = round((moved + (cut.start or 0)) / self._ticks) * self._ticks
        self.end_of_cut = None if cut.end is None else origin + cut.end - self.shift
        self.marks = with_frame(read_marks(stream), frame)
        self._view = View(str(self.path), self.marks.crop, cut.size, self.notes.append)
        picture, _ = self._view.of(frame)
        size, aspect = picture.shape[1::-1], Fraction(1) if cut.size else pixel_aspect(stream, frame)
        if cut.square and aspect != 1:
            shape = f"{aspect.numerator}:{aspect.denominator}"
            self.notes.append(f"pixels of shape {shape} became square: this file type cannot store their shape")
            size, aspect = squared(size, aspect), Fraction(1)
            self._view.size = size
        rate = cut.fps or self.rate
        self.format = format_of(frame, size, self._ticks, rate, aspect)
        span = min(self.seconds, cut.end or self.seconds) - (cut.start or 0)
        whole = cut.start is None and cut.end is None and cut.fps is None
        self.expected = int(stream.frames if whole and stream.frames else max(Fraction(0), span) * rate)

    @property
    def _ticks(self) -> Fraction:
        return 1 / self.cut.fps if self.cut.fps else self.time_base

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
        return within(self._frames(), bool(self.cut.start), self.end_of_cut)

    def _frames(self) -> Iterator[tuple[av.VideoFrame, Fraction, Fraction]]:
        """(frame, its time, its own duration), in seconds."""
        timestamps = Timestamps(self.rate, may_jump(self._film.container))
        for frame in self._film.frames():
            time = timestamps.next(frame.pts, frame.time_base) - self.shift
            yield frame, time, (frame.duration or 0) * self.time_base or 1 / self.rate

    def _picture(self, frame: av.VideoFrame) -> tuple[np.ndarray, np.ndarray | None]:
        image, alpha = self._view.of(frame)
        return hidden_filled(image, alpha), alpha
