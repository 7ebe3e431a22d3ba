"""Which cameras are connected, and where a camera went that came back under another number."""

from __future__ import annotations

import re
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stylecam.realtime.video.libraries import cv2

__all__ = ["CameraInfo", "Identity", "is_connected", "list_cameras"]

SYSFS = Path("/sys/class/video4linux")
DEV = Path("/dev")

# linux/videodev2.h: struct v4l2_capability, VIDIOC_QUERYCAP, and its flags.
CAPABILITY = struct.Struct("=16s32s32sIII12x")
VIDIOC_QUERYCAP = 0x80685600
CAN_CAPTURE = 0x00000001 | 0x00001000  # V4L2_CAP_VIDEO_CAPTURE, V4L2_CAP_VIDEO_CAPTURE_MPLANE
HAS_DEVICE_CAPS = 0x80000000

PROBED = 6


@dataclass(frozen=True)
class CameraInfo:
    """A camera: its OpenCV index, path, the name its driver gives, and the port it is plugged into ("" if unknown)."""

    index: int
    path: str
    name: str
    bus: str


def list_cameras() -> list[CameraInfo]:
    """Return the connected cameras in the order of their numbers; opens none of them on Linux."""
    if sys.platform == "linux":
        return _linux_cameras()
    return [CameraInfo(index, str(index), f"camera {index}", "") for index in range(PROBED) if _opens(index)]


def is_connected(index: int) -> bool:
    """Whether the camera still has its device node; cheap, and never blocks. Always true where one cannot know."""
    return not SYSFS.is_dir() or (SYSFS / f"video{index}").exists()


def _linux_cameras() -> list[CameraInfo]:
    nodes = SYSFS.glob("video*") if SYSFS.is_dir() else ()
    numbered = sorted((int(match[1]), node) for node in nodes if (match := re.fullmatch(r"video(\d+)", node.name)))
    return [camera for index, node in numbered if (camera := _linux_camera(index, node)) is not None]


def _linux_camera(index: int, node: Path) -> CameraInfo | None:
    """Return the camera behind `node`, or None for metadata, output and codec nodes."""
    path = DEV / node.name
    try:
        name = (node / "name").read_text(encoding="utf-8", errors="replace").strip()
        capability = _query(path)
        if capability is None:  # No permission or busy: a device's first node is nearly always the picture.
            if (node / "index").read_text().strip() != "0":
                return None
            bus = ""
        else:
            bus, flags = capability
            if not flags & CAN_CAPTURE:
                return None
        return CameraInfo(index, str(path), name, bus or str((node / "device").resolve()))
    except OSError:  # It was unplugged while we looked at it.
        return None


def _query(path: Path) -> tuple[str, int] | None:
    """Ask the driver for (bus, capability flags of this very node)."""
    import fcntl
    import os

    try:
        handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return None
    buffer = bytearray(CAPABILITY.size)
    try:
        fcntl.ioctl(handle, VIDIOC_QUERYCAP, buffer)
    except OSError:
        return None
    finally:
        os.close(handle)
    _, _, bus, _, device, node = CAPABILITY.unpack(buffer)
    return bus.split(b"\0")[0].decode(errors="replace"), node if device & HAS_DEVICE_CAPS else device


def _opens(index: int) -> bool:
    capture = cv2.VideoCapture(index)
    try:
        return bool(capture.isOpened())
    finally:
        capture.release()


class Identity:
    """What a camera is recognised by after it was away: its port, then its name, then its old number."""

    def __init__(self, index: int, cameras: Iterable[CameraInfo]) -> None:
        """Remember the camera `index` among the `cameras` connected now."""
        cameras = list(cameras)
        self.index = index
        self.camera = next((camera for camera in cameras if camera.index == index), None)
        # A camera with two picture nodes has one bus: count which of them it was.
        self._rank = self._on_bus(cameras).index(self.camera) if self.camera else 0
        self._others = {(camera.bus, camera.name) for camera in cameras if camera.index != index}

    def _on_bus(self, cameras: Iterable[CameraInfo]) -> list[CameraInfo]:
        return [camera for camera in cameras if self.camera and camera.bus == self.camera.bus]

    def find(self, cameras: Iterable[CameraInfo]) -> int | None:
        """Return the number to open, given the `cameras` connected now, or None where it is not among them."""
        cameras = list(cameras)
        if self.camera is None:
            return self.index
        same_bus = self._on_bus(cameras)
        if self._rank < len(same_bus):
            return same_bus[self._rank].index
        # Another camera of the same make that was there all along is not ours.
        strangers = [camera for camera in cameras if (camera.bus, camera.name) not in self._others]
        for camera in strangers:
            if camera.name == self.camera.name:
                return camera.index
        return next((camera.index for camera in strangers if camera.index == self.index), None)
