"""A window's inside drawn by the GPU, which scales and blends for nothing."""

from __future__ import annotations

import ctypes
import glob
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from stylecam.realtime.live import sdl
from stylecam.realtime.live.canvas import CanvasError, Panel, Prepared, fitted_box
from stylecam.realtime.video.libraries import cv2

__all__ = ["RendererCanvas", "has_gpu"]

_IN_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "software")
_GL_RENDERER = 0x1F01


def has_gpu() -> bool:
    """Whether the desktop may be drawn by a GPU. On Linux the kernel shows one; the other systems' always are."""
    return sys.platform != "linux" or bool(glob.glob("/dev/dri/renderD*"))


class RendererCanvas:
    """A `Canvas` of SDL's renderer: Direct3D, Metal or OpenGL. Raises `CanvasError` where that is not to be had.

    With `in_software` a renderer that works on the processor will do too, which is slower than `SurfaceCanvas`.
    """

    def __init__(self, window: Any, in_software: bool = False) -> None:
        self._sdl = sdl.library()
        self._renderer = self._sdl.SDL_CreateRenderer(window, -1, self._sdl.SDL_RENDERER_ACCELERATED)
        if not self._renderer:
            raise CanvasError(sdl.message())
        self._texture, self._of = None, (0, 0)  # the picture's, and its size
        self._panels = Prepared(self._panel_texture, self._sdl.SDL_DestroyTexture)
        if not in_software and any(word in self.name.lower() for word in _IN_SOFTWARE):
            self.close()
            raise CanvasError(f"{self.name} works on the processor")

    @property
    def name(self) -> str:
        """What draws."""
        info = self._sdl.SDL_RendererInfo()
        self._sdl.SDL_GetRendererInfo(self._renderer, ctypes.byref(info))
        name = str(info.name.decode())
        address = self._sdl.SDL_GL_GetProcAddress(b"glGetString") if name.startswith("opengl") else None
        if not address:
            return name
        text = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_uint)(address)(_GL_RENDERER)
        return f"{name} {text.decode(errors='replace')}" if text else name

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px."""
        width, height = ctypes.c_int(), ctypes.c_int()
        self._sdl.SDL_GetRendererOutputSize(self._renderer, ctypes.byref(width), ctypes.byref(height))
        return width.value, height.value

    def draw(self, picture: np.ndarray, panels: Sequence[Panel]) -> None:
        """As `Canvas.draw`."""
        size = picture.shape[1], picture.shape[0]
        if self._texture is None or size != self._of:
            self._sdl.SDL_DestroyTexture(self._texture)
            self._texture, self._of = self._new_texture(size, self._sdl.SDL_TEXTUREACCESS_STREAMING), size
        self._fill(self._texture, cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA))
        self._sdl.SDL_SetRenderDrawColor(self._renderer, 0, 0, 0, 255)
        self._sdl.SDL_RenderClear(self._renderer)
        self._copy(self._texture, fitted_box(self.size, size))
        for panel, texture in self._panels.of(panels):
            self._copy(texture, (panel.left, panel.top, panel.image.shape[1], panel.image.shape[0]))
        self._sdl.SDL_RenderPresent(self._renderer)

    def close(self) -> None:
        """As `Canvas.close`."""
        self._panels.clear()
        self._sdl.SDL_DestroyRenderer(self._renderer)

    def _copy(self, texture: Any, box: tuple[int, int, int, int]) -> None:
        if self._sdl.SDL_RenderCopy(self._renderer, texture, None, self._sdl.SDL_Rect(*box)) != 0:
            raise CanvasError(sdl.message())

    def _new_texture(self, size: tuple[int, int], access: int) -> Any:
        texture = self._sdl.SDL_CreateTexture(self._renderer, self._sdl.SDL_PIXELFORMAT_ARGB8888, access, *size)
        if not texture:
            raise CanvasError(sdl.message())
        return texture

    def _fill(self, texture: Any, image: np.ndarray) -> None:
        if self._sdl.SDL_UpdateTexture(texture, None, image.ctypes.data, image.strides[0]) != 0:
            raise CanvasError(sdl.message())

    def _panel_texture(self, image: np.ndarray) -> Any:
        texture = self._new_texture((image.shape[1], image.shape[0]), self._sdl.SDL_TEXTUREACCESS_STATIC)
        self._sdl.SDL_SetTextureBlendMode(texture, self._sdl.SDL_BLENDMODE_BLEND)
        self._fill(texture, np.ascontiguousarray(image))
        return texture
