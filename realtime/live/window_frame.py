"""A window on its desktop: where it is, how large, and whether it fills the screen."""

from __future__ import annotations

import ctypes
from typing import Any

from stylecam.realtime.live import sdl
from stylecam.realtime.live.canvas import Box

__all__ = ["WindowFrame"]


class WindowFrame:
    """Of SDL's `window`, which was opened at `place` (left, top, width, height in the desktop's px)."""

    def __init__(self, window: Any, place: Box) -> None:
        self._sdl, self._window, self._before = sdl.library(), window, place
        self.full = False

    @property
    def place(self) -> Box:
        """Where it is, or was before it filled the screen or went from it."""
        s = self._sdl
        elsewhere = s.SDL_WINDOW_FULLSCREEN_DESKTOP | s.SDL_WINDOW_MINIMIZED | s.SDL_WINDOW_MAXIMIZED
        if self.full or s.SDL_GetWindowFlags(self._window) & elsewhere:
            return self._before
        left, top, width, height = (ctypes.c_int() for _ in range(4))
        s.SDL_GetWindowPosition(self._window, ctypes.byref(left), ctypes.byref(top))
        s.SDL_GetWindowSize(self._window, ctypes.byref(width), ctypes.byref(height))
        return left.value, top.value, width.value, height.value

    @property
    def screen(self) -> Box:
        """The whole monitor that it is on."""
        screen = self._sdl.SDL_Rect()
        self._sdl.SDL_GetDisplayBounds(self._sdl.SDL_GetWindowDisplayIndex(self._window), ctypes.byref(screen))
        return screen.x, screen.y, screen.w, screen.h

    def fill_screen(self, on: bool) -> None:
        """To full screen, or back to where it was."""
        if on:
            self._before = self.place
        if sdl.has_window_manager():
            self._sdl.SDL_SetWindowFullscreen(self._window, self._sdl.SDL_WINDOW_FULLSCREEN_DESKTOP if on else 0)
        else:
            place = self.screen if on else self._before
            self._sdl.SDL_SetWindowPosition(self._window, *place[:2])
            self._sdl.SDL_SetWindowSize(self._window, *place[2:])
        self.full = on

    def px_of_a_unit(self, width: int) -> float:
        """How many px of a display `width` px wide the desktop counts as one: more than 1 on those of high density."""
        units = ctypes.c_int()
        self._sdl.SDL_GetWindowSize(self._window, ctypes.byref(units), None)
        return width / max(1, units.value)
