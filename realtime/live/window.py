"""The window."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from stylecam.models.errors import DisplayError
from stylecam.realtime.live import sdl
from stylecam.realtime.live.canvas import Canvas, CanvasError, Panel, cropped
from stylecam.realtime.live.frame_sink import Dropped, View, check_picture
from stylecam.realtime.live.hotkeys import Key
from stylecam.realtime.live.renderer_canvas import RendererCanvas, has_gpu
from stylecam.realtime.live.surface_canvas import SurfaceCanvas
from stylecam.realtime.live.window_events import WindowEvents
from stylecam.realtime.live.window_frame import WindowFrame
from stylecam.realtime.live.window_place import first_place, place_file, remember_place, remembered_place

__all__ = ["WindowSink", "drawn_by"]

DESK, STAGE = 1 / 56, 1 / 30  # height of the text over the screen's: read at a desk, and from two metres away
SMALLEST_TEXT = 16  # px


def drawn_by(window: Any) -> Canvas:
    """The GPU, else the processor."""
    if has_gpu():
        with contextlib.suppress(CanvasError):  # there is a GPU and it does not draw: the processor always can
            return RendererCanvas(window)
    return SurfaceCanvas(window)


class WindowSink:
    """A window of SDL's for pictures of `size` (width, height) in px. A `Controller`. Use it in the main thread only.

    It comes to the screen with the first picture, where it was last time (`place` is the file that tells), or on the
    monitor number `display`, from 0. With `fill` pictures fill it, see `Controller`. Raises `DisplayError` where there
    is none, `OptionsError` for a number too large.
    """

    saved: Sequence[str] = ()

    def __init__(
        self,
        title: str,
        size: tuple[int, int],
        fullscreen: bool = False,
        display: int | None = None,
        place: Path | None = None,
        canvas: Callable[[Any], Canvas] = drawn_by,
        fill: bool = False,
    ) -> None:
        self.title, self.fullscreen, self.fill = title, fullscreen, fill
        self.over: Callable[[View], Sequence[Panel]] = lambda view: ()
        self.lost: str | None = None
        self._place_file = place or place_file()
        self._picture: np.ndarray | None = None
        self._shown = self._ended = False
        self._sdl = sdl.library()
        sdl.start_video()
        try:
            self._events = WindowEvents()
            self._event = self._sdl.SDL_Event()
            self._window = self._open(size, display)
            self._canvas = canvas(self._window)
        except BaseException:
            sdl.stop_video()
            raise

    def _open(self, size: tuple[int, int], display: int | None) -> Any:
        s, screens = self._sdl, sdl.connected(display)
        place = first_place(size, [screen.area for screen in screens], display, remembered_place(self._place_file))
        flags = s.SDL_WINDOW_HIDDEN | s.SDL_WINDOW_RESIZABLE | s.SDL_WINDOW_ALLOW_HIGHDPI
        window = s.SDL_CreateWindow(self.title.encode(), *place, flags)
        if not window:
            raise DisplayError(f"no window can be opened: {sdl.message()}")
        s.SDL_SetWindowMinimumSize(window, 96, 64)
        self._frame = WindowFrame(window, place)
        return window

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Takes the window off the screen, and remembers where it was; a second time does nothing."""
        if self._ended:
            return
        self._ended = True
        if self._shown:
            remember_place(self._place_file, self._frame.place)
        self._sdl.SDL_ShowCursor(self._sdl.SDL_ENABLE)
        self._canvas.close()
        self._sdl.SDL_DestroyWindow(self._window)
        sdl.stop_video()

    def show(self, picture: np.ndarray | None, seconds: Fraction | float = 0) -> None:
        """Shows uint8 `[H, W, 3]` BGR at once, whatever its time, with what `over` gives; None the last one again.

        Raises `ValueError` for another type or shape, and when it is closed.
        """
        if self._ended:
            raise ValueError(f"the window {self.title} is closed")
        if picture is not None:
            check_picture(picture, "a window")
            self._picture = picture
        if self.lost is None and self._picture is not None and (self.visible or not self._shown):
            self._draw(self._picture)

    def _draw(self, picture: np.ndarray) -> None:
        try:
            self._draw_once(picture)
            if not self._shown:
                self._appear()
                self._draw_once(picture)
        except CanvasError as error:
            self.lost = f"the window {self.title} failed: {error}"

    def _draw_once(self, picture: np.ndarray) -> None:
        seen = cropped(picture, self._canvas.size) if self.fill else picture
        self._canvas.draw(seen, self.over(self._view()))

    def _appear(self) -> None:
        self._shown = True
        self._sdl.SDL_ShowWindow(self._window)
        if self.fullscreen:
            self._sdl.SDL_PumpEvents()
            self._frame.fill_screen(True)
        self._pump()

    def keys(self, wait_ms: int = 0) -> list[Key]:
        """The keys pressed and let go since the last call, in order; waits for at most `wait_ms` for something."""
        if self._ended:
            return []
        if wait_ms > 0 and self._sdl.SDL_WaitEventTimeout(ctypes.byref(self._event), wait_ms):
            self._events.take(self._event)
        self._pump()
        if self._events.stale and self._shown:
            self._events.stale = False
            self.show(None)
        hidden = self.fullscreen and self._events.pointer_rests
        self._sdl.SDL_ShowCursor(self._sdl.SDL_DISABLE if hidden else self._sdl.SDL_ENABLE)
        pressed, self._events.pressed = self._events.pressed, []
        return pressed

    def dropped(self) -> list[Dropped]:
        """The files dropped on it since the last call."""
        dropped, self._events.dropped = self._events.dropped, []
        return dropped

    def clicked(self) -> list[tuple[int, int]]:
        """Where the left button was pressed since the last call: (x, y), px."""
        clicks, self._events.clicks = self._events.clicks, []
        px = self._frame.px_of_a_unit(self._canvas.size[0]) if clicks else 1
        return [(round(px * x), round(px * y)) for x, y in clicks]

    @property
    def closed(self) -> bool:
        """Whether the user closed the window with its button."""
        return self._events.closed

    @property
    def visible(self) -> bool:
        """Whether it can be seen: not while it is minimised."""
        return self._events.visible

    def toggle_fullscreen(self) -> None:
        """To full screen and back."""
        self.fullscreen = not self.fullscreen
        if self._shown:
            self._frame.fill_screen(self.fullscreen)
            self._events.stale = True

    def _pump(self) -> None:
        while self._sdl.SDL_PollEvent(ctypes.byref(self._event)):
            self._events.take(self._event)

    def _view(self) -> View:
        size = self._canvas.size
        height = self._frame.screen[3] * (STAGE if self.fullscreen else DESK)
        return View(size, round(max(SMALLEST_TEXT, height) * self._frame.px_of_a_unit(size[0])))
