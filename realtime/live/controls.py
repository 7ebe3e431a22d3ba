"""What the keys do to a live session."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Sequence

from stylecam.realtime.live.control_table import Control
from stylecam.realtime.live.hotkeys import KeyPress, control_for
from stylecam.realtime.live.overlay import Overlay
from stylecam.realtime.live.saving import Saver
from stylecam.realtime.live.window import WindowSink
from stylecam.realtime.painting.painter import Painter

__all__ = ["Controls"]


class Controls:
    """Carries keys out: those of the window, and those of --keys at their frames. `quit` once the user wants it."""

    def __init__(
        self,
        painter: Painter,
        saver: Saver,
        overlay: Overlay,
        window: WindowSink | None,
        presses: Iterable[KeyPress],
        cycle_seconds: float,
    ) -> None:
        self.quit = self.cycling = False
        self._painter, self._saver, self._overlay, self._window = painter, saver, overlay, window
        self._presses = deque(presses)
        self._cycle_seconds, self._cycle_at = cycle_seconds, 0.0

    def after_frame(self, shown: int) -> None:
        """Between two frames, when `shown` frames were shown: all keys pressed by now, and the cycle."""
        while self._presses and self._presses[0].frame <= shown:
            self._handle([self._presses.popleft().key], held=False)
        self.poll()
        self._painter.tick()
        now = time.monotonic()
        if self.cycling and now >= self._cycle_at:
            self._painter.step(1)
            self._cycle_at = now + self._cycle_seconds

    def poll(self, wait_ms: int = 0) -> None:
        """The window's keys and its close button; waits for a key for at most `wait_ms`."""
        if self._window is not None:
            self._handle(self._window.keys(wait_ms))
            self.quit |= self._window.closed

    def _handle(self, keys: Sequence[str], held: bool = True) -> None:
        """`held`: whether keys may repeat since they are held down, as those of a keyboard do."""
        for key in keys:
            found = control_for(key)
            if found is None:
                continue
            control, number = found
            if control.name == "original" and not held:
                self._painter.original = not self._painter.original
            else:
                self._act(control, number)

    def _act(self, control: Control, number: int) -> None:
        painter = self._painter
        match control.name:
            case "style" if number < len(painter.styles):
                painter.select(number)
            case "next-style":
                painter.step(1)
            case "previous-style":
                painter.step(-1)
            case "original":
                painter.space()
            case "split":
                painter.split = not painter.split
            case "strength":
                painter.change_strength(control.step if number else -control.step)
            case "preserve-color":
                painter.keep_colors = not painter.keep_colors
            case "mirror":
                painter.mirror = not painter.mirror
            case "snapshot" if painter.picture is not None:
                self._saver.snapshot(painter.picture, painter.name)
            case "record":
                self._saver.toggle(painter.name)
            case "fullscreen" if self._window is not None:
                self._window.toggle_fullscreen()
            case "hud":
                self._overlay.hud = not self._overlay.hud
            case "help":
                self._overlay.help = not self._overlay.help
            case "auto-cycle":
                self.cycling, self._cycle_at = not self.cycling, time.monotonic() + self._cycle_seconds
            case "quit":
                self.quit = True
