"""Live sources: a thread reads the camera without pause and keeps the newest frame only."""

from __future__ import annotations

import threading
import time
from fractions import Fraction
from types import TracebackType
from typing import Protocol, Self

import numpy as np

from stylecam.models.errors import SourceError
from stylecam.realtime.video.frame import Frame
from stylecam.realtime.video.view import OneSize

__all__ = ["CameraSource", "Capture", "Device"]

LOST_AFTER = 1.5  # seconds without a frame
SUSPECT_AFTER = 0.3  # seconds without one until it is asked whether the camera is still connected
RETRY = 0.5  # seconds between two attempts to find a lost camera
OPEN_TIMEOUT = 15.0  # some webcams need more than ten seconds on Windows
FIRST_FRAME_TIMEOUT = 5.0
JOIN_TIMEOUT = 3.0  # a driver may block for ever; leaving must not
HASTY_JOIN_TIMEOUT = 0.2  # after Ctrl-C while the camera opens: nothing is open yet that must be closed in order


class Capture(Protocol):
    """An open camera. It is used and closed by one thread only."""

    fps: Fraction | None

    def read(self) -> np.ndarray | None:
        """Return the next frame, uint8 [H, W, 3] BGR and new, or None where none came."""

    def close(self) -> None:
        """Release the camera."""


class Device(Protocol):
    """A camera as it can be opened, and opened again after it was lost."""

    name: str
    advice: str  # the second half of "… opened but gave no frame; …"
    mirrors: bool  # whether it looks at its user

    def open(self) -> Capture:
        """Open it. Raises SourceError, in one sentence, where it cannot be opened."""

    def present(self) -> bool:
        """Whether it is still connected, as far as one can tell without asking it."""


class CameraSource:
    """A live FrameSource: `read` gives the newest frame, older ones that nobody read are counted as dropped.

    A camera that is lost is looked for until it is back or the source is left. `size` is the first frame's, for a
    window and a recording have one: later frames of another are shown within it, which a sentence in `notes` says.
    """

    live = True
    time_base: Fraction | None = None
    sound = None
    still = False
    damaged: str | None = None

    def __init__(self, device: Device) -> None:
        self.name = device.name
        self.mirrors = device.mirrors
        self.size = (0, 0)
        self.fps: Fraction | None = None
        self.captured = 0
        self.dropped = 0
        self.notes: list[str] = []
        self._one_size = OneSize(device.name, self.notes.append)
        self._device = device
        self._changed = threading.Condition()  # guards everything below
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._frame: Frame | None = None  # the newest one, until it is read
        self._alive_at = 0.0  # when a frame last came, or the camera was last opened
        self._opened = False
        self._lost = False
        self._error: Exception | None = None

    def __enter__(self) -> Self:
        """Open the camera and wait for its first frame.

        Raises:
            SourceError: there is no such camera, or it gives no frame.
        """
        # The command knows this name: it ends without waiting for such a thread.
        self._thread = threading.Thread(target=self._run, name=f"capture {self.name}", daemon=True)
        self._thread.start()
        try:
            self._await_first_frame()
        except BaseException as error:
            self._close(JOIN_TIMEOUT if isinstance(error, Exception) else HASTY_JOIN_TIMEOUT)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    @property
    def problem(self) -> str | None:
        """One sentence while the camera is lost, else None; true even where the driver blocks the thread."""
        with self._changed:
            age = time.monotonic() - self._alive_at if self._opened and self.captured else 0.0
            silent = age > LOST_AFTER or (age > SUSPECT_AFTER and not self._device.present())
            return f"{self.name} is gone; waiting for it" if self._lost or silent else None

    def read(self, timeout: float) -> Frame | None:
        """Return a frame newer than the last one, or None when none came within `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None or self._error is not None, timeout)
            frame, self._frame = self._frame, None
            if frame is None and self._error is not None:
                raise self._error
            return frame

    def _await_first_frame(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._opened or self._error is not None, OPEN_TIMEOUT)
            self._changed.wait_for(lambda: self.captured > 0 or self._error is not None, FIRST_FRAME_TIMEOUT)
            if self._error is not None:
                raise self._error
            if not self._opened:
                raise SourceError(f"{self.name} could not be opened within {OPEN_TIMEOUT:g} s; {self._device.advice}")
            if self.captured == 0:
                raise SourceError(
                    f"{self.name} opened but sent no picture within {FIRST_FRAME_TIMEOUT:g} s; {self._device.advice}"
                )

    def _close(self, timeout: float = JOIN_TIMEOUT) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout)
            self._thread = None

    def _run(self) -> None:
        try:
            capture: Capture | None = self._device.open()
            while capture is not None:
                self._capture_until_lost(capture)
                capture = self._reconnect()
        except Exception as error:  # noqa: BLE001 - the reader gets it: a dead thread must not look like a lost camera
            with self._changed:
                self._error = error
                self._changed.notify_all()

    def _capture_until_lost(self, capture: Capture) -> None:
        """Keep the newest frame until the camera is lost or the source is left; the camera is closed then."""
        try:
            with self._changed:
                self.fps = capture.fps
                self._opened, self._alive_at = True, time.monotonic()
                self._changed.notify_all()
            while not self._stop.is_set():
                image = capture.read()
                if image is not None:
                    self._keep(image)
                elif self._is_lost():
                    return
                else:
                    self._stop.wait(0.01)
        finally:
            capture.close()

    def _keep(self, image: np.ndarray) -> None:
        now = time.monotonic()
        image = self._one_size(image)
        with self._changed:
            self.dropped += self._frame is not None
            self._frame = Frame(image, self.captured, now)
            self.captured += 1
            self.size = (image.shape[1], image.shape[0])
            self._alive_at, self._lost = now, False
            self._changed.notify_all()

    def _is_lost(self) -> bool:
        # Until its first frame a camera may take its time: then __enter__ decides how long.
        late = self.captured > 0 and time.monotonic() - self._alive_at > LOST_AFTER
        return late or not self._device.present()

    def _reconnect(self) -> Capture | None:
        """Try until the camera is back; None when the source is left before."""
        with self._changed:
            self._lost = True
        while not self._stop.is_set():
            try:
                return self._device.open()
            except SourceError:
                self._stop.wait(RETRY)
        return None
