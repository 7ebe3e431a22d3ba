"""Steers a session by the knobs, pads and keys of a MIDI device."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from stylecam.models.errors import OptionsError, StylecamError
from stylecam.realtime.common.extras import needs_extra
from stylecam.realtime.live.control_table import CONTROLS, Control
from stylecam.realtime.live.remote.midi_map import Knob, MidiMap
from stylecam.realtime.live.remote.midi_messages import carry_out, moved
from stylecam.realtime.live.remote.steering import Steering

__all__ = ["MidiInput", "Ports", "system_ports"]

PAUSE = 0.005  # seconds in which messages gather: of many of one knob only the last counts
_LOOK = 2.0  # seconds between two looks at which devices there are
_THROUGH = "midi through"  # the system's own, which nobody plays


class Ports(Protocol):
    """The MIDI devices of a machine."""

    def get_input_names(self) -> Sequence[str]:
        """Of those that can be listened to."""

    def open_input(self, name: str) -> Any:
        """A port of mido's: `iter_pending` gives what has come, `close` ends it."""


def system_ports() -> Ports:
    """Those of this machine. Raises `StylecamError` where the extra `midi` is missing, or the system has no MIDI."""
    with needs_extra("midi", "--midi needs mido and python-rtmidi"):
        import mido
        import rtmidi  # noqa: F401
    backend: Ports = mido.Backend("mido.backends.rtmidi")
    try:
        backend.get_input_names()
    except (OSError, RuntimeError, ValueError) as error:  # rtmidi's errors are all of these
        raise StylecamError(f"--midi: this system has no MIDI: {str(error).strip()}") from None
    return backend


class MidiInput:
    """Listens to the device whose name has `wanted` in it, else to the first, in its own thread until it is closed.

    It may be plugged in later, and again. What a knob moves is learnt: by `learn`, or while a key of the window is
    held (`ControlQueue.held`). `say` gets a sentence for what was learnt, and for devices that come and go.
    """

    def __init__(self, steering: Steering, ports: Ports, wanted: str, path: Path, say: Callable[[str], None]) -> None:
        self._steering, self._ports, self._wanted, self._say = steering, ports, wanted.lower(), say
        self._map = MidiMap(path)
        if self._map.problem is not None:
            say(self._map.problem)
        self._learning: str | None = None
        self._port: Any = None
        self._name: str | None = None
        self._last: dict[Knob, int] = {}
        self._stop = threading.Event()
        if not self._there():
            say(f"no MIDI device{f' like {wanted!r}' if wanted else ''} is there yet: plug it in")
        self._thread = threading.Thread(target=self._run, name="midi")
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the thread; closing it again does nothing."""
        self._stop.set()
        self._thread.join()

    def learn(self, name: str | None) -> None:
        """The next knob that is moved is to move this control; None: not any more. Raises `OptionsError`."""
        if name is not None and (name not in CONTROLS or not self._steering.has(CONTROLS[name])):
            raise OptionsError(f"there is no control {name!r} in this session")
        self._learning = name

    def state(self) -> dict[str, Any]:
        """For the page: the device, the control that waits for a knob, and what moves each control."""
        return {"device": self._name, "learning": self._learning, "learnt": self._map.listed()}

    # In the thread

    def _run(self) -> None:
        look_at = 0.0
        try:
            while not self._stop.wait(PAUSE if self._port is not None else min(_LOOK, 20 * PAUSE)):
                if time.monotonic() >= look_at:
                    self._look()
                    look_at = time.monotonic() + _LOOK
                if self._port is not None:
                    self._take(self._port.iter_pending())
        finally:
            self._leave()

    def _there(self) -> list[str] | None:
        """The devices that are meant; None where the system cannot list them now."""
        try:
            listed = self._ports.get_input_names()
        except (OSError, RuntimeError, ValueError):
            return None
        names = [name for name in listed if self._wanted in name.lower()]
        return [name for name in names if self._wanted or not name.lower().startswith(_THROUGH)]

    def _look(self) -> None:
        there = self._there()
        if there is None:
            return
        if self._name is not None and self._name not in there:
            self._say(f"the MIDI device {self._name} is gone: plug it in again")
            self._leave()
        if self._name is None and there:
            try:
                self._port = self._ports.open_input(there[0])
            except (OSError, RuntimeError, ValueError):  # another program has it: the next look may find it free
                return
            self._name = there[0]
            self._say(f"MIDI: {self._name}")

    def _leave(self) -> None:
        port, self._port, self._name = self._port, None, None
        if port is not None:
            port.close()

    def _take(self, messages: Iterable[Any]) -> None:
        last: dict[Knob, int] = {}
        for message in messages:
            found = moved(message)
            if found is None:
                continue
            knob, value = found
            taught = self._teach(knob, value)
            control = CONTROLS.get(self._map.control(knob) or "")
            if taught and control is not None and control.kind != "number":
                self._last[knob] = value  # what was moved to be learnt does nothing yet
            elif control is not None and (control.kind == "action" or knob.kind == "note"):
                self._move(control, knob, value)  # each counts
            elif control is not None:
                last[knob] = value
        for knob, value in last.items():
            control = CONTROLS.get(self._map.control(knob) or "")
            if control is not None:
                self._move(control, knob, value)

    def _teach(self, knob: Knob, value: int) -> bool:
        """Whether the knob was learnt with this."""
        held = self._steering.queue.held
        name = self._learning or (held if held is not None and self._steering.has(CONTROLS[held]) else None)
        if name is None or (knob.kind == "note" and value == 0):
            return False
        asked, self._learning = self._learning, None
        if self._map.control(knob) == name:
            return asked is not None
        try:
            self._map.learn(knob, name)
        except StylecamError as error:
            self._say(str(error))
            return False
        self._say(f"{name} follows {knob} from now on")
        return True

    def _move(self, control: Control, knob: Knob, value: int) -> None:
        before, self._last[knob] = self._last.get(knob, 0), value
        with contextlib.suppress(StylecamError):  # it is locked, or too many changes wait: nobody is there to be told
            carry_out(self._steering, control, knob, value, before)
