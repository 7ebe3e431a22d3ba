"""Snapshots and recordings of a live session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np

from stylecam.models.errors import RecordError
from stylecam.realtime.common.whole_files import unused_path
from stylecam.realtime.live.outputs import Outputs
from stylecam.realtime.live.recorder import RecorderSink
from stylecam.realtime.live.sound_tracks import SoundTrack
from stylecam.realtime.video.png_file import save_png

__all__ = ["Saver"]

CAMERA_TIME_BASE = Fraction(1, 90000)


class Saver:
    """Saves into `folder`, under the style's name and the time. `say` gets a sentence for each file.

    While it records, the recording is among `outputs`, where what could not be saved is told too; that leaves no file.
    """

    def __init__(
        self,
        folder: Path,
        outputs: Outputs,
        say: Callable[[str], None],
    ) -> None:
        self.folder, self.say = folder, say
        self.saved: list[str] = []
        self._outputs = outputs
        self._recorder: RecorderSink | None = None
        self.time_base = CAMERA_TIME_BASE
        self.rate: Fraction | None = None
        self._sound: Callable[[], SoundTrack | None] = lambda: None

    def follow(
        self,
        time_base: Fraction | None,
        rate: Fraction | None,
        sound: Callable[[], SoundTrack | None] = lambda: None,
    ) -> None:
        """Frames come from another source from now on: what was recorded of the one before is finished.

        A file's frames are recorded at the times which the file gives them, in its own unit `time_base`, and `rate` is
        their average rate. Both are None for a camera, whose frames are recorded at the times of their capture.
        `sound` gives each recording its sound.
        """
        self.stop()
        self._sound = sound
        self.time_base, self.rate = time_base or CAMERA_TIME_BASE, rate

    @property
    def recording(self) -> bool:
        """Whether frames are being recorded."""
        return self._recorder is not None and self._recorder in self._outputs

    def snapshot(self, picture: np.ndarray, style: str, path: Path | None = None) -> None:
        """Saves a PNG, to `path` or to a new name in the folder."""
        try:
            target = path or self._new_file(style, ".png")
            save_png(target, picture)
        except RecordError as error:
            self._outputs.failed(str(error))
        else:
            self.saved.append(str(target))
            self.say(f"saved {target.absolute()}")

    def start(self, style: str, path: Path | None = None) -> None:
        """Starts recording, to `path` or to a new name in the folder. Raises `RecordError`."""
        target = path or self._new_file(style, ".mp4")
        self._recorder = RecorderSink(target, self.time_base, self.rate, self._sound())
        self._outputs.add(self._recorder)

    def toggle(self, style: str) -> None:
        """Starts or stops recording."""
        if self.recording:
            self.stop()
            return
        try:
            self.start(style)
        except RecordError as error:
            self._outputs.failed(str(error))

    def stop(self, drain: bool = True) -> None:
        """Finishes the recording, if there is one; without `drain`, with what is encoded by now."""
        recorder = self._recorder
        if recorder is None or recorder not in self._outputs:  # a lost one is closed already
            return
        # Taken out of the outputs last: where closing is interrupted, this is asked for again.
        if recorder.empty:  # stopped before the next frame came
            recorder.abort()
            self.say("nothing was recorded")
        else:
            try:
                recorder.close(drain)
            except RecordError as error:
                self._outputs.failed(str(error), lost=True)
            else:
                self.saved += recorder.saved
                for note in recorder.notes:
                    self.say(note)
                self.say(f"recorded {recorder.path}")
        self._outputs.remove(recorder)
        self._recorder = None

    def _new_file(self, style: str, suffix: str) -> Path:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RecordError(f"cannot save in {self.folder}: {error.strerror}") from None
        now = datetime.now().astimezone()
        return unused_path(self.folder / f"stylecam-{style}-{now:%Y%m%d-%H%M%S}{suffix}")
