"""What Ctrl-C, and being told to end, does to a command that has something to finish."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

__all__ = ["Interrupts"]


# A service manager, `timeout` and a closed terminal ask with these; Windows has no SIGHUP.
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Interrupts:
    """Ctrl-C, SIGTERM and SIGHUP: once `graceful` the first one only sets `asked`; any other one interrupts at once.

    Work that takes a `should_stop` callable is given `lambda: interrupts.asked`. `on_ask` is called at the first
    graceful one, to tell the user. The handlers are there from entering to leaving. A SIGHUP that is ignored when
    entering, as `nohup` does, stays so; a SIGINT does not, which a shell ignores for what it starts in the background.
    """

    def __init__(self, on_ask: Callable[[], None] = lambda: None) -> None:
        self.asked = self.graceful = False
        self._on_ask = on_ask
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # elsewhere Python allows no handler
            for number in SIGNALS:
                before = signal.getsignal(number)
                if number == signal.SIGINT or before is not signal.SIG_IGN:
                    self._before[number] = before
                    signal.signal(number, self._interrupt)
        return self

    def __exit__(self, *error: object) -> None:
        for number, before in self._before.items():
            # None is a handler that was not set from Python: it cannot be put back, the default is closest.
            usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, usual if before is None else before)
        self._before = {}

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.asked or not self.graceful:
            raise KeyboardInterrupt
        self.asked = True
        self._on_ask()
