"""What is asked for from outside, as changes in the queue of controls; and what there is to ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stylecam.models.errors import OptionsError, StylecamError
from stylecam.realtime.live.control_queue import Change, ControlQueue, Press, Set, Step, Value
from stylecam.realtime.live.control_table import CONTROLS, Control
from stylecam.realtime.live.hotkeys import Key, change_for, known_key

__all__ = ["BusyError", "Steering"]

_MOST = 500  # changes that may wait: the loop takes all of them after each frame


class BusyError(StylecamError):
    """More is asked for than the session carries out."""


class Steering:
    """Puts changes into `queue`, never too many. Used from any thread. `choices` has the names, as in the queue."""

    def __init__(self, queue: ControlQueue, choices: Mapping[str, Sequence[str]], window: bool) -> None:
        self.queue = queue
        self._choices, self._window = choices, window

    @property
    def controls(self) -> list[Control]:
        """Those of the table that this session has."""
        return [control for control in CONTROLS.values() if self.has(control)]

    def has(self, control: Control) -> bool:
        """Not those of a lesson, those that are locked, and without a window not those of the window."""
        return not control.offered and control.name not in self.queue.locked and (self._window or not control.window)

    def count(self, name: str) -> int:
        """How many there are to choose from."""
        return len(self._choices.get(name, ()))

    def put(self, change: Change) -> None:
        """Asks for a change. Raises `OptionsError` for one that means nothing here, `BusyError` when too many wait."""
        if len(self.queue) >= _MOST:
            raise BusyError("too many changes wait: ask less often")
        control = CONTROLS.get(change.control)
        if control is not None and not self.has(control) and control.name not in self.queue.locked:
            raise OptionsError(f"{control.name} is not in this session")
        self.queue.put(change)

    def set(self, name: str, value: Any) -> None:
        """Gives a control a value. Raises as `put`."""
        if not isinstance(value, bool | int | float | str):
            raise OptionsError(f"{name}: want a number, a name, true or false")
        self.put(Set(name, value))

    def press(self, name: str) -> None:
        """Does an action, or turns a switch over. Raises as `put`."""
        self.put(Press(name))

    def step(self, name: str, direction: Any = 1) -> None:
        """Changes a value by one step. Raises as `put`."""
        self.put(Step(name, direction))

    def press_key(self, name: str) -> None:
        """Does what a key of the window does. Raises as `put`, and for a key that does nothing."""
        known = known_key(name.lower())
        change = change_for(Key(known)) if known is not None else None
        if change is None:
            raise OptionsError(f"there is no key {name!r}")
        self.put(change)

    def values(self) -> dict[str, Value]:
        """The present value of each control of this session that has one."""
        values = self.queue.values()
        return {name: value for name, value in values.items() if self.has(CONTROLS[name])}

    def described(self, control: Control) -> dict[str, Any]:
        """A row of the table with its present value, as the HTTP API gives it."""
        row: dict[str, Any] = {
            "name": control.name,
            "kind": control.kind,
            "help": control.help,
            "keys": [key for key in control.keys if control.kind != "choice" or not key.startswith("shift+")],
        }
        if control.kind == "number":
            row |= {"range": list(control.range), "step": control.step, "unit": control.unit}
        if control.kind == "choice":
            row["choices"] = list(self._choices.get(control.name, ()))
        if control.held:
            row["held"] = True
        if control.window:
            row["window"] = True
        values = self.values()
        return row | ({"value": values[control.name]} if control.name in values else {})
