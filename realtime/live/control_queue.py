"""Changes to a live session, put in from any thread and taken by the loop between two frames."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from stylecam.models.errors import OptionsError
from stylecam.realtime.live.control_table import CONTROLS, Control

__all__ = ["Change", "ControlQueue", "Press", "Set", "Step", "Value"]

Value = bool | int | float | str


@dataclass(frozen=True)
class Set:
    """Gives a switch, a number or a choice a value: a bool, a number in its range, or a name or its number from 1."""

    control: str
    value: Value


@dataclass(frozen=True)
class Step:
    """Changes a number by its step up (1) or down (-1), goes to the next choice or back, or turns a switch over."""

    control: str
    direction: int = 1


@dataclass(frozen=True)
class Press:
    """Does an action, or turns a switch over."""

    control: str


Change = Set | Step | Press


class ControlQueue:
    """Keeps all changes, in the order in which they are put in. `put` and `values` may be called from any thread.

    `choices` has for each control of that kind the names there are, ``{"style": ["hokusai", "scream"]}``; it may grow.
    `locked` has the names of controls that are refused: an exhibition's visitors are not to quit.
    `held` is the control whose key the user holds down in the window now, else None.
    """

    def __init__(self, choices: Mapping[str, Sequence[str]], locked: Collection[str] = ()) -> None:
        self.held: str | None = None
        self.locked = frozenset(locked)
        self._choices = dict(choices)
        # A deque appends and gives in one step: neither side needs a lock, and looking at an empty one costs nothing.
        self._changes: deque[Change] = deque()
        self._read: Callable[[], dict[str, Value]] = dict

    def __len__(self) -> int:
        """How many changes wait."""
        return len(self._changes)

    def put(self, change: Change) -> None:
        """Asks for a change. Raises `OptionsError`, which names the control and what it takes, and then keeps none."""
        control = CONTROLS.get(change.control)
        if control is None:
            raise OptionsError(f"there is no control {change.control!r}: want one of {', '.join(CONTROLS)}")
        if control.name in self.locked:
            raise OptionsError(f"{control.name} is locked in a kiosk")
        if isinstance(change, Press):
            if control.kind not in ("action", "switch"):
                raise OptionsError(f"{control.name} is a {control.kind}: it can be set and stepped, not pressed")
        elif control.kind == "action":
            raise OptionsError(f"{control.name} is an action: it can be pressed, not set or stepped")
        elif isinstance(change, Set):
            change = Set(control.name, self._checked(control, change.value))
        elif type(change.direction) is not int or change.direction not in (1, -1):  # True is an int, and 1
            raise OptionsError(f"{control.name}: want a step of 1 or -1, not {change.direction!r}")
        self._changes.append(change)

    def take(self) -> Change:
        """The change that has waited longest; for the loop. A choice is its number, from 1. Raises `IndexError`."""
        return self._changes.popleft()

    def values(self) -> dict[str, Value]:
        """The value of each control that has one, in the session that takes from here; empty before it begins."""
        return self._read()

    def read_from(self, values: Callable[[], dict[str, Value]]) -> None:
        """For the loop: what `values` asks from now on."""
        self._read = values

    def _checked(self, control: Control, value: Value) -> Value:
        if control.kind == "switch":
            if isinstance(value, bool):
                return value
            raise OptionsError(f"{control.name}: want True or False, not {value!r}")
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
        if control.kind == "number":
            low, high = control.range
            if low <= number <= high:  # which nan is not
                return float(number)
            unit = f" {control.unit}" if control.unit else ""
            raise OptionsError(f"{control.name}: want a number from {low:g} to {high:g}{unit}, not {value!r}")
        names = self._choices.get(control.name, ())
        if isinstance(value, str) and value in names:
            return names.index(value) + 1
        if isinstance(number, int) and 1 <= number <= len(names):
            return number
        listed = ", ".join(names) or "(none)"
        raise OptionsError(f"{control.name}: want one of {listed}, or a number from 1 to {len(names)}, not {value!r}")
