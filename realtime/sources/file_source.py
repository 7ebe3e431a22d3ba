"""Video files and pictures: every frame, in order."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from stylecam.models.errors import PictureError, SourceError
from stylecam.realtime.video.clock import Clock
from stylecam.realtime.video.colours import Turn, to_bgr, turned
from stylecam.realtime.video.frame import EndOfSource, Frame
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
from stylecam.realtime.video.view import OneSize, Turns

__all__ = ["PICTURES", "FileSource", "TimedImage"]

# `PICTURE_SUFFIXES` of the pictures, without their library.
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".avif"})
JOIN_TIMEOUT = 3.0  # a pipe or a lost network disk may hold the thread for ever; leaving must not wait for it
AHEAD = 4  # decoded frames that wait for the reader

TimedImage = tuple[np.ndarray, Fraction]  # a picture, and when it is shown


class FileSource:
    """A FrameSource over a video file or a picture; a thread decodes a few frames ahead.

    fps: the exact average rate; None for a picture, which is one frame.
    time_base: the unit in which the file gives the times of its frames, whose rate may vary.
    hint: what is added to the sentence about a file that is not there.
    damaged: one sentence at the end, where pictures or the file's own end are missing or damaged, else None.
    notes: a sentence for each thing that is shown in another way than it is in the file; they come as they are met.
    """

    live = False
    mirrors = False
    dropped = 0
    problem: str | None = None

    def __init__(self, path: str | Path, hint: str = "") -> None:
        self.name, self._hint = str(path), hint
        self.size = (0, 0)
        self.fps: Fraction | None = None
        self.time_base: Fraction | None = None
        self.captured = 0
        self.damaged: str | None = None
        self.notes: list[str] = []
        self._one_size = OneSize(self.name, self.notes.append)
        self._damage: str | None = None  # what `damaged` says once the reader has come to it
        self._path = Path(path)
        self._container: av.container.InputContainer | None = None
        self._changed = threading.Condition()  # guards everything below
        self._waiting: deque[Frame] = deque()
        self._ended = False
        self._stopped = False
        self._error: Exception | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Open the file and decode its first frame.

        Raises:
            SourceError: it is missing, or holds no picture that can be decoded.
        """
        images = self._open()
        try:
            first = next(images, None)
            if first is None:
                raise SourceError(f"{self.name} has no picture that can be decoded: it is damaged or cut off")
        except BaseException:
            self._close_container()
            raise
        self.size = (first[0].shape[1], first[0].shape[0])
        self._keep(self._one_size(first[0]), first[1])
        # The command knows this name: it ends without waiting for such a thread.
        self._thread = threading.Thread(target=self._run, args=(images,), name=f"decode {self.name}", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(JOIN_TIMEOUT)
            if self._thread.is_alive():
                return  # it is reading the container
        self._close_container()

    def read(self, timeout: float) -> Frame | None:
        """Return the next frame, or None when it is not decoded within `timeout` seconds.

        Raises:
            EndOfSource: after the last frame.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended or self._stopped, timeout)
            if self._waiting and not self._stopped:
                self._changed.notify_all()
                return self._waiting.popleft()
            if self._error is not None:
                raise self._error
            if self._ended or self._stopped:
                self.damaged = self._damage
                raise EndOfSource(self.name)
            return None  # a slow disk, or a pipe: whoever reads has keys to answer meanwhile

    def _run(self, images: Iterator[TimedImage]) -> None:
        try:
            for image, pts in images:
                if not self._keep(self._one_size(image), pts):  # a window and a recording have one size
                    return
        except Exception as error:  # noqa: BLE001 - handed to the reader
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _keep(self, image: np.ndarray, pts: Fraction) -> bool:
        """Queue a frame when there is room for it; False when the source was left meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) < AHEAD or self._stopped)
            if self._stopped:
                return False
            self._waiting.append(Frame(image, self.captured, time.monotonic(), pts))
            self.captured += 1
            self._changed.notify_all()
            return True

    def _open(self) -> Iterator[TimedImage]:
        if self._path.is_dir():
            raise SourceError(f"{self.name} is a folder; give one video or picture in it")
        with ReadErrors(self.name, self._hint):
            if self._path.stat().st_size == 0 and self._path.is_file():
                raise SourceError(f"{self.name} is empty")
            picture = self._path.suffix.lower() in PICTURES and not is_sequence(self._path)
            return self._picture() if picture else self._video()

    def _picture(self) -> Iterator[TimedImage]:
        # Imported here: films and cameras need no picture library.
        from stylecam.realtime.pictures.picture_frames import Pictures

        try:
            frame = next(Pictures(self._path.read_bytes(), self.name).frames(None, plain=True))
        except PictureError as error:
            raise SourceError(str(error)) from error
        image = frame.bgr if frame.alpha is None else self._over_white(frame.bgr, frame.alpha)
        return iter(((np.ascontiguousarray(image), Fraction(0)),))

    def _over_white(self, image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        sentence = f"{self.name} is transparent: it is shown over white"
        if sentence not in self.notes and alpha.min() < 255:
            self.notes.append(sentence)
        return over_white(image, alpha)

    def _video(self) -> Iterator[TimedImage]:
        self._container = self._connect()
        try:
            stream = picture_stream(self._container, self.name)
        except SourceError:
            self._close_container()
            raise
        stream.thread_type = "AUTO"
        self.fps = stream.average_rate or stream.guessed_rate
        self.time_base = stream.time_base
        return self._decode(self._container, stream)

    def _connect(self) -> av.container.InputContainer:
        return connect(self._path)

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
                    yield self._seen(frame, turns.of(frame)), timestamps.next(frame.pts, frame.time_base)
                    count += 1
                if count:  # before that it is a recording that starts between two key frames
                    damaged += (lost and packet.size > 0) or any(frame.is_corrupt for frame in frames)
        except (av.FFmpegError, OSError):
            self._damage = f"{self.name} is damaged after frame {count}; the rest is missing"
            return
        if lost or missing_end(container, end):
            self._damage = f"{self.name} is cut off after frame {count}; the rest is missing"
        elif damaged:
            self._damage = not_without_damage(damaged, self.name)
        else:
            self._damage = goes_on(container, self.name, self._path, reached)

    def _seen(self, frame: av.VideoFrame, turn: Turn) -> np.ndarray:
        image, alpha = to_bgr(frame, turn), alpha_of(frame)
        return image if alpha is None else self._over_white(image, turned(alpha, turn))

    def _close_container(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None


def _frames_of(packet: av.Packet, decoder: Decoder, lost: bool) -> tuple[list[av.VideoFrame], bool]:
    """What a packet completes, and whether its own picture is lost; for the empty one at the end, as before: `lost`."""
    if packet.is_corrupt:  # only a part of it is in the file
        return [], True
    try:
        return decoder.decode(packet), lost and not packet.size
    except av.InvalidDataError:
        return [], lost or packet.size > 0
