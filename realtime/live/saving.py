"""Snapshots and recordings of a live session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np

from stylecam.models.errors import RecordError
from stylecam.realtime.common.whole_files import unused_path
from stylecam.realtime.live.recorder import RecorderSink
from stylecam.realtime.video.frame import Frame
from stylecam.realtime.video.png_file import save_png

__all__ = ["Saver"]

CAMERA_TIME_BASE = Fraction(1, 90000)


class Saver:
    """Saves into `folder`, under the style's name and the time. `say` gets a sentence for each file.

    A file's frames are recorded at the times which the file gives them, in its own unit `time_base`, and `rate` is
    their average rate. Both are None for a camera, whose frames are recorded at the times of their capture. What
    could not be saved is said, leaves no file, and its sentence in `failures`; `lost` where a recording failed.
    """

    def __init__(
        self, folder: Path, time_base: Fraction | None, rate: Fraction | None, say: Callable[[str], None]
    ) -> None:
        self.folder, self.time_base, self.rate, self.say = folder, time_base or CAMERA_TIME_BASE, rate, say
        self.saved: list[str] = []
        self.failures: list[str] = []
        self.lost = False
        self._recorder: RecorderSink | None = None
        self._start: Frame | None = None

    @property
    def recording(self) -> bool:
        """Whether frames are being recorded."""
        return self._recorder is not None

    def snapshot(self, picture: np.ndarray, style: str, path: Path | None = None) -> None:
        """Saves a PNG, to `path` or to a new name in the folder."""
        try:
            target = path or self._new_file(style, ".png")
            save_png(target, picture)
        except RecordError as error:
            self._failed(error)
        else:
            self.saved.append(str(target))
            self.say(f"saved {target}")

    def start(self, style: str, path: Path | None = None) -> None:
        """Starts recording, to `path` or to a new name in the folder. Raises `RecordError`."""
        target = path or self._new_file(style, ".mp4")
        self._recorder = RecorderSink(target, self.time_base, self.rate)
        self._start = None

    def toggle(self, style: str) -> None:
        """Starts or stops recording."""
        if self.recording:
            self.stop()
            return
        try:
            self.start(style)
        except RecordError as error:
            self._failed(error)

    def add(self, frame: Frame, picture: np.ndarray) -> None:
        """Records a picture at its frame's time, while recording."""
        if self._recorder is None:
            return
        start = self._start = self._start or frame
        try:
            self._recorder.add(picture, _seconds_between(start, frame))
        except RecordError as error:
            self._give_up(error)

    def stop(self, drain: bool = True) -> None:
        """Finishes the recording, if there is one; without `drain`, with what is encoded by now."""
        recorder = self._recorder
        if recorder is None:
            return
        if self._start is None:  # stopped before the next frame came
            recorder.abort()
            self._recorder = None
            self.say("nothing was recorded")
            return
        try:
            recorder.close(drain)
        except RecordError as error:
            self._give_up(error)
        else:
            self._recorder = None
            self.saved.append(str(recorder.path))
            self.say(f"recorded {recorder.path}")

    def _give_up(self, error: RecordError) -> None:
        if self._recorder is not None:
            self._recorder.abort()
        self._recorder, self.lost = None, True
        self._failed(error)

    def _failed(self, error: RecordError) -> None:
        self.failures.append(str(error))
        self.say(str(error))

    def _new_file(self, style: str, suffix: str) -> Path:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RecordError(f"cannot save in {self.folder}: {error.strerror}") from None
        now = datetime.now().astimezone()
        return unused_path(self.folder / f"stylecam-{style}-{now:%Y%m%d-%H%M%S}{suffix}")


def _seconds_between(start: Frame, frame: Frame) -> Fraction | float:
    return frame.time - start.time if frame.pts is None or start.pts is None else frame.pts - start.pts
