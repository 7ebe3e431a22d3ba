"""How controls are carried out, by their kind: what a handler of each kind can do."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stylecam.realtime.live.control_queue import Change, Press, Set, Value
from stylecam.realtime.live.control_table import CONTROLS

__all__ = ["Handler", "action", "attribute", "choice", "number", "switch"]


def _nothing(*_: Any) -> None:
    """Stands where a kind has no such change; the queue refuses those before they come here."""


@dataclass(frozen=True)
class Handler:
    """What carries one control out: `set` takes a value as `ControlQueue.take` gives it, `get` tells the present."""

    press: Callable[[], None] = _nothing
    set: Callable[[Any], None] = _nothing
    step: Callable[[int], None] = _nothing
    get: Callable[[], Value] | None = None  # None: the control has no value

    def carry_out(self, change: Change) -> None:
        """Does what the change asks for."""
        if isinstance(change, Press):
            self.press()
        elif isinstance(change, Set):
            self.set(change.value)
        else:
            self.step(change.direction)


def action(press: Callable[[], None]) -> Handler:
    """An action has no value."""
    return Handler(press=press)


def switch(get: Callable[[], bool], set: Callable[[bool], None]) -> Handler:
    """A step turns it over, and so does its key."""

    def turn_over(_: int = 1) -> None:
        set(not get())

    return Handler(turn_over, set, turn_over, get)


def attribute(owner: object, name: str) -> Handler:
    """A switch that is an attribute of an object."""
    return switch(lambda: getattr(owner, name), lambda value: setattr(owner, name, value))


def number(name: str, owner: object, attribute: str) -> Handler:
    """The control `name` as an attribute of an object. Steps stay within the control's range."""
    control = CONTROLS[name]
    digits = 1 - math.floor(math.log10(control.step))  # a tenth of a step: many steps add up to what they should

    def step(direction: int) -> None:
        low, high = control.range
        value = getattr(owner, attribute) + direction * control.step
        setattr(owner, attribute, round(min(high, max(low, value)), digits))

    return Handler(set=lambda value: setattr(owner, attribute, value), step=step, get=lambda: getattr(owner, attribute))


def choice(get: Callable[[], str], set: Callable[[int], None], step: Callable[[int], None]) -> Handler:
    """`get` tells the name, `set` takes its number from 1, `step` goes on (1) or back (-1)."""
    return Handler(set=set, step=step, get=get)
