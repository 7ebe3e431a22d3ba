"""What the user does to a window, as SDL tells it; no display is needed."""

import ctypes
from pathlib import Path

import pytest

from stylecam.realtime.live import sdl
from stylecam.realtime.live.frame_sink import Dropped
from stylecam.realtime.live.hotkeys import Key
from stylecam.realtime.live.window_events import WindowEvents

SDL = sdl.library()


class User:
    """Does what a user does; the events are those of SDL."""

    def __init__(self):
        self.events = WindowEvents()

    def take(self, kind, **fields):
        event = SDL.SDL_Event()
        event.type = kind
        for path, value in fields.items():
            owner = event
            *way, last = path.split("__")
            for name in way:
                owner = getattr(owner, name)
            setattr(owner, last, value)
        self.events.take(event)

    def press(self, sym=0, text="", scancode=0, mod=0, repeat=0, let_go=True):
        keysym = {"key__keysym__sym": sym, "key__keysym__scancode": scancode, "key__keysym__mod": mod}
        self.take(SDL.SDL_KEYDOWN, key__repeat=repeat, **keysym)
        if text:
            self.take(SDL.SDL_TEXTINPUT, text__text=text.encode())
        if let_go:
            self.take(SDL.SDL_KEYUP, **keysym)

    @property
    def pressed(self):
        return [(key.name, key.phase) for key in self.events.pressed]


@pytest.fixture
def user():
    return User()


def test_letters_count_once_with_and_without_shift(user):
    user.press(SDL.SDLK_n, "n")
    user.press(SDL.SDLK_n, "N", mod=SDL.KMOD_LSHIFT)
    assert user.pressed == [("n", "down")] * 2


def test_digits_count_by_their_place(user):
    user.press(SDL.SDLK_1, "1", SDL.SDL_SCANCODE_1)
    user.press(SDL.SDLK_3, "#", SDL.SDL_SCANCODE_3, SDL.KMOD_RSHIFT)
    user.press(ord("&"), "&", SDL.SDL_SCANCODE_1)  # a French keyboard
    user.press(ord("-"), "-", SDL.SDL_SCANCODE_6)  # there too: it is the 6, and not steadiness
    user.press(SDL.SDLK_KP_7, "7", SDL.SDL_SCANCODE_KP_7)
    assert [name for name, phase in user.pressed if phase == "down"] == ["1", "shift+3", "1", "6", "7"]


def test_signs_count_as_the_layout_types_them(user):
    user.press(ord("/"), "?", mod=SDL.KMOD_LSHIFT)  # American
    user.press(ord("ß"), "?", mod=SDL.KMOD_LSHIFT)  # German
    user.press(ord("8"), "[", SDL.SDL_SCANCODE_8, SDL.KMOD_RALT | SDL.KMOD_LCTRL)  # German, AltGr
    user.press(ord("]"), "]")
    user.press(ord("="), "+", mod=SDL.KMOD_LSHIFT)
    assert [name for name, _ in user.pressed] == ["?", "?", "[", "]", "+"]


def test_keys_with_control_or_alt_are_the_desktops(user):
    for mod in (SDL.KMOD_LCTRL, SDL.KMOD_LALT, SDL.KMOD_LGUI):
        user.press(SDL.SDLK_q, "q", mod=mod)
        user.press(SDL.SDLK_1, "1", SDL.SDL_SCANCODE_1, mod)
    assert user.pressed == []


def test_a_key_that_is_held_says_so_and_when_it_is_let_go(user):
    user.press(SDL.SDLK_SPACE, " ", let_go=False)
    user.press(SDL.SDLK_SPACE, " ", repeat=1, let_go=False)
    user.press(SDL.SDLK_SPACE, " ", repeat=1)
    user.press(ord("]"), "]", let_go=False)
    user.press(ord("]"), "]", repeat=1)
    assert user.pressed == [
        ("space", "down"), ("space", "repeat"), ("space", "repeat"), ("space", "up"), ("]", "down"), ("]", "repeat"),
    ]  # fmt: skip


def test_named_keys_and_the_wheel(user):
    for code in ("ESCAPE", "LEFT", "UP", "F1", "F11", "F2"):
        user.press(getattr(SDL, f"SDLK_{code}"))
    user.take(SDL.SDL_MOUSEWHEEL, wheel__y=2)
    user.take(SDL.SDL_MOUSEWHEEL, wheel__y=-1)
    assert [name for name, phase in user.pressed if phase == "down"] == ["esc", "[", "=", "?", "f", "]", "]", "["]


def test_clicks_of_the_left_button_count(user):
    for button in (SDL.SDL_BUTTON_LEFT, SDL.SDL_BUTTON_RIGHT):
        user.take(SDL.SDL_MOUSEBUTTONDOWN, button__button=button, button__x=40, button__y=30)
    assert user.events.clicks == [(40, 30)]


def test_files_are_dropped(user):
    name = ctypes.create_string_buffer("/tmp/été.jpg".encode())
    user.take(SDL.SDL_DROPFILE, drop__file=ctypes.addressof(name))
    assert user.events.dropped == [Dropped(Path("/tmp/été.jpg"))]


def test_the_window_is_closed_minimised_and_seen_again(user):
    user.take(SDL.SDL_WINDOWEVENT, window__event=SDL.SDL_WINDOWEVENT_MINIMIZED)
    assert not user.events.visible
    user.take(SDL.SDL_WINDOWEVENT, window__event=SDL.SDL_WINDOWEVENT_RESTORED)
    assert user.events.visible
    assert user.events.stale
    assert not user.events.closed
    user.take(SDL.SDL_WINDOWEVENT, window__event=SDL.SDL_WINDOWEVENT_CLOSE)
    assert user.events.closed


def test_keys_are_kept_in_their_order(user):
    names = "npvmcnpvm" * 20
    for name in names:
        user.press(ord(name), name)
    assert user.events.pressed == [Key(name) for name in names]
