"""What a user does to a window, from SDL's events: keys by their names, files dropped, the wheel."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from stylecam.realtime.live import sdl
from stylecam.realtime.live.frame_sink import Dropped
from stylecam.realtime.live.hotkeys import Key, known_key

__all__ = ["WindowEvents"]

LATIN = 0x24F  # the last letter of Latin alphabets
POINTER_SECONDS = 2.0  # after which a pointer at rest is hidden in full screen


class WindowEvents:
    """Takes events in, in their order, and keeps what they ask for until it is taken out.

    Letters, digits and named keys count where they are pressed; signs as the keyboard's layout types them. `pressed`
    has the keys, `dropped` the files, `clicks` where the left button was pressed, in the window's units; `closed` is
    set by the close button, `visible` is False while it is minimised.
    """

    def __init__(self) -> None:
        self.pressed: list[Key] = []
        self.dropped: list[Dropped] = []
        self.clicks: list[tuple[int, int]] = []
        self.closed, self.visible, self.stale = False, True, False  # stale: what it shows is to be drawn anew
        self._sdl = sdl.library()
        # Whether the key that is down has done its work, so that its text does none, and whether it repeats.
        self._typed = self._repeats = False
        self._pointer_moved = time.monotonic()
        self._names = _named_keys(self._sdl)

    @property
    def pointer_rests(self) -> bool:
        """Whether the pointer has not been moved for a while."""
        return time.monotonic() - self._pointer_moved > POINTER_SECONDS

    def take(self, event: Any) -> None:
        """One event of SDL's."""
        s = self._sdl
        kind = event.type
        if kind == s.SDL_KEYDOWN:
            self._key_down(event.key)
        elif kind == s.SDL_KEYUP:
            self._press(self._names.get(event.key.keysym.sym, ""), "up")
        elif kind == s.SDL_TEXTINPUT:
            self._text(event.text.text.decode(errors="ignore"))
        elif kind == s.SDL_MOUSEWHEEL:
            for _ in range(min(10, abs(event.wheel.y))):
                self._press("wheel-up" if event.wheel.y > 0 else "wheel-down", "down")
        elif kind == s.SDL_MOUSEMOTION:
            self._pointer_moved = time.monotonic()
        elif kind == s.SDL_MOUSEBUTTONDOWN and event.button.button == s.SDL_BUTTON_LEFT:
            self.clicks.append((event.button.x, event.button.y))
        elif kind == s.SDL_DROPFILE:
            path = Path(event.drop.file.decode(errors="surrogateescape"))
            self.dropped.append(Dropped(path, bool(s.SDL_GetModState() & s.KMOD_SHIFT)))
        elif kind == s.SDL_WINDOWEVENT:
            self._window(event.window.event)
        elif kind == s.SDL_QUIT:
            self.closed = True

    def _key_down(self, key: Any) -> None:
        s, keysym = self._sdl, key.keysym
        self._typed = False
        if keysym.mod & (s.KMOD_CTRL | s.KMOD_ALT | s.KMOD_GUI):
            self._typed = not keysym.mod & s.KMOD_RALT  # which on many keyboards types brackets
            return
        shift = "shift+" if keysym.mod & s.KMOD_SHIFT else ""
        name = self._names.get(keysym.sym, "")
        if s.SDL_SCANCODE_1 <= keysym.scancode <= s.SDL_SCANCODE_9:  # on a French keyboard too
            name = f"{shift}{keysym.scancode - s.SDL_SCANCODE_1 + 1}"
        elif s.SDLK_a <= keysym.sym <= s.SDLK_z:
            name = chr(keysym.sym)
        elif keysym.sym > LATIN and s.SDL_SCANCODE_A <= keysym.scancode <= s.SDL_SCANCODE_Z:
            name = chr(ord("a") + keysym.scancode - s.SDL_SCANCODE_A)  # Cyrillic, Greek, Hebrew, Arabic: by the place
        self._typed = self._press(name, "repeat" if key.repeat else "down")
        self._repeats = bool(key.repeat)

    def _text(self, text: str) -> None:
        if not self._typed and not text.isalnum():
            self._press(text, "repeat" if self._repeats else "down")

    def _press(self, name: str, phase: str) -> bool:
        known = known_key(name)
        if known is not None:
            self.pressed.append(Key(known, phase))
        return known is not None

    def _window(self, event: int) -> None:
        s = self._sdl
        if event == s.SDL_WINDOWEVENT_CLOSE:
            self.closed = True
        elif event in (s.SDL_WINDOWEVENT_MINIMIZED, s.SDL_WINDOWEVENT_HIDDEN):
            self.visible = False
        elif event in (s.SDL_WINDOWEVENT_RESTORED, s.SDL_WINDOWEVENT_SHOWN, s.SDL_WINDOWEVENT_MAXIMIZED):
            self.visible = self.stale = True
        elif event in (s.SDL_WINDOWEVENT_EXPOSED, s.SDL_WINDOWEVENT_SIZE_CHANGED):
            self.stale = True


def _named_keys(s: Any) -> dict[int, str]:
    """SDL's code of each key that has a name and no letter."""
    keypad = {getattr(s, f"SDLK_KP_{number}"): str(number) for number in range(1, 10)}
    named = {
        "space": "SPACE",
        "esc": "ESCAPE",
        "left": "LEFT",
        "right": "RIGHT",
        "up": "UP",
        "down": "DOWN",
        "enter": "RETURN",
    }
    keypad[s.SDLK_KP_ENTER] = "enter"
    return keypad | {getattr(s, f"SDLK_{code}"): name for name, code in (named | {"f1": "F1", "f11": "F11"}).items()}
