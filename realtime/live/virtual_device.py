"""The virtual camera of this machine, to which pyvirtualcam sends pictures. Nothing else imports pyvirtualcam."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from stylecam.models.errors import DeviceError, OptionsError
from stylecam.realtime.common.extras import needs_extra
from stylecam.realtime.live.virtual_setup import ADD, Readiness, loopbacks, readiness
from stylecam.realtime.sources.connected_cameras import is_connected

__all__ = ["VirtualDevice", "check_extra", "device_path", "doctor_finding", "open_device"]

# What is said of a device that another program sends to: with exclusive_caps it is a camera only, for as long.
BUSY = r"busy|in use|is not a video output device|no v4l2 loopback device found"


class VirtualDevice(Protocol):
    """An open virtual camera of one size. One thread sends, and closes it."""

    name: str

    def send(self, picture: np.ndarray) -> None:
        """Shows uint8 `[H, W, 3]` BGR of its size to all who watch. Raises `DeviceError` when it is lost."""

    def close(self) -> None:
        """Lets go of it."""


class _Device:
    """pyvirtualcam's camera. On Linux it only writes to stderr that its device is gone, so that is looked for here."""

    def __init__(self, camera: Any) -> None:
        self.name = str(camera.device)
        self._camera = camera
        match = re.fullmatch(r"/dev/video(\d+)", self.name)
        self._number = int(match[1]) if match else None

    def send(self, picture: np.ndarray) -> None:
        if self._number is not None and not is_connected(self._number):
            raise DeviceError(f"the virtual camera {self.name} is gone")
        try:
            self._camera.send(picture)
        except Exception as error:
            raise DeviceError(f"the virtual camera {self.name} failed: {_first_line(error)}") from error

    def close(self) -> None:
        self._camera.close()


def check_extra() -> Any:
    """The module pyvirtualcam. Raises `StylecamError`, with the line that installs it, where it is missing."""
    with needs_extra("vcam", "the virtual camera needs pyvirtualcam"):
        import pyvirtualcam

    return pyvirtualcam


def device_path(name: str | None) -> str | None:
    """The device as its system calls it: on Linux a number is that of /dev/video."""
    return f"/dev/video{name}" if name is not None and name.isdecimal() and sys.platform == "linux" else name


def open_device(
    size: tuple[int, int], rate: float, device: str | None = None, camera: str | None = None
) -> VirtualDevice:
    """The virtual camera `device`, by its path or name, else the first one; for frames of (width, height) px.

    `camera` is the path of the session's own camera, which is not sent to itself. Raises `OptionsError` where it is
    `device`, or the only one, and `DeviceError`, with the remedy, for one that is missing or used by another program.
    """
    pyvirtualcam = check_extra()
    device = device_path(device)
    if device is not None and camera is not None and os.path.realpath(device) == os.path.realpath(camera):
        raise OptionsError(f"{device} is the camera itself: give another --virtual-camera or --camera")
    if device is None and camera is not None:
        found = loopbacks()
        others = [path for path in found if os.path.realpath(path) != os.path.realpath(camera)]
        if found and not others:
            raise OptionsError(f"{found[0]} is the camera itself, and there is no other virtual camera: {ADD}")
        device = str(others[0]) if others else None
    try:
        return _Device(_camera(pyvirtualcam, size, rate, device))
    except Exception as error:
        raise DeviceError(_reason(pyvirtualcam, size, device, error)) from error


def doctor_finding() -> Readiness:
    """Whether `open_device` would work, as far as one can tell without taking it from whoever uses it."""
    try:
        pyvirtualcam = check_extra()
    except Exception as error:  # noqa: BLE001 (a broken one says why)
        install, state = "pip install 'stylecam[vcam]'", readiness(_never)
        if sys.platform != "linux" or state.ok:
            return Readiness(False, f"pyvirtualcam cannot be loaded ({_first_line(error.__cause__ or error)})", install)
        return Readiness(False, f"pyvirtualcam is missing, and {state.found}", f"{install}, then {state.remedy}")
    return readiness(lambda: _camera(pyvirtualcam, (1280, 720), 30.0, None).close())


def _camera(pyvirtualcam: Any, size: tuple[int, int], rate: float, device: str | None) -> Any:
    width, height = size
    return pyvirtualcam.Camera(width=width, height=height, fps=rate, fmt=pyvirtualcam.PixelFormat.BGR, device=device)


def _never() -> None:
    raise DeviceError("it was not tried")


def _reason(pyvirtualcam: Any, size: tuple[int, int], device: str | None, error: Exception) -> str:
    state = readiness(lambda: _camera(pyvirtualcam, size, 30.0, device).close(), device)
    if not state.ok:
        return f"no virtual camera: {state.found}; {state.remedy}"
    path = device or next(iter(map(str, loopbacks())), "the virtual camera")
    if Path(path).exists() and re.search(BUSY, str(error), re.I):
        return f"the virtual camera {path} is used by another program: close it there, then try again"
    return f"the virtual camera {path} cannot be used: {_first_line(error)}"


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
