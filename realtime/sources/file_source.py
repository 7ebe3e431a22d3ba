"""Video files and pictures: every frame, in order."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from stylecam.models.errors import SourceError
from stylecam.realtime.sources.file_images import FileImages, TimedImage
from stylecam.realtime.video.frame import EndOfSource, Frame
from stylecam.realtime.video.view import OneSize

__all__ = ["FileSource"]

JOIN_TIMEOUT = 3.0  # a pipe or a lost network disk may hold the thread for ever; leaving must not wait for it
AHEAD = 4  # decoded frames that wait for the reader


class FileSource:
    """A FrameSource over a video file or a picture; a thread decodes a few frames ahead.

    `hint` is added to the sentence about a file that is not there. `images` is what opens and decodes it, where that is
    not a file on a disk.

    fps: the exact average rate; None for a picture, which is one frame.
    time_base: the unit in which the file gives the times of its frames, whose rate may vary.
    """

    live = False
    mirrors = False
    dropped = 0
    problem: str | None = None

    def __init__(self, path: str | Path, hint: str = "", images: FileImages | None = None) -> None:
        self._images = images or FileImages(Path(path), str(path), hint)
        self.name, self.notes = self._images.name, self._images.notes
        self.size = (0, 0)
        self.fps: Fraction | None = None
        self.time_base: Fraction | None = None
        self.captured = 0
        self.damaged: str | None = None  # once the reader has come to it
        self._one_size = OneSize(self.name, self.notes.append)
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
        images = self._images.open()
        try:
            first = next(images, None)
            if first is None:
                raise SourceError(f"{self.name} cannot be decoded: it is damaged or incomplete")
        except BaseException:
            self._images.close()
            raise
        self.fps, self.time_base = self._images.fps, self._images.time_base
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
        self._images.close()

    @property
    def sound(self) -> Callable[[], Any] | None:
        """Opens it once more, for its sound; None where it has none."""
        return self._images.sound

    @property
    def still(self) -> bool:
        """Whether it has ended after one picture: a photo's, or a film's only one."""
        return self._ended and self.captured == 1

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
                self.damaged = self._images.damage
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
