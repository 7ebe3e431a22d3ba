"""Which key does what: one table, used by the window, by --keys and by the help overlay."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from stylecam.models.errors import OptionsError

__all__ = ["HELP", "Action", "KeyPress", "action_for", "key_name", "parse_keys"]


class Action(Enum):
    """What the user asks of the live loop."""

    SELECT = auto()  # the style of a number key
    NEXT = auto()
    PREVIOUS = auto()
    ORIGINAL = auto()
    SPLIT = auto()
    WEAKER = auto()
    STRONGER = auto()
    KEEP_COLORS = auto()
    MIRROR = auto()
    SNAPSHOT = auto()
    RECORD = auto()
    FULLSCREEN = auto()
    HUD = auto()
    HELP = auto()
    AUTO_CYCLE = auto()
    QUIT = auto()


_TABLE: tuple[tuple[tuple[str, ...], Action, str], ...] = (
    (tuple("123456789"), Action.SELECT, "choose a style"),
    (("n",), Action.NEXT, "next style"),
    (("p",), Action.PREVIOUS, "previous style"),
    (("space",), Action.ORIGINAL, "original (tap, or hold)"),
    (("v",), Action.SPLIT, "before / after"),
    (("[",), Action.WEAKER, "weaker"),
    (("]",), Action.STRONGER, "stronger"),
    (("c",), Action.KEEP_COLORS, "keep the camera's colours"),
    (("m",), Action.MIRROR, "mirror"),
    (("s",), Action.SNAPSHOT, "snapshot (PNG)"),
    (("r",), Action.RECORD, "record (MP4)"),
    (("f",), Action.FULLSCREEN, "full screen"),
    (("h",), Action.HUD, "figures on / off"),
    (("?",), Action.HELP, "this help"),
    (("a",), Action.AUTO_CYCLE, "next style every few seconds"),
    (("q", "esc"), Action.QUIT, "quit"),
)
_ACTIONS = {key: action for keys, action, _ in _TABLE for key in keys}

HELP = tuple(("1..9" if action is Action.SELECT else " ".join(keys), text) for keys, action, text in _TABLE)
"""(keys, what they do), in the order of the help overlay."""


@dataclass(frozen=True)
class KeyPress:
    """A key pressed by --keys when `frame` frames have been shown."""

    frame: int
    key: str


def action_for(key: str) -> tuple[Action, int] | None:
    """The action of a key and, for SELECT, the number of the style from 0; None for a key without one."""
    action = _ACTIONS.get(key)
    return None if action is None else (action, int(key) - 1 if action is Action.SELECT else 0)


def key_name(code: int) -> str | None:
    """The name in the table of a code from OpenCV's ``pollKey``; None for no key or an unknown one."""
    if code < 0:
        return None
    code &= 0xFFFF  # above are modifiers; an arrow is 0xFF51, whose last byte alone would be a letter
    named = {27: "esc", 32: "space"}.get(code) or (chr(code).lower() if 33 <= code < 127 else None)
    return named if named in _ACTIONS else None


def parse_keys(text: str) -> tuple[KeyPress, ...]:
    """``"5:n,20:s,40:q"`` to key presses in the order of their frames. Raises `OptionsError`."""
    presses = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        number, colon, key = part.partition(":")
        key = " ".join(key.split()).lower() or "space"
        if not colon or not number.strip().isdecimal() or key not in _ACTIONS:
            raise OptionsError(
                f"--keys: {part!r} is not FRAME:KEY with a key of {' '.join(_ACTIONS)} (example: --keys 5:n,40:q)"
            )
        presses.append(KeyPress(int(number), key))
    return tuple(sorted(presses, key=lambda p: p.frame))
