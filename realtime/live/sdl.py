"""SDL, which shows windows: loaded when one is wanted, and started for its pictures alone."""

from __future__ import annotations

import ctypes
import os
import sys
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

from stylecam.models.errors import DisplayError, OptionsError

__all__ = [
    "Display",
    "check_display",
    "displays",
    "has_window_manager",
    "library",
    "message",
    "start_video",
    "stop_video",
]

_REMEDY = "run it on a desktop, or add --no-window"
_HINTS = {
    b"SDL_NO_SIGNAL_HANDLERS": b"1",  # Ctrl-C is the command's
    b"SDL_FRAMEBUFFER_ACCELERATION": b"0",  # where there is no GPU, OpenGL in software takes ten times as long
    b"SDL_RENDER_SCALE_QUALITY": b"linear",
    b"SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS": b"0",  # a projector goes on while something else is done on the laptop
    b"SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR": b"0",
    b"SDL_WINDOWS_DPI_SCALING": b"1",  # else Windows enlarges the window, and blurs its text
    b"SDL_APP_NAME": b"stylecam",
}


@dataclass(frozen=True)
class Display:
    """A monitor: its name, and the part of the desktop that windows may cover (left, top, width, height)."""

    name: str
    area: tuple[int, int, int, int]


@cache
def library() -> Any:
    """The SDL binding. Raises `DisplayError` where there is no SDL."""
    os.environ.setdefault("SDL_VIDEO_X11_WMCLASS", "stylecam")
    os.environ.setdefault("SDL_VIDEO_WAYLAND_WMCLASS", "stylecam")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says where its library lies
            import sdl2
    except (ImportError, OSError, RuntimeError) as error:
        raise DisplayError(
            f"SDL, which opens the window, cannot be loaded ({error}): pip install pysdl2-dll, or add --no-window"
        ) from None
    for name, value in _HINTS.items():
        sdl2.SDL_SetHint(name, value)
    return sdl2


def message() -> str:
    """What SDL says of its last failure, in one line."""
    return " ".join(library().SDL_GetError().decode(errors="replace").split()) or "SDL gives no reason"


def start_video() -> None:
    """Begins to use the desktop; `stop_video` ends it, as often as it was begun. Raises `DisplayError` without one."""
    sdl = library()
    if sys.platform != "linux" or os.environ.get("SDL_VIDEODRIVER"):
        if sdl.SDL_InitSubSystem(sdl.SDL_INIT_VIDEO) != 0:
            raise DisplayError(f"no window can be opened: {message()}; {_REMEDY}")
        return
    there = {b"x11": os.environ.get("DISPLAY"), b"wayland": os.environ.get("WAYLAND_DISPLAY")}
    if not any(there.values()):
        raise DisplayError(f"there is no display to open a window on (DISPLAY is not set); {_REMEDY}")
    # Only those: SDL's last resorts succeed on any machine, and show nothing.
    sdl.SDL_SetHint(b"SDL_VIDEODRIVER", b",".join(driver for driver, name in there.items() if name))
    if sdl.SDL_InitSubSystem(sdl.SDL_INIT_VIDEO) != 0:
        raise DisplayError(f"the display {' or '.join(filter(None, there.values()))} does not answer; {_REMEDY}")


def stop_video() -> None:
    """Ends one `start_video`."""
    library().SDL_QuitSubSystem(library().SDL_INIT_VIDEO)


def check_display(number: int | None = None) -> None:
    """Raises `DisplayError` where no window can be opened, `OptionsError` where there is no monitor of this number."""
    start_video()
    try:
        connected(number)
    finally:
        stop_video()


def has_window_manager() -> bool:
    """Whether somebody carries out what a window asks of its desktop. A bare X server, as kiosks have, does nothing."""
    if library().SDL_GetCurrentVideoDriver() != b"x11":
        return True
    x11 = ctypes.CDLL("libX11.so.6")  # which SDL has loaded
    x11.XOpenDisplay.restype = x11.XGetSelectionOwner.restype = x11.XInternAtom.restype = ctypes.c_void_p
    connection = x11.XOpenDisplay(None)
    if not connection:
        return True
    try:
        display = ctypes.c_void_p(connection)
        atom = x11.XInternAtom(display, b"WM_S0", 0)  # held by every manager, see the ICCCM, 4.3
        return bool(x11.XGetSelectionOwner(display, ctypes.c_void_p(atom)))
    finally:
        x11.XCloseDisplay(display)


def connected(number: int | None) -> list[Display]:
    """The monitors, of which there is one of this number. Raises as `check_display`."""
    screens = displays()
    if not screens:
        raise DisplayError("no monitor is connected: connect one, or add --no-window")
    if number is not None and number >= len(screens):
        there = ", ".join(f"{n} {screen.name}".strip() for n, screen in enumerate(screens))
        raise OptionsError(f"there is no monitor {number}: connected are {there}")
    return screens


def displays() -> list[Display]:
    """The monitors, between `start_video` and `stop_video`."""
    sdl = library()
    found = []
    for number in range(max(0, sdl.SDL_GetNumVideoDisplays())):
        area = sdl.SDL_Rect()
        sdl.SDL_GetDisplayUsableBounds(number, ctypes.byref(area))
        name = sdl.SDL_GetDisplayName(number)
        found.append(Display(name.decode(errors="replace") if name else "", (area.x, area.y, area.w, area.h)))
    return found
