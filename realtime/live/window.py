"""The window, and whether there can be one."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import socket
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from types import TracebackType
from typing import Self

import numpy as np

from stylecam.models.errors import DisplayError
from stylecam.realtime.live.frame_sink import check_picture
from stylecam.realtime.live.hotkeys import key_name
from stylecam.realtime.video.libraries import cv2

__all__ = ["WindowSink", "check_display", "match_x11"]

_REMEDY = "start it on a desktop, or add --no-window"


def check_display() -> None:
    """Raises `DisplayError` when a window would abort the process, as OpenCV's do without a display."""
    if sys.platform != "linux":
        return
    display = os.environ.get("DISPLAY", "")
    if not display:
        if os.environ.get("WAYLAND_DISPLAY"):
            raise DisplayError(f"there is a Wayland display but no X server for OpenCV's window (XWayland); {_REMEDY}")
        raise DisplayError(f"there is no display to open a window on (DISPLAY is not set); {_REMEDY}")
    if not _answers(display):
        raise DisplayError(f"the display {display} does not answer; {_REMEDY}")


def _answers(display: str) -> bool:
    library = ctypes.util.find_library("X11")
    if library:
        x11 = ctypes.CDLL(library)
        x11.XOpenDisplay.restype = ctypes.c_void_p
        connection = x11.XOpenDisplay(display.encode())
        if connection:
            x11.XCloseDisplay(ctypes.c_void_p(connection))
        return bool(connection)
    host, _, number = display.rpartition(":")
    screen = number.partition(".")[0]
    if not screen.isdigit():
        return False
    try:
        if host in ("", "unix"):
            with socket.socket(socket.AF_UNIX) as connection_socket:
                connection_socket.connect(f"/tmp/.X11-unix/X{screen}")
        else:
            socket.create_connection((host, 6000 + int(screen)), timeout=2).close()
    except OSError:
        return False
    return True


def match_x11() -> bool:
    """Has the toolkit in OpenCV's wheel bind to the system's libX11-xcb, not to its own older copy; False without one.

    That copy writes Xlib's event owner where Xlib 1.6 kept it. Xlib 1.8 keeps it elsewhere, goes on believing that the
    events are its own and swallows some of the first ones; when the one that says "mapped" is among them, the window
    stays black for ever. A desktop has the system's library; without it, a window may stay black.
    """
    try:
        ctypes.CDLL("libX11-xcb.so.1", mode=ctypes.RTLD_GLOBAL)
    except OSError:
        return False
    return True


class WindowSink:
    """An OpenCV window, at first of `size` (width, height) in px. A `Controller`.

    Use it in the main thread only, as macOS demands.
    """

    saved: Sequence[str] = ()

    def __init__(self, title: str, size: tuple[int, int], fullscreen: bool = False) -> None:
        check_display()
        if sys.platform == "linux":
            # The only one in OpenCV's wheel: with the `wayland` that many desktops set, Qt would abort the process.
            os.environ["QT_QPA_PLATFORM"] = "xcb"
            match_x11()
        self.title = title
        self.over: Callable[[np.ndarray], np.ndarray] = lambda picture: picture
        self.lost: str | None = None
        self._fullscreen = self._shown = self._ended = False
        self._last = np.zeros((size[1], size[0], 3), np.uint8)
        cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        cv2.resizeWindow(title, *size)
        if fullscreen:
            self.toggle_fullscreen()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Takes the window off the screen; a second time does nothing."""
        if not self._ended:
            self._ended = True
            cv2.destroyAllWindows()
            cv2.pollKey()  # lets the toolkit carry the closing out

    def show(self, picture: np.ndarray | None, seconds: Fraction | float = 0) -> None:
        """Shows uint8 `[H, W, 3]` BGR at once, whatever its time, with what `over` draws; None the last one again.

        Raises `ValueError` for another type or shape, and when it is closed.
        """
        if self._ended:
            raise ValueError(f"the window {self.title} is closed: it shows no more pictures")
        if picture is not None:
            check_picture(picture, "a window")
            self._last = picture
        if self.lost is not None:
            return
        drawn = self.over(self._last)
        try:
            cv2.imshow(self.title, drawn)
        except cv2.error as error:
            self.lost = f"the window {self.title} can show no more: {' '.join(str(error).split())}"
        self._shown = True

    def keys(self, wait_ms: int = 0) -> list[str]:
        """The keys pressed since the last call, by their names in the table; waits for at most `wait_ms`."""
        codes = [cv2.waitKeyEx(wait_ms) if wait_ms > 0 else cv2.pollKey()]
        while codes[-1] >= 0 and len(codes) < 16:
            codes.append(cv2.pollKey())
        return [name for name in map(key_name, codes) if name]

    @property
    def closed(self) -> bool:
        """Whether the user closed the window with its button."""
        try:
            return self._shown and cv2.getWindowProperty(self.title, cv2.WND_PROP_VISIBLE) < 1
        except cv2.error:
            return True

    @property
    def fullscreen(self) -> bool:
        """Whether it fills the screen."""
        return self._fullscreen

    def toggle_fullscreen(self) -> None:
        """To full screen and back."""
        self._fullscreen = not self._fullscreen
        mode = cv2.WINDOW_FULLSCREEN if self._fullscreen else cv2.WINDOW_NORMAL
        cv2.setWindowProperty(self.title, cv2.WND_PROP_FULLSCREEN, mode)
