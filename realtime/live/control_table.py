"""All that a live session can be told, in one table: its keys, its help and the command's options come from here.

This imports the standard library only: the command builds its options from it, and `realtime --help` is to be quick.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["CONTROLS", "KEYS", "Control", "Kind"]

Kind = Literal["action", "switch", "number", "choice"]


@dataclass(frozen=True)
class Control:
    """One thing that a live session can be told.

    name: as in the command's option where it has one, without the dashes: "preserve-color".
    kind: what its value is. An action has none, it is pressed; a switch is on or off; a number lies in `range`; a
        choice is one of several names, or its number from 1.
    keys: each does an action or turns a switch over; a number has two, for less and for more; the nth chooses the nth
        name of a choice.
    held: whether a switch whose key is held is turned back when it is let go.
    offered: whether it does something at times only, when the window says so: the help leaves it out.
    window: whether it changes only what the window shows.
    help: one line without a full stop, for the help in the window, the option's help and the documentation.
    range: the smallest and the largest value of a number; both are allowed.
    step: by how much a key changes a number.
    unit: of a number and its step; empty where it has none.
    """

    name: str
    kind: Kind
    keys: tuple[str, ...]
    help: str
    range: tuple[float, float] = (0.0, 0.0)
    step: float = 0.0
    unit: str = ""
    held: bool = False
    offered: bool = False
    window: bool = False

    @property
    def keys_shown(self) -> str:
        """The keys as the help shows them."""
        return f"{self.keys[0]}..{self.keys[8]}" if self.kind == "choice" else " ".join(self.keys)


_NUMBERS = (*"123456789", *(f"shift+{number}" for number in range(1, 10)))

# In the order of the help in the window.
_TABLE = (
    Control("style", "choice", _NUMBERS, "choose a style"),
    Control("next-style", "action", ("n",), "next style"),
    Control("previous-style", "action", ("p",), "previous style"),
    Control("original", "switch", ("space",), "original (tap, or hold)", held=True),
    Control("split", "switch", ("v",), "before / after"),
    Control("strength", "number", ("[", "]"), "how much is painted", range=(0.0, 1.0), step=0.1),
    Control("steady", "number", ("-", "="), "how steady the strokes are", range=(0.0, 1.0), step=0.1),
    Control("mix", "switch", ("x",), "mix with the previous style"),
    Control("mix-share", "number", (",", "."), "share of the previous style", range=(0.0, 1.0), step=0.1),
    Control("preserve-color", "switch", ("c",), "keep the camera's colours"),
    Control("mirror", "switch", ("m",), "mirror left and right"),
    Control("snapshot", "action", ("s",), "snapshot (PNG)"),
    Control("record", "switch", ("r",), "record (MP4)"),
    Control("virtual-camera", "switch", ("o",), "virtual camera: start, pause"),
    Control("fullscreen", "switch", ("f",), "full screen", window=True),
    Control("fill", "switch", ("z",), "fill the window by cropping", window=True),
    Control("thumbnails", "switch", ("t",), "which key is which style", window=True),
    Control("hud", "switch", ("h",), "figures and messages", window=True),
    Control("help", "switch", ("?",), "help with the keys", window=True),
    Control("auto-cycle", "switch", ("a",), "next style every few seconds"),
    Control("auto-glide", "switch", ("g",), "glide from style to style"),
    Control("back", "action", ("b",), "back to the camera, from a dropped file", offered=True),
    Control("learn", "action", ("l",), "learn the dropped picture as a painting, or stop", offered=True),
    Control("keep", "action", ("enter",), "keep the style that is learnt", offered=True),
    Control("learn-longer", "action", ("+",), "learn for one more minute", offered=True),
    Control("quit", "action", ("q", "esc"), "quit (esc leaves full screen first)"),
)

CONTROLS = {control.name: control for control in _TABLE}
"""Each control by its name."""

KEYS = {key: control for control in _TABLE for key in control.keys}
"""The control of each key."""
