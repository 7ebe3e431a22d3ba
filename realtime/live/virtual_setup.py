"""Whether this machine has a virtual camera to send to, and the command that mends it where it has none."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ADD", "Readiness", "loopbacks", "readiness"]

VIDEO = Path("/sys/class/video4linux")
DEV = Path("/dev")
MODULE = Path("/sys/module/v4l2loopback")
MODULES = Path("/lib/modules")
ATTRIBUTE = "max_openers"  # in sysfs: what v4l2loopback alone says of its devices

LOAD = "sudo modprobe v4l2loopback exclusive_caps=1 card_label=stylecam"
INSTALL = f"sudo apt install v4l2loopback-dkms (Fedora: akmod-v4l2loopback), then {LOAD}"
RELOAD = f"sudo modprobe -r v4l2loopback, then {LOAD}"
ADD = "sudo modprobe -r v4l2loopback, then sudo modprobe v4l2loopback devices=2 exclusive_caps=1,1"
PERMIT = "sudo usermod -aG video $USER, then log in again"
WINDOWS = "winget install OBSProject.OBSStudio, which brings its virtual camera; or install Unity Capture"
MACOS = "brew install --cask obs, press Start Virtual Camera in OBS, allow it in System Settings, and press Stop again"


@dataclass(frozen=True)
class Readiness:
    """Whether a virtual camera can be sent to; what was found, and where it cannot, the remedy."""

    ok: bool
    found: str
    remedy: str = ""


def loopbacks() -> list[Path]:
    """The devices of Linux's v4l2loopback, in the order of their numbers; none of them is opened."""
    nodes = VIDEO.glob("video*") if VIDEO.is_dir() else ()
    numbered = [(int(match[1]), node) for node in nodes if (match := re.fullmatch(r"video(\d+)", node.name))]
    return [DEV / node.name for _, node in sorted(numbered) if (node / ATTRIBUTE).exists()]


def readiness(try_out: Callable[[], None], device: str | None = None, system: str = sys.platform) -> Readiness:
    """Of `device`, or of the one that is used without a name. On Linux it is not opened: somebody may be using it.

    `try_out` opens and closes it, and raises what is wrong: elsewhere there is no other way to know.
    """
    if system == "linux":
        return _of_linux(device)
    name = "OBS's virtual camera" + (" or Unity Capture's" if system == "win32" else "")
    remedy = WINDOWS if system == "win32" else MACOS
    try:
        try_out()
    except Exception as error:  # noqa: BLE001 (whatever the drivers' glue raises, it says that there is none)
        return Readiness(False, f"{device or name} cannot be opened ({_first_line(error)})", remedy)
    return Readiness(True, device or name)


def _first_line(error: Any) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _of_linux(device: str | None) -> Readiness:
    found = loopbacks()
    if not found:
        return _without_device()
    if device is None:
        path = found[0]
    elif (path := Path(os.path.realpath(device))) not in found:
        what = "is no virtual camera" if path.exists() else "does not exist"
        there = ", ".join(map(str, found))
        return Readiness(False, f"{device} {what}", f"virtual cameras are: {there}")
    if not os.access(path, os.W_OK):
        return Readiness(False, f"{path} may not be written to", PERMIT)
    name = _read(VIDEO / path.name / "name")
    note = "" if _exclusive(found.index(path)) else "; some browsers list it only with exclusive_caps=1"
    return Readiness(True, f"{path} ({name}){note}")


def _without_device() -> Readiness:
    if MODULE.exists():
        return Readiness(False, "v4l2loopback has no device", RELOAD)
    if "/v4l2loopback.ko" in _read(MODULES / platform.release() / "modules.dep"):
        return Readiness(False, "the kernel module v4l2loopback is not loaded", LOAD)
    return Readiness(False, "the kernel module v4l2loopback is not installed", INSTALL)


def _exclusive(number: int) -> bool:
    """Whether the device of that number offers itself as a camera only, which browsers want; True where unknown."""
    flags = _read(MODULE / "parameters" / "exclusive_caps").split(",")
    return number >= len(flags) or flags[number] in ("", "Y", "1")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
