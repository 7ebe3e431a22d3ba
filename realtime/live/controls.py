"""What the keys do to a live session."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Sequence

from stylecam.realtime.live.hotkeys import Action, KeyPress, action_for
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
            found = action_for(key)
            if found == (Action.ORIGINAL, 0) and not held:
                self._painter.original = not self._painter.original
            elif found is not None:
                self._act(*found)

    def _act(self, action: Action, number: int) -> None:
        painter = self._painter
        match action:
            case Action.SELECT if number < len(painter.styles):
                painter.select(number)
            case Action.NEXT:
                painter.step(1)
            case Action.PREVIOUS:
                painter.step(-1)
            case Action.ORIGINAL:
                painter.space()
            case Action.SPLIT:
                painter.split = not painter.split
            case Action.WEAKER:
                painter.change_strength(-0.1)
            case Action.STRONGER:
                painter.change_strength(0.1)
            case Action.KEEP_COLORS:
                painter.keep_colors = not painter.keep_colors
            case Action.MIRROR:
                painter.mirror = not painter.mirror
            case Action.SNAPSHOT if painter.picture is not None:
                self._saver.snapshot(painter.picture, painter.name)
            case Action.RECORD:
                self._saver.toggle(painter.name)
            case Action.FULLSCREEN if self._window is not None:
                self._window.toggle_fullscreen()
            case Action.HUD:
                self._overlay.hud = not self._overlay.hud
            case Action.HELP:
                self._overlay.help = not self._overlay.help
            case Action.AUTO_CYCLE:
                self.cycling, self._cycle_at = not self.cycling, time.monotonic() + self._cycle_seconds
            case Action.QUIT:
                self.quit = True
