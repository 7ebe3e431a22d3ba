"""Carries out what a live session is told."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterable

from stylecam.models.errors import OptionsError
from stylecam.realtime.live.attract import GLIDE_SECONDS, Attract
from stylecam.realtime.live.broadcast import Broadcast
from stylecam.realtime.live.control_handlers import Handler, action, attribute, choice, number, switch
from stylecam.realtime.live.control_queue import ControlQueue, Set, Step, Value
from stylecam.realtime.live.control_table import CONTROLS, KEYS
from stylecam.realtime.live.frame_sink import Controller
from stylecam.realtime.live.hotkeys import Key, KeyPress, change_for
from stylecam.realtime.live.kiosk import QuitKeys
from stylecam.realtime.live.lessons import Lessons
from stylecam.realtime.live.overlay import Overlay
from stylecam.realtime.live.saving import Saver
from stylecam.realtime.painting.glide import Glide
from stylecam.realtime.painting.painter import Painter

__all__ = ["Controls"]

HOLD_SECONDS = 0.4  # a key let go before was tapped


class Controls:
    """Carries the changes in `queue` out, whoever put them in. `quit` once the user wants it.

    The keys of the window, and those of --keys at their frames, become changes in the queue. `handlers` has the one
    place where each control of the table is carried out.
    """

    def __init__(
        self,
        painter: Painter,
        saver: Saver,
        overlay: Overlay,
        lessons: Lessons,
        window: Controller | None,
        presses: Iterable[KeyPress],
        cycle_seconds: float,
        queue: ControlQueue,
        glide: Glide,
        gliding: bool = False,
        broadcast: Broadcast | None = None,
        attract_seconds: float | None = None,
        kiosk: bool = False,
    ) -> None:
        self.quit, self.cycling, self.gliding = False, False, gliding
        self.back: Callable[[], None] = lambda: None  # to the first source; set where others may step in
        self._painter, self._saver, self._overlay, self._window = painter, saver, overlay, window
        self._presses = deque(presses)
        self._cycle_seconds, self._cycle_at = cycle_seconds, 0.0
        self._glide = glide
        self._queue, self._lessons, self._broadcast = queue, lessons, broadcast
        self._attract = None
        if attract_seconds is not None:
            self._attract = Attract(painter, attract_seconds, Glide(painter, GLIDE_SECONDS, rest=cycle_seconds))
        self._quit_keys = QuitKeys() if kiosk else None
        self._held_since: dict[str, float] = {}
        self.handlers: dict[str, Handler] = {
            "style": choice(self._style, lambda number: painter.select(number - 1), painter.step),
            "next-style": action(lambda: painter.step(1)),
            "previous-style": action(lambda: painter.step(-1)),
            "original": attribute(painter, "original"),
            "split": attribute(painter, "split"),
            "strength": number("strength", painter, "strength"),
            "steady": number("steady", painter.steadiness, "amount"),
            "mix": switch(lambda: painter.mix.on, self._set_mix),
            "mix-share": number("mix-share", painter.mix, "share"),
            "preserve-color": attribute(painter, "keep_colors"),
            "mirror": attribute(painter, "mirror"),
            "snapshot": action(self._snapshot),
            "record": switch(lambda: saver.recording, self._record),
            "virtual-camera": switch(lambda: broadcast is not None and broadcast.on, self._set_broadcast),
            "fullscreen": switch(lambda: window is not None and window.fullscreen, self._set_fullscreen),
            "fill": switch(lambda: window is not None and window.fill, self._set_fill),
            "thumbnails": attribute(overlay, "thumbnails"),
            "hud": attribute(overlay, "hud"),
            "help": attribute(overlay, "help"),
            "auto-cycle": switch(lambda: self.cycling, self._cycle),
            "auto-glide": switch(lambda: self.gliding, self._set_gliding),
            "back": action(lambda: self.back()),
            "learn": action(lambda: lessons.give_up() if lessons.going_on else lessons.begin()),
            "keep": action(lessons.keep),
            "learn-longer": action(lessons.longer),
            "quit": action(self._quit),
        }
        queue.read_from(self.values)

    def values(self) -> dict[str, Value]:
        """The present value of each control that has one; a style by the name that was last asked for."""
        return {name: handler.get() for name, handler in self.handlers.items() if handler.get is not None}

    def after_frame(self, shown: int) -> None:
        """Between two frames, when `shown` frames were shown: all changes asked for by now, and the cycle."""
        while self._presses and self._presses[0].frame <= shown:
            self._put(Key(self._presses.popleft().key))
        self.poll()
        now = time.monotonic()
        if self.gliding:
            self._glide.follow(now)
        elif self.cycling and now >= self._cycle_at:
            self._painter.step(1)
            self._cycle_at = now + self._cycle_seconds
        elif self._attract is not None and not self.cycling:
            self._attract.after_frame()

    def poll(self, wait_ms: int = 0) -> None:
        """Carries out what waits, and the window's keys and close button.

        Waits for a key for at most `wait_ms`, and without a window for so long.
        """
        if self._window is not None:
            for key in self._window.keys(wait_ms):
                self._touched()
                self._put(key)
                self._while_held(key)
            for point in self._window.clicked():
                self._touched()
                if (number := self._overlay.style_at(point)) is not None:
                    self._queue.put(Set("style", number + 1))
            # In a kiosk there is no close button, and who closes the window by the keyboard did not hold a key.
            self.quit |= self._window.closed if self._quit_keys is None else self._quit_keys.held
        elif wait_ms > 0:
            time.sleep(wait_ms / 1000)
        # Only those that wait now: whoever puts in ever more of them does not hold the frames.
        for _ in range(len(self._queue)):
            change = self._queue.take()
            self._touched()
            self.handlers[change.control].carry_out(change)

    def _touched(self) -> None:
        if self._attract is not None:
            self._attract.touched()

    def _put(self, key: Key) -> None:
        if self._quit_keys is not None and KEYS.get(key.name) is CONTROLS["quit"]:
            return
        if key.name == "esc" and self._window is not None and self._window.fullscreen:
            self._queue.put(Set("fullscreen", False))
            return
        change = change_for(key)
        if change is not None:
            with contextlib.suppress(OptionsError):  # the number key of a style that there is not does nothing
                self._queue.put(change)

    def _while_held(self, key: Key) -> None:
        """A switch whose key was held, and not tapped, is turned back when it is let go."""
        control = KEYS.get(key.name)
        if control is None:
            return
        self._queue.held = None if key.phase == "up" else control.name
        if self._quit_keys is not None and control is CONTROLS["quit"]:
            self._quit_keys.take(key)
        if not control.held:
            return
        now = time.monotonic()
        if key.phase == "down":
            self._held_since[control.name] = now
        elif key.phase == "up" and now - self._held_since.pop(control.name, now) >= HOLD_SECONDS:
            self._queue.put(Step(control.name))

    # What more is to be done than to change an attribute

    def _style(self) -> str:
        return self._painter.styles.names[self._painter.wanted]

    def _snapshot(self) -> None:
        if self._painter.picture is not None:
            self._saver.snapshot(self._painter.picture, self._painter.name)

    def _record(self, on: bool) -> None:
        if on != self._saver.recording:
            self._saver.toggle(self._painter.name)

    def _set_broadcast(self, on: bool) -> None:
        if self._broadcast is not None and on != self._broadcast.on:
            self._broadcast.set(on)

    def _set_fill(self, on: bool) -> None:
        if self._window is not None:
            self._window.fill = on

    def _set_fullscreen(self, on: bool) -> None:
        if self._window is not None and on != self._window.fullscreen:
            self._window.toggle_fullscreen()

    def _set_mix(self, on: bool) -> None:
        if on:
            self._painter.mix.begin(self._painter.current)
        else:
            self._painter.mix.end()

    def _cycle(self, on: bool) -> None:
        self.cycling, self._cycle_at = on, time.monotonic() + self._cycle_seconds
        self.gliding &= not on

    def _set_gliding(self, on: bool) -> None:
        if on and not self.gliding:
            self._glide.begin(time.monotonic())
        self.gliding = on
        self.cycling &= not on

    def _quit(self) -> None:
        self.quit = self.quit or self._lessons.may_quit()
