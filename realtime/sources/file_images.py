"""The pictures in a file, decoded in order: those of a film, or the one of a photo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from stylecam.models.errors import PictureError, SourceError
from stylecam.realtime.pictures.picture_formats import PICTURE_FORMATS
from stylecam.realtime.video.clock import Clock
from stylecam.realtime.video.colours import Turn, to_bgr, turned
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.side_data import read_marks
from stylecam.realtime.video.timestamps import Timestamps
from stylecam.realtime.video.transparency import alpha_of, over_white
from stylecam.realtime.video.video_input import (
    Decoder,
    ReadErrors,
    connect,
    goes_on,
    is_sequence,
    may_jump,
    missing_end,
    not_without_damage,
    picture_stream,
)
from stylecam.realtime.video.view import Turns, pixel_aspect, resized, squared

__all__ = ["FileImages", "TimedImage"]

TimedImage = tuple[np.ndarray, Fraction]  # a picture, and when it is shown


class FileImages:
    """What is in the file at `path`, which sentences call `name`; `hint` is added to that about one that is not there.

    fps, time_base: as a `FrameSource` has them, once it is open. notes: a sentence for each thing that is shown in
    another way than it is in the file. sound: opens it once more, where it
    has one. damage: one sentence once all is decoded, where something is missing or damaged.
    """

    def __init__(self, path: Path, name: str, hint: str = "") -> None:
        self.path, self.name, self._hint = path, name, hint
        self.fps: Fraction | None = None
        self.time_base: Fraction | None = None
        self.notes: list[str] = []
        self.damage: str | None = None
        self.sound: Callable[[], Any] | None = None
        self._container: av.container.InputContainer | None = None

    def open(self) -> Iterator[TimedImage]:
        """Opens the file; its pictures, uint8 `[H, W, 3]` BGR, with their times in seconds. Raises `SourceError`."""
        if self.path.is_dir():
            raise SourceError(
                f"{self.name} is a folder: give one video or picture, or paint all with `realtime convert`"
            )
        with ReadErrors(self.name, self._hint):
            if self.path.stat().st_size == 0 and self.path.is_file():
                raise SourceError(f"{self.name} is empty")
            picture = self.path.suffix.lower() in PICTURE_FORMATS and not is_sequence(self.path)
            return self._picture() if picture else self._video()

    def close(self) -> None:
        """Closes the file, where it is open."""
        if self._container is not None:
            self._container.close()
            self._container = None

    def _picture(self) -> Iterator[TimedImage]:
        # Imported here: films and cameras need no picture library.
        from stylecam.realtime.pictures.picture_frames import Pictures

        try:
            frame = next(Pictures(self.path.read_bytes(), self.name).frames(None, plain=True))
        except PictureError as error:
            raise SourceError(str(error)) from error
        image = frame.bgr if frame.alpha is None else self._over_white(frame.bgr, frame.alpha)
        return iter(((np.ascontiguousarray(image), Fraction(0)),))

    def _over_white(self, image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        sentence = f"{self.name} is transparent, shown over white"
        if sentence not in self.notes and alpha.min() < 255:
            self.notes.append(sentence)
        return over_white(image, alpha)

    def _video(self) -> Iterator[TimedImage]:
        self._container = self._connect()
        try:
            stream = picture_stream(self._container, self.name)
        except SourceError:
            self.close()
            raise
        stream.thread_type = "AUTO"
        self.sound = self._connect if self._container.streams.audio else None
        self.fps = stream.average_rate or stream.guessed_rate
        self.time_base = stream.time_base
        return self._decode(self._container, stream)

    def _connect(self) -> av.container.InputContainer:
        return connect(self.path)

    def _decode(self, container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[TimedImage]:
        count, damaged, lost, end, reached = 0, 0, False, Fraction(0), 0
        turns = Turns(read_marks(stream).crop)
        clock, timestamps = Clock(may_jump(container)), Timestamps(self.fps, False)
        decoder = Decoder(container, stream)
        try:
            for packet in container.demux():  # all streams: the sound may be longer than the picture
                if packet.pts is not None and packet.time_base:
                    end = max(end, (packet.pts + (packet.duration or 0)) * packet.time_base)
                reached = max(reached, (packet.pos or 0) + packet.size)
                clock.correct(packet)
                if packet.stream is not stream:
                    continue
                frames, lost = _frames_of(packet, decoder, lost)
                for frame in frames:
                    yield (
                        self._seen(frame, turns.of(frame), pixel_aspect(stream, frame)),
                        timestamps.next(frame.pts, frame.time_base),
                    )
                    count += 1
                if count:  # before that it is a recording that starts between two key frames
                    damaged += (lost and packet.size > 0) or any(frame.is_corrupt for frame in frames)
        except (av.FFmpegError, OSError):
            self.damage = f"{self.name} is damaged after frame {count}; the rest is missing"
            return
        if lost or missing_end(container, end):
            self.damage = f"{self.name} is cut off after frame {count}; the rest is missing"
        elif damaged:
            self.damage = not_without_damage(damaged, self.name)
        else:
            self.damage = goes_on(container, self.name, self.path, reached)

    def _seen(self, frame: av.VideoFrame, turn: Turn, aspect: Fraction) -> np.ndarray:
        image, alpha = to_bgr(frame, turn), alpha_of(frame)
        image = image if alpha is None else self._over_white(image, turned(alpha, turn))
        return image if aspect == 1 else resized(image, squared(image.shape[1::-1], aspect))


def _frames_of(packet: av.Packet, decoder: Decoder, lost: bool) -> tuple[list[av.VideoFrame], bool]:
    """What a packet completes, and whether its own picture is lost; for the empty one at the end, as before: `lost`."""
    if packet.is_corrupt:  # only a part of it is in the file
        return [], True
    try:
        return decoder.decode(packet), lost and not packet.size
    except av.InvalidDataError:
        return [], lost or packet.size > 0
