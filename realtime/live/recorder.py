"""A recording: the pictures of a live session as a video file."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from stylecam.models.errors import RecordError, SourceError
from stylecam.realtime.common.targets import partial_path
from stylecam.realtime.common.whole_files import reason
from stylecam.realtime.live.frame_sink import check_picture
from stylecam.realtime.live.recorded_sound import RecordedSound
from stylecam.realtime.live.sound_tracks import SoundTrack
from stylecam.realtime.video.colours import even_sides, to_yuv, usual_tags
from stylecam.realtime.video.libraries import av

__all__ = ["RecorderSink"]

_QUEUE = 8
_POLL = 0.1  # seconds between two looks at whether to stop
_ALONE = 10  # such looks without a picture until the sound goes on alone


class RecorderSink:
    """Encodes pictures to H.264 in an MP4 file, in its own thread. A `FrameSink`.

    The file appears under its name when it is complete; until then, and after a failure, there is none.
    `time_base` is the unit of timestamps in seconds, `rate` the average frame rate where it is known. `sound` is
    encoded to AAC beside them, and closed at the end. `notes`: a sentence for what is missing in a whole file.
    """

    def __init__(
        self, path: Path, time_base: Fraction, rate: Fraction | None = None, sound: SoundTrack | None = None
    ) -> None:
        self.path = path
        self.saved: list[str] = []  # the file, once it has its name
        self.notes: list[str] = []
        self.frames = 0
        self._partial = partial_path(path)
        self._time_base, self._rate = time_base, rate
        self._first: Fraction | float | None = None  # time of the first picture
        self._last_pts = -1
        self._queue: queue.Queue[tuple[np.ndarray, int] | None] = queue.Queue(_QUEUE)
        self._keep = False  # whether the file gets its name at the end
        self._stop = threading.Event()  # no more pictures come
        self._cut = threading.Event()  # those that wait are not encoded any more
        self._ended = threading.Event()  # the thread has done all it will; joining it could not be interrupted safely
        self._failure: Exception | None = None
        self._raised = False  # whether `close` has told it
        self._thread = threading.Thread(target=self._run, name="recorder")
        self._stream: Any = None
        self._track = sound
        self._sound: RecordedSound | None = None
        self._looks = 0  # since the last picture
        try:
            # Opened here and not by FFmpeg, which would only find out at the first packet that it cannot.
            self._file = self._partial.open("wb")
        except OSError as error:
            if sound is not None:
                sound.close()
            raise RecordError(f"cannot record to {path}: {reason(error)}") from None
        try:
            self._container: Any = av.open(self._file, "w", format="mp4")
            self._thread.start()
        except BaseException:
            self._cut.set()
            self._stop.set()
            self._remove()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    @property
    def lost(self) -> str | None:
        """Why there will be no file, once that is certain."""
        failure = self._failure
        return None if failure is None else f"recording to {self.path} failed: {reason(failure)}"

    @property
    def empty(self) -> bool:
        """Whether no picture was shown to it."""
        return self._first is None

    def show(self, picture: np.ndarray | None, seconds: Fraction | float = 0) -> None:
        """Appends uint8 `[H, W, 3]` BGR at its time after the first one's; None adds nothing.

        The picture must not be written to afterwards. Waits when the encoder is behind: nothing is lost. Does nothing
        when it is `lost`. Raises `ValueError` for another type or shape, and when it is closed.
        """
        if self._stop.is_set():
            raise ValueError(f"the recording {self.path} is closed")
        if picture is None or self._failure is not None:
            return
        check_picture(picture, "a recording")
        if self._first is None:
            self._first = seconds
        pts = max(self._last_pts + 1, round((seconds - self._first) / self._time_base))
        self._last_pts = pts
        self._queue.put((picture, pts))

    def close(self, drain: bool = True) -> None:
        """Finishes the file and gives it its name. Raises `RecordError` the first time, and then there is no file.

        Without `drain`, or when it is interrupted, the file ends with the last picture encoded by then.
        """
        self._keep = self.lost is None
        self._end(cut=not (drain and self._keep))
        if self.lost is not None and not self._raised:
            self._raised = True
            raise RecordError(self.lost) from self._failure

    def abort(self) -> None:
        """Stops and leaves no file."""
        self._keep = False
        self._end(cut=True)

    def _end(self, cut: bool) -> None:
        try:
            if cut:
                self._cut.set()
            self._stop.set()
            with contextlib.suppress(queue.Full):
                self._queue.put_nowait(None)  # only wakes the thread; it need not arrive
            self._ended.wait()
        except BaseException:  # Ctrl-C, again
            self._cut.set()
            self._stop.set()
            self._ended.wait()
            raise
        self._thread.join()

    def _remove(self) -> None:
        with contextlib.suppress(OSError):
            self._partial.unlink(missing_ok=True)

    # In the recorder's thread, up to the file's name: so nothing that interrupts the others leaves half a file.

    def _run(self) -> None:
        # After a failure the queue is emptied all the same: `show` may not wait for ever.
        for picture, pts in iter(self._next, None):
            if self._failure is None:
                self._attempt(partial(self._encode_one, picture, pts))
        if self._failure is None and self._keep:
            self._attempt(self._finish)
        with contextlib.suppress(Exception):
            if self._track is not None:
                self._track.close()
        with contextlib.suppress(Exception):
            self._container.close()
        with contextlib.suppress(OSError):
            self._file.close()
        self._remove()
        self._ended.set()

    def _next(self) -> tuple[np.ndarray, int] | None:
        """The next picture; None when there are no more."""
        # A file that is kept has one picture at least, however great the hurry.
        while not self._cut.is_set() or (self._keep and not self.frames and self._failure is None):
            # The main thread's end is a stop too: it can be interrupted before it stops us, and then waits for us.
            last = self._stop.is_set() or not threading.main_thread().is_alive()
            try:
                item = self._queue.get(block=not last, timeout=_POLL)
            except queue.Empty:
                item = None
                self._go_on_alone()
            if item is not None or last:
                return item
        return None

    def _attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001 (kept for the thread that records, which raises it)
            self._failure = error

    def _encode_one(self, picture: np.ndarray, pts: int) -> None:
        picture = even_sides(picture)
        if self._stream is None:
            self._stream = self._add_stream(picture)
            self._sound = self._add_sound()
        frame = to_yuv(picture, usual_tags(picture.shape[0]))
        frame.pts, frame.time_base = pts, self._time_base
        self._mux(self._stream.encode(frame))
        self.frames += 1
        self._looks = 0
        if self._sound is not None:
            self._container.mux(self._sound.packets(pts * self._time_base))

    def _go_on_alone(self) -> None:
        """Where the camera gives nothing for long, what is heard meanwhile is not to be lost."""
        self._looks += 1
        sound = self._sound
        if self._looks > _ALONE and sound is not None and self._failure is None:
            self._attempt(lambda: self._container.mux(sound.packets(None)))

    def _mux(self, packets: list[Any]) -> None:
        for packet in packets:
            if self._rate is not None:  # the others last until the next one; this tells how long the last one does
                packet.duration = max(1, round(1 / self._rate / self._time_base))
            self._container.mux(packet)

    def _finish(self) -> None:
        if self._stream is None:
            raise RecordError("there was nothing to record")
        self._mux(self._stream.encode(None))
        if self._sound is not None:
            last = 1 / self._rate if self._rate else Fraction(1, 30)
            self._container.mux(self._sound.finish(self._last_pts * self._time_base + last))
        self._container.close()
        self._file.close()
        os.replace(self._partial, self.path)
        self.saved.append(str(self.path))

    def _add_stream(self, picture: np.ndarray) -> Any:
        stream = self._container.add_stream("libx264", rate=self._rate or Fraction(30))
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = self._time_base
        usual_tags(picture.shape[0]).put_on(stream.codec_context)
        # Recording shares the cores with the painting: the cheapest preset that still looks clean.
        stream.options = {"preset": "veryfast", "crf": "18", "tune": "zerolatency"}
        stream.codec_context.thread_count = 1
        return stream

    def _add_sound(self) -> RecordedSound | None:
        if self._track is None or self._first is None:
            return None
        try:
            return RecordedSound(self._track, self._container, self._first)
        except SourceError as error:
            self.notes.append(str(error))
            return None
