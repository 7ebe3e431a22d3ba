"""Keys, of the window and of --keys: what each one asks for, by the table of controls."""

from __future__ import annotations

from dataclasses import dataclass

from stylecam.models.errors import OptionsError
from stylecam.realtime.live.control_queue import Change, Press, Set, Step
from stylecam.realtime.live.control_table import CONTROLS, KEYS

__all__ = ["HELP", "KeyPress", "change_for", "key_name", "parse_keys"]

HELP = tuple((control.keys_shown, control.help) for control in CONTROLS.values())
"""(keys, what they do), in the order of the help in the window."""


@dataclass(frozen=True)
class KeyPress:
    """A key pressed by --keys when `frame` frames have been shown."""

    frame: int
    key: str


def change_for(key: str, held: bool) -> Change | None:
    """What a key asks for; None for a key without a control.

    `held`: whether the key repeats while it is held down, as those of a keyboard do.
    """
    control = KEYS.get(key)
    if control is None:
        return None
    number = control.keys.index(key)
    match control.kind:
        case "choice":
            return Set(control.name, number + 1)
        case "number":
            return Step(control.name, 1 if number else -1)
        case "switch" if not held:
            return Step(control.name)
    return Press(control.name)


def key_name(code: int) -> str | None:
    """The name in the table of a code from OpenCV's ``pollKey``; None for no key or an unknown one."""
    if code < 0:
        return None
    code &= 0xFFFF  # above are modifiers; an arrow is 0xFF51, whose last byte alone would be a letter
    named = {27: "esc", 32: "space"}.get(code) or (chr(code).lower() if 33 <= code < 127 else None)
    return named if named in KEYS else None


def parse_keys(text: str) -> tuple[KeyPress, ...]:
    """``"5:n,20:s,40:q"`` to key presses in the order of their frames. Raises `OptionsError`."""
    presses = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        number, colon, key = part.partition(":")
        key = " ".join(key.split()).lower() or "space"
        if not colon or not number.strip().isdecimal() or key not in KEYS:
            raise OptionsError(
                f"--keys: {part!r} is not FRAME:KEY with a key of {' '.join(KEYS)} (example: --keys 5:n,40:q)"
            )
        presses.append(KeyPress(int(number), key))
    return tuple(sorted(presses, key=lambda p: p.frame))
