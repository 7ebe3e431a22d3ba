"""A window's inside drawn by the processor, for machines without a GPU."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from stylecam.realtime.live import sdl
from stylecam.realtime.live.canvas import CanvasError, Panel, Prepared, fitted_box
from stylecam.realtime.video.libraries import cv2

__all__ = ["SurfaceCanvas"]


class SurfaceCanvas:
    """A `Canvas` in the memory that the window's pictures come from: nothing is copied twice."""

    def __init__(self, window: Any) -> None:
        self._sdl, self._window = sdl.library(), window
        self._inks = Prepared(_ink)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px."""
        surface = self._surface()
        return surface.w, surface.h

    def draw(self, picture: np.ndarray, panels: Sequence[Panel]) -> None:
        """As `Canvas.draw`."""
        surface = self._surface()
        if surface.format.contents.format in (self._sdl.SDL_PIXELFORMAT_RGB888, self._sdl.SDL_PIXELFORMAT_ARGB8888):
            self._paint(_pixels(surface), picture, panels)
        else:
            self._convert(surface, picture, panels)
        if self._sdl.SDL_UpdateWindowSurface(self._window) != 0:
            raise CanvasError(sdl.message())

    def close(self) -> None:
        """As `Canvas.close`."""
        self._inks.clear()

    def _surface(self) -> Any:
        surface = self._sdl.SDL_GetWindowSurface(self._window)
        if not surface:
            raise CanvasError(sdl.message())
        return surface.contents

    def _convert(self, surface: Any, picture: np.ndarray, panels: Sequence[Panel]) -> None:
        """For displays of other pixels than 32 bits."""
        drawn = np.empty((surface.h, surface.w, 4), np.uint8)
        self._paint(drawn, picture, panels)
        ours = self._sdl.SDL_CreateRGBSurfaceWithFormatFrom(
            drawn.ctypes.data, surface.w, surface.h, 32, drawn.strides[0], self._sdl.SDL_PIXELFORMAT_RGB888
        )
        self._sdl.SDL_BlitSurface(ours, None, ctypes.byref(surface), None)
        self._sdl.SDL_FreeSurface(ours)

    def _paint(self, target: np.ndarray, picture: np.ndarray, panels: Sequence[Panel]) -> None:
        left, top, width, height = fitted_box((target.shape[1], target.shape[0]), (picture.shape[1], picture.shape[0]))
        for bar in (target[:top], target[top + height :], target[:, :left], target[:, left + width :]):
            bar[:] = 0
        inside = target[top : top + height, left : left + width]
        if picture.shape[:2] == (height, width):
            cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA, dst=inside)
        else:
            # A mean over whole areas where much is taken together; between, lines would vanish.
            how = cv2.INTER_AREA if 2 * height < picture.shape[0] else cv2.INTER_LINEAR
            cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA), (width, height), dst=inside, interpolation=how)
        for panel, (ink, rest) in self._inks.of(panels):
            _lay(target, panel, ink, rest)


def _pixels(surface: Any) -> np.ndarray:
    """uint8 `[h, w, 4]` BGRA, the surface's own memory."""
    memory = (ctypes.c_uint8 * (surface.pitch * surface.h)).from_address(surface.pixels)
    return np.frombuffer(memory, np.uint8).reshape(surface.h, surface.pitch // 4, 4)[:, : surface.w]


def _ink(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a panel adds, and how much it leaves of what is below, of 255."""
    alpha = np.repeat(image[..., 3:], 4, axis=2)
    return cv2.multiply(image, alpha, scale=1 / 255), 255 - alpha


def _lay(target: np.ndarray, panel: Panel, ink: np.ndarray, rest: np.ndarray) -> None:
    """Draws what of a panel lies inside."""
    top, left = max(0, panel.top), max(0, panel.left)
    bottom = min(target.shape[0], panel.top + ink.shape[0])
    right = min(target.shape[1], panel.left + ink.shape[1])
    if bottom <= top or right <= left:
        return
    part = np.s_[top - panel.top : bottom - panel.top, left - panel.left : right - panel.left]
    below = target[top:bottom, left:right]
    cv2.multiply(below, np.ascontiguousarray(rest[part]), dst=below, scale=1 / 255)
    cv2.add(below, np.ascontiguousarray(ink[part]), dst=below)
