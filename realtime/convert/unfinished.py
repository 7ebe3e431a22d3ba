"""What a run over several files has finished, written down beside its results until the run is over.

The same command then goes on: it knows its own results from files that were there before.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

__all__ = ["UnfinishedRun"]

_SAME = 2_000_000_000  # ns: file systems of memory cards count the time of a change in two seconds

_State = tuple[int, int]  # a file's bytes, and when it was changed in ns


class UnfinishedRun:
    """The record of the run with these `settings` into `folder`; true where that run has left something.

    `settings` are JSON values that name all on which a result depends, and the inputs: another one has another record.
    Without `goes_on` nothing counts as finished. Nothing is written before `add`.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any], goes_on: bool = True) -> None:
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
        self._path = folder / f".convert-{digest}.partial"
        self._goes_on = goes_on
        self._lock = threading.Lock()
        self._file: IO[str] | None = None
        self._sources: dict[str, _State] = {}
        self._targets: dict[str, _State] = {}
        self._read()

    def __bool__(self) -> bool:
        return bool(self._targets)

    def is_finished(self, source: Path, targets: Iterable[Path]) -> bool:
        """Whether the run has made all `targets` of this source, and neither has changed since."""
        with contextlib.suppress(OSError):
            unchanged = _same(_state(source), self._sources.get(_name(source)))
            return self._goes_on and unchanged and all(map(self.made, targets))
        return False

    def made(self, target: Path) -> bool:
        """Whether a file is there as the run has made it."""
        with contextlib.suppress(OSError):
            return _same(_state(target), self._targets.get(_name(target)))
        return False

    def add(self, source: Path, targets: Sequence[Path], whole: bool = True) -> None:
        """Notes that `targets` were made of `source`, or of its beginning; any thread may call it."""
        with self._lock, contextlib.suppress(OSError):  # a full disk costs the record, not what is made
            if self._file is None:
                self._file = self._path.open("a", encoding="utf-8")
            named = {_name(target): _state(target) for target in targets}
            self._targets |= named
            state = _state(source) if whole else (0, 0)
            self._file.write(json.dumps([_name(source), state, named]) + "\n")
            self._file.flush()

    def forget(self) -> None:
        """The run is over: its results are files like all others."""
        self.close()
        with contextlib.suppress(OSError):  # there may be no such folder
            self._path.unlink(missing_ok=True)
        self._sources, self._targets = {}, {}

    def discard(self) -> None:
        """Removes what the run has made, and its record."""
        for target in filter(self.made, map(Path, self._targets)):
            with contextlib.suppress(OSError):
                target.unlink()
        self.forget()

    def close(self) -> None:
        """Leaves the record for the next run."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _read(self) -> None:
        try:
            lines = self._path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return  # there was no such run
        for line in lines:
            with contextlib.suppress(ValueError, TypeError, AttributeError):  # the last one may be cut off
                source, state, targets = json.loads(line)
                self._sources[source] = tuple(state)
                self._targets |= {name: tuple(made) for name, made in targets.items()}


def _name(path: Path) -> str:
    return str(path.absolute())


def _state(path: Path) -> _State:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _same(state: _State, known: _State | None) -> bool:
    return known is not None and state[0] == known[0] and abs(state[1] - known[1]) <= _SAME
