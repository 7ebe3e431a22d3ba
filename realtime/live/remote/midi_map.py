"""Which knob of a MIDI device moves which control, kept in a file of the user's."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import platformdirs

from stylecam.models.errors import StylecamError
from stylecam.realtime.common.whole_files import reason, save_bytes
from stylecam.realtime.live.control_table import CONTROLS

__all__ = ["Knob", "MidiMap", "map_file"]

_KINDS = {
    "control": "knob {} of channel {}",
    "note": "note {} of channel {}",
    "pitch": "the pitch wheel of channel {1}",
    "program": "the programs of channel {1}",
}
_KNOB = re.compile(rf"({'|'.join(_KINDS)})/(\d{{1,2}})/(\d{{1,3}})")
_MOST = 1000  # knobs, and kilobytes of the file


def map_file() -> Path:
    """Where it is kept: in the platform's data folder, beside the user's styles."""
    return Path(platformdirs.user_data_path("stylecam")) / "midi.json"


class Knob(NamedTuple):
    """What can be moved: of a kind, on a channel from 0, with a number (0 where there is but one)."""

    kind: str
    channel: int
    number: int

    def __str__(self) -> str:
        return _KINDS[self.kind].format(self.number, self.channel + 1)


class MidiMap:
    """Controls by knobs. `learn` writes the file; `problem` says why it could not be read, and then it is empty."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problem: str | None = None
        self._others: dict[str, str] = {}  # rows of a newer version, which are kept as they are
        try:
            self._controls, self._others = _read(path)
        except (OSError, ValueError) as error:
            self._controls = {}
            self.problem = (
                f"{path} cannot be read, no knob is known: {reason(error)}; it is kept as {_spare(path).name}"
            )

    def control(self, knob: Knob) -> str | None:
        """The control that a knob moves."""
        return self._controls.get(knob)

    def learn(self, knob: Knob, control: str) -> None:
        """From now on this knob alone moves the control. Raises `StylecamError` where that cannot be kept."""
        others = {one: name for one, name in self._controls.items() if name != control and one != knob}
        self._controls = {**others, knob: control}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StylecamError(f"cannot keep {self._path}: {reason(error)}") from None
        rows = {f"{one.kind}/{one.channel}/{one.number}": name for one, name in self._controls.items()}
        rows = {text: name for text, name in self._others.items() if name != control} | rows
        if self.problem is not None:
            with contextlib.suppress(OSError):
                self._path.replace(_spare(self._path))
            self.problem = None
        save_bytes(self._path, json.dumps(rows, indent=2).encode())

    def listed(self) -> dict[str, str]:
        """What moves each control, in words."""
        return {name: str(knob) for knob, name in self._controls.items()}


def _spare(path: Path) -> Path:
    return path.with_suffix(".json.bad")


def _read(path: Path) -> tuple[dict[Knob, str], dict[str, str]]:
    """The controls by their knobs, and the rows of knobs and controls that are not known here."""
    try:
        with path.open("rb") as file:
            rows: Any = json.loads(file.read(_MOST * 1024))
    except FileNotFoundError:
        return {}, {}
    except RecursionError:
        raise ValueError("it is no list of knobs") from None
    if not isinstance(rows, dict) or len(rows) > _MOST:
        raise ValueError("it is no list of knobs")
    found, others = {}, {}
    for text, name in rows.items():
        match = _KNOB.fullmatch(text)
        if not isinstance(name, str):
            raise ValueError(f"{text[:40]!r} moves no control")
        if match is None or name not in CONTROLS:
            others[text] = name
        else:
            found[Knob(match[1], int(match[2]), int(match[3]))] = name
    return found, others
