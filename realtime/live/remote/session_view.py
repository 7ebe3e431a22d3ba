"""What a session looks like from outside: its controls, its styles, its figures, what it saved and said."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from stylecam.realtime.live.hud import Hud
from stylecam.realtime.live.remote.steering import Steering
from stylecam.realtime.painting.loaded_styles import LoadedStyles

__all__ = ["RECENT_SECONDS", "SessionView"]

RECENT_SECONDS = 0.04  # for which a state is told to others

_FIGURES_SECONDS = 0.5  # for which figures stand
_LISTED = 50  # saved files that are told, the newest of them


class SessionView:
    """Is told by the loop's thread (`look`, and `say` from any); read in the server's thread.

    What one thread gives the other is replaced whole and never changed: neither waits for a lock.
    """

    def __init__(self, steering: Steering, styles: LoadedStyles) -> None:
        self.steering, self.styles = steering, styles
        self.files: Sequence[str] = ()
        self.midi: Callable[[], dict[str, Any] | None] = lambda: None
        self._figures: dict[str, Any] = {}
        self._looked = 0.0
        self._recent: tuple[float, dict[str, Any]] | None = None
        self._said: dict[str, Any] = {"number": 0, "sentence": ""}

    def look(self, figures: Callable[[], Hud], files: Callable[[], Sequence[str]]) -> None:
        """Takes the figures and the files where the last ones are old; called with every frame."""
        now = time.monotonic()
        if now - self._looked >= _FIGURES_SECONDS:
            self._looked = now
            self._figures = _as_json(figures())
            self.files = tuple(files())

    def say(self, sentence: str) -> None:
        """The newest sentence for the user."""
        self._said = {"number": self._said["number"] + 1, "sentence": sentence}

    def state(self) -> dict[str, Any]:
        """All that changes, as JSON: ``values``, ``styles``, ``figures``, ``saved``, ``said``, ``midi``."""
        return {
            "values": self.steering.values(),
            "styles": self._listed_styles(),
            "figures": self._figures,
            "saved": self._listed_files(),
            "said": self._said,
            "midi": self.midi(),
        }

    def recent_state(self) -> dict[str, Any]:
        """The same, a moment old at most: all pages look at one."""
        now = time.monotonic()
        if self._recent is None or now - self._recent[0] >= RECENT_SECONDS:
            self._recent = now, self.state()
        return self._recent[1]

    def file(self, number: int) -> Path | None:
        """A file that the session saved, by its number from 1; None where there is none."""
        files = self.files
        return Path(files[number - 1]) if 1 <= number <= len(files) else None

    def _listed_styles(self) -> list[dict[str, Any]]:
        styles, listed = self.styles, []
        with contextlib.suppress(IndexError):  # one is taken out at this moment: the next state lists it no more
            for number, name in enumerate(list(styles.names)):
                told = {"title": styles.title(number), "problem": styles.problem(number)}
                listed.append({"name": name, **told, "ready": styles.get(number) is not None})
        return listed

    def _listed_files(self) -> list[dict[str, Any]]:
        files = list(enumerate(self.files, 1))[-_LISTED:]
        return [{"name": Path(file).name, "address": f"/saved/{number}"} for number, file in files]


def _as_json(hud: Hud) -> dict[str, Any]:
    return {
        "style": hud.style,
        "fps": round(hud.fps, 1),
        "latency_ms": round(hud.latency_ms),
        "size": list(hud.size),
        "provider": hud.provider,
        "recording": hud.recording,
        "flags": list(hud.flags),
        "waiting": None if hud.waiting is None else round(hud.waiting),
    }
