"""MIDI messages: the knob that was moved and to where, and what that does to a control."""

from __future__ import annotations

from typing import Any

from stylecam.realtime.live.control_table import Control
from stylecam.realtime.live.remote.midi_map import Knob
from stylecam.realtime.live.remote.steering import Steering

__all__ = ["carry_out", "moved"]

_MOST = 127
_ON = 64  # from here on a pedal or a button is down


def moved(message: Any) -> tuple[Knob, int] | None:
    """The knob of a message of mido's and its value, 0..127; None for what is no knob: clocks, the end of a note."""
    match message.type:
        case "control_change":
            return Knob("control", message.channel, message.control), message.value
        case "note_on":
            return Knob("note", message.channel, message.note), message.velocity
        case "pitchwheel":
            return Knob("pitch", message.channel, 0), (message.pitch + 8192) * _MOST // 16383
        case "program_change":
            return Knob("program", message.channel, 0), message.program
    return None


def carry_out(steering: Steering, control: Control, knob: Knob, value: int, before: int) -> None:
    """Moves a control as a knob was moved, from `before` to `value`, 0..127. Raises as `Steering.put`."""
    if control.kind == "action":
        if before < _ON <= value or (knob.kind == "note" and value):
            steering.press(control.name)
    elif control.kind == "number" and (value or knob.kind != "note"):
        low, high = control.range
        steering.set(control.name, low + (high - low) * value / _MOST)
    elif knob.kind == "note":
        if value:
            steering.step(control.name)  # turns a switch over, goes to the next of a choice
    elif control.kind == "switch":
        steering.set(control.name, value >= _ON)
    elif control.kind == "choice":
        count = steering.count(control.name)
        number = value + 1 if knob.kind == "program" else value * count // (_MOST + 1) + 1
        steering.set(control.name, min(number, count))
