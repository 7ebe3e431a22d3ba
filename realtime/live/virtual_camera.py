"""The virtual camera as a sink: what is shown goes to meetings, browsers and OBS."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import TracebackType
from typing import Self

import numpy as np

from stylecam.models.errors import DeviceError
from stylecam.realtime.live.frame_sink import check_picture
from stylecam.realtime.live.slate import PAUSED, WAITING, slate
from stylecam.realtime.live.virtual_device import VirtualDevice
from stylecam.realtime.video.libraries import cv2
from stylecam.realtime.video.view import letterboxed

__all__ = ["Beat", "Program", "VirtualCameraSink"]

PATIENCE = 1.0  # seconds for which the last picture stays when the source gives none
SILENCE = 10.0  # seconds without a word from the session: it is held up, or a file's next picture is far away
JOIN_TIMEOUT = 3.0  # a driver may block for ever; leaving must not


class Beat:
    """When the frames of a steady rate are due, from `now` on, in seconds of one clock."""

    def __init__(self, rate: float, now: float) -> None:
        self._step, self._start, self._count = 1 / rate, now, 0

    def wait(self, now: float) -> float:
        """How long to wait for the next frame. After a delay those that were missed are left out, not made up for."""
        self._count += 1
        left = self._start + self._count * self._step - now
        if left < -self._step:
            self._start, self._count = now, 0
        return max(0.0, left)


@dataclass(frozen=True, eq=False)
class _Picture:
    image: np.ndarray
    mirrored: bool
    time: float


class Program:
    """What the audience sees at a time: the newest picture as it is in the world, or a slate. For two threads.

    paused: the slate says so, whatever comes.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.size, self.paused = size, False
        self._picture: _Picture | None = None
        self._told = 0.0  # when the session last spoke
        self._waiting = False  # whether it said that there is nothing
        self._fitted: tuple[_Picture, np.ndarray] | None = None

    def tell(self, image: np.ndarray | None, mirrored: bool, now: float) -> None:
        """The session shows this picture, uint8 `[H, W, 3]` BGR, or has none. It is looked at when it is sent."""
        if image is not None:  # first: the other thread is not to see the one before again, after a wait
            self._picture = _Picture(image, mirrored, now)
        self._told, self._waiting = now, image is None

    def at(self, now: float) -> np.ndarray:
        """The frame to send: uint8 `[H, W, 3]` BGR of the program's size."""
        picture = self._picture
        if self.paused:
            return slate(PAUSED, self.size)
        if picture is None or (self._waiting and now - picture.time > PATIENCE):
            return slate(WAITING, self.size)
        if now - self._told > SILENCE:
            return slate(PAUSED, self.size)
        if self._fitted is None or self._fitted[0] is not picture:
            image = cv2.flip(picture.image, 1) if picture.mirrored else picture.image
            self._fitted = picture, letterboxed(image, self.size)
        return self._fitted[1]


class VirtualCameraSink:
    """Sends to `device` at a steady `rate`, frames a second, whatever the session does, in a thread. A `FrameSink`.

    `size`: width and height of what is sent, the device's; pictures are shown within it, with bars. `mirrored` is asked
    with each picture whether it is a mirror's, which is turned back: an audience is to read what is held up.
    """

    saved: Sequence[str] = ()

    def __init__(
        self,
        device: VirtualDevice,
        size: tuple[int, int],
        rate: float,
        mirrored: Callable[[], bool] = lambda: False,
    ) -> None:
        self.name = device.name
        self.lost: str | None = None
        self._device, self._rate, self._mirrored = device, rate, mirrored
        self._program = Program(size)
        self._ended = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="virtual camera", daemon=True)
        self._thread.start()

    @property
    def paused(self) -> bool:
        """Whether the audience sees that it is paused, and nothing else."""
        return self._program.paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._program.paused = paused

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def show(self, picture: np.ndarray | None, seconds: Fraction | float = 0) -> None:
        """The next frame sent is this one, uint8 `[H, W, 3]` BGR, whatever its time; None: there is none now.

        Raises `ValueError` for another type or shape, and when it is closed.
        """
        if self._ended:
            raise ValueError(f"the virtual camera {self.name} is closed")
        if picture is not None:
            check_picture(picture, "a virtual camera")
        self._program.tell(picture, self._mirrored(), time.monotonic())

    def close(self) -> None:
        """Leaves the slate behind, for programs that go on showing the last picture, and lets go of the device."""
        self._ended = True
        self._stop.set()
        self._thread.join(JOIN_TIMEOUT)

    def _run(self) -> None:
        beat = Beat(self._rate, time.monotonic())
        try:
            while not self._stop.is_set():
                self._device.send(self._program.at(time.monotonic()))
                self._stop.wait(beat.wait(time.monotonic()))
            self._program.paused = True
            self._device.send(self._program.at(time.monotonic()))
        except DeviceError as error:
            self.lost = str(error)
        except Exception as error:  # noqa: BLE001 (a dead thread must not look like a working one)
            self.lost = f"the virtual camera {self.name} failed: {error}"
        finally:
            with contextlib.suppress(Exception):
                self._device.close()
