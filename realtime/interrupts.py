"""What Ctrl-C does to a command that has something to finish."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

__all__ = ["Interrupts"]


class Interrupts:
    """Ctrl-C: once `graceful` the first one only sets `asked`; any other one interrupts at once.

    Work that takes a `should_stop` callable is given `lambda: interrupts.asked`. `on_ask` is called at the first
    graceful one, to tell the user. The handler is there from entering to leaving.
    """

    def __init__(self, on_ask: Callable[[], None] = lambda: None) -> None:
        self.asked = self.graceful = False
        self._on_ask = on_ask
        self._installed = False
        self._before: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # elsewhere Python allows no handler
            self._before = signal.signal(signal.SIGINT, self._interrupt)
            self._installed = True
        return self

    def __exit__(self, *error: object) -> None:
        if self._installed:
            # None is a handler that was not set from Python: it cannot be put back, the default is closest.
            signal.signal(signal.SIGINT, signal.default_int_handler if self._before is None else self._before)
            self._installed = False

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.asked or not self.graceful:
            raise KeyboardInterrupt
        self.asked = True
        self._on_ask()
