"""OSC messages: those that come in as changes of controls, and the values of controls as messages that go out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pythonosc.osc_message import OscMessage, ParseError
from pythonosc.osc_message_builder import OscMessageBuilder

from stylecam.models.errors import OptionsError
from stylecam.realtime.live.control_queue import Value
from stylecam.realtime.live.control_table import CONTROLS, Control
from stylecam.realtime.live.remote.steering import Steering

__all__ = ["PREFIX", "addresses", "carry_out", "is_action", "message_of", "messages_in"]

PREFIX = "/stylecam/"

_BUNDLE = b"#bundle\0"
_MOST = 64  # messages of one bundle that are read
_TAGS = frozenset(b",ifsTFhdN")  # python-osc writes a warning to the terminal for each tag that it does not know


def addresses(steering: Steering) -> Iterator[tuple[str, str, str]]:
    """(address, arguments, what it does) of all there is, for the documentation."""
    for control in steering.controls:
        arguments = {
            "action": "none, or 1",
            "switch": "0 or 1",
            "number": f"{control.range[0]:g} to {control.range[1]:g}",
            "choice": "a name, or its number",
        }[control.kind]
        yield PREFIX + control.name, arguments, control.help
    yield f"{PREFIX}press", "a key", "what the key does in the window"
    yield f"{PREFIX}state", "none", "sends all values back, and for a minute each that changes"


def messages_in(datagram: bytes) -> Iterator[tuple[str, list[Any]]]:
    """(address, arguments) of each message, also of those in bundles, whose times are not waited for.

    What is no message is left out.
    """
    waiting, read = [datagram], 0
    while waiting and read < _MOST:
        part = waiting.pop(0)
        read += 1
        if part.startswith(_BUNDLE):
            waiting[:0] = _parts(part[16:])[:_MOST]
        elif part.startswith(b"/") and (message := _message(part)) is not None:
            yield message


def is_action(address: bytes) -> bool:
    """Whether each message to an address counts, and not just the last one."""
    name = address.removeprefix(PREFIX.encode())
    control = CONTROLS.get(name.decode("ascii", "replace"))
    return control is None or control.kind == "action"


def carry_out(steering: Steering, name: str, arguments: list[Any]) -> None:
    """What a message to ``/stylecam/NAME`` asks for. Raises as `Steering.put`, and `OptionsError`."""
    control = CONTROLS.get(name)
    first = arguments[0] if arguments else None
    if name == "press":
        steering.press_key(first if isinstance(first, str) else str(first))
    elif control is None:
        raise OptionsError(f"there is no control {name!r}")
    elif control.kind == "action":
        if first is None or (isinstance(first, bool | int | float) and first):  # a button that is let go sends 0
            steering.press(name)
    elif control.kind == "switch" and first is None:
        steering.press(name)
    else:
        steering.set(name, _value(control, first))


def message_of(name: str, value: Value) -> bytes:
    """The datagram ``/stylecam/NAME value``: switches are 0 or 1."""
    builder = OscMessageBuilder(PREFIX + name)
    builder.add_arg(int(value) if isinstance(value, bool) else value)
    datagram: bytes = builder.build().dgram
    return datagram


def _value(control: Control, given: Any) -> Any:
    """A fader sends numbers for everything."""
    if control.kind == "switch" and isinstance(given, int | float):
        return given >= 0.5
    if control.kind == "choice" and isinstance(given, float) and given.is_integer():
        return int(given)
    return given


def _parts(content: bytes) -> list[bytes]:
    found = []
    while len(content) >= 4:
        size = int.from_bytes(content[:4], "big")
        if size == 0 or size > len(content) - 4:
            break
        found.append(content[4 : 4 + size])
        content = content[4 + size :]
    return found


def _message(datagram: bytes) -> tuple[str, list[Any]] | None:
    tags = datagram[(datagram.find(b"\0") // 4 + 1) * 4 :].partition(b"\0")[0]  # after the padded address
    if not _TAGS.issuperset(tags):
        return None
    try:
        message = OscMessage(datagram)
    except (ParseError, ValueError, OverflowError):
        return None
    return message.address, message.params
