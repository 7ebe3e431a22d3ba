"""Cameras of this machine, through OpenCV."""

from __future__ import annotations

import re
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np

from stylecam.models.errors import SourceError
from stylecam.realtime.sources.camera import Capture
from stylecam.realtime.sources.connected_cameras import CameraInfo, Identity, is_connected, list_cameras
from stylecam.realtime.video.frame import rate
from stylecam.realtime.video.libraries import cv2

__all__ = ["DeviceCapture", "Webcam"]

USB2_SIZE = 640 * 480
USB2_FPS = 30


class DeviceCapture:
    """An open camera: `fps` is what the driver agreed to."""

    def __init__(self, index: int, size: tuple[int, int] | None, fps: float | None) -> None:
        """Open camera `index` and ask it for `size` (width, height) and `fps`; what it gives may differ.

        Raises:
            SourceError: it cannot be opened.
        """
        self._capture = cv2.VideoCapture(index, cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY)
        if not self._capture.isOpened():
            self.close()
            raise SourceError(f"camera {index} cannot be opened")
        # Uncompressed video fills USB 2 at 640x480 and 30 a second: beyond that a webcam drops to a few frames.
        if (size and size[0] * size[1] > USB2_SIZE) or (fps and fps > USB2_FPS):
            self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        if size:
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
        if fps:
            self._capture.set(cv2.CAP_PROP_FPS, fps)
        self.fps: Fraction | None = rate(self._capture.get(cv2.CAP_PROP_FPS))

    def read(self) -> np.ndarray | None:
        """Return the next frame, or None when none came within a second."""
        ok, image = self._capture.read()
        return image if ok else None

    def close(self) -> None:
        """Release the camera."""
        self._capture.release()


class Webcam:
    """A camera by number or path; found again by its port or its name when it comes back under another number."""

    mirrors = True
    advice = "close other programs that use it, plug it in again, or try --camera demo"

    def __init__(self, spec: str, size: tuple[int, int] | None = None, fps: float | None = None) -> None:
        self.name = f"camera {spec}" if spec.isdecimal() else spec
        self._spec, self._size, self._fps = spec, size, fps
        self._index = -1
        self._identity: Identity | None = None

    def open(self) -> Capture:
        """Open the camera wherever it is plugged in by now. Raises SourceError where it is not to be found."""
        # Elsewhere the cameras can only be listed by opening them, and they are known by their number alone.
        cameras = list_cameras() if sys.platform == "linux" else []
        if self._identity is None:
            index: int | None = self._first_index()
        else:
            index = self._identity.find(cameras)
        if index is None:
            raise self._missing(cameras)
        try:
            capture = DeviceCapture(index, self._size, self._fps)
        except SourceError:
            raise self._unopened(index, cameras) from None
        self._identity = self._identity or Identity(index, cameras)
        self._index = index
        return capture

    def present(self) -> bool:
        """Whether its device node is still there."""
        return is_connected(self._index)

    def _first_index(self) -> int | None:
        if self._spec.isdecimal():
            return int(self._spec)
        match = re.fullmatch(r"/dev/video(\d+)", str(Path(self._spec).resolve()))  # follows /dev/v4l/by-id/…
        return int(match[1]) if match else None

    def _unopened(self, index: int, cameras: list[CameraInfo]) -> SourceError:
        if any(camera.index == index for camera in cameras):
            return SourceError(f"{self.name} cannot be opened; {self.advice}")
        return self._missing(cameras)

    def _missing(self, cameras: list[CameraInfo]) -> SourceError:
        found = ", ".join(f"{camera.index} ({camera.name})" for camera in cameras)
        if found:
            return SourceError(f"{self.name} not found: connected are {found}; choose one with --camera INDEX")
        nothing = "no camera found" if sys.platform == "linux" else f"{self.name} not found"
        return SourceError(f"{nothing}: plug one in, or try --camera demo")
