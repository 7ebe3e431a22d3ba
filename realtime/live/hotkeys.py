"""Keys, of the window and of --keys: what each one asks for, by the table of controls."""

from __future__ import annotations

from dataclasses import dataclass

from stylecam.models.errors import OptionsError
from stylecam.realtime.live.control_queue import Change, Press, Set, Step
from stylecam.realtime.live.control_table import CONTROLS, KEYS

__all__ = ["HELP", "Key", "KeyPress", "change_for", "known_key", "parse_keys", "shown_key"]

HELP = tuple((control.keys_shown, control.help) for control in CONTROLS.values() if not control.offered)
"""(keys, what they do), in the order of the help in the window. Those that are offered at times are not there."""

_OTHERS = {
    "left": "[", "right": "]", "wheel-down": "[", "wheel-up": "]", "down": "-", "up": "=",
    "f1": "?", "f11": "f", "comma": ",", "period": ".",
}  # fmt: skip
_TYPED = {",": "comma", ".": "period"}  # which --keys is to be given, since it takes commas apart


@dataclass(frozen=True)
class Key:
    """A key of a keyboard. phase: "down", "repeat" while it is held, or "up" when it is let go."""

    name: str
    phase: str = "down"


@dataclass(frozen=True)
class KeyPress:
    """A key pressed by --keys when `frame` frames have been shown."""

    frame: int
    key: str


def change_for(key: Key) -> Change | None:
    """What a key asks for; None for a key without a control, and where nothing happens in that phase.

    A key that is held goes on changing a number; it does nothing else twice.
    """
    control = KEYS.get(key.name)
    if control is None or key.phase == "up" or (key.phase == "repeat" and control.kind != "number"):
        return None
    number = control.keys.index(key.name)
    match control.kind:
        case "choice":
            return Set(control.name, number + 1)
        case "number":
            return Step(control.name, 1 if number else -1)
        case "switch":
            return Step(control.name)
    return Press(control.name)


def shown_key(name: str) -> str:
    """A key's name as keyboards show it."""
    return name.replace("shift+", "\N{UPWARDS WHITE ARROW}")


def known_key(name: str) -> str | None:
    """The name in the table of a key or of another that does the same; None for one that does nothing."""
    name = _OTHERS.get(name, name)
    return name if name in KEYS else None


def parse_keys(text: str) -> tuple[KeyPress, ...]:
    """``"5:n,20:s,40:q"`` to key presses in the order of their frames. Raises `OptionsError`."""
    presses = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        number, colon, key = part.partition(":")
        name = known_key(" ".join(key.split()).lower() or "space")
        if not colon or not number.strip().isdecimal() or name is None:
            keys = " ".join(_TYPED.get(key, key) for key in KEYS if not key.startswith("shift+"))
            raise OptionsError(
                f"--keys: {part!r} is not FRAME:KEY with one of the keys {keys} (example: --keys 5:n,40:q)"
            )
        presses.append(KeyPress(int(number), name))
    return tuple(sorted(presses, key=lambda p: p.frame))
