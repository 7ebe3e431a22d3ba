"""What is other where the public stands in front of the window."""

from __future__ import annotations

import time
from collections.abc import Callable

from stylecam.realtime.live.hotkeys import Key

__all__ = ["LOCKED", "QuitKeys"]

LOCKED = ("quit", "fullscreen", "fill", "help")
"""Controls that nobody is to have, neither at the window nor from outside."""

HOLD_SECONDS = 3.0


class QuitKeys:
    """The keys that quit, which must be held for `HOLD_SECONDS`. `clock` tells the seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: dict[str, float] = {}

    def take(self, key: Key) -> None:
        """One of them was pressed, repeats or was let go."""
        if key.phase == "up":
            self._since.pop(key.name, None)
        else:
            self._since.setdefault(key.name, self._clock())

    @property
    def held(self) -> bool:
        """Whether one has been held for long enough."""
        return any(self._clock() - since >= HOLD_SECONDS for since in self._since.values())
