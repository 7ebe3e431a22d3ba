"""Processes that the main process ends, and no signal does."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

__all__ = ["shielded_from_interrupts"]


@contextlib.contextmanager
def shielded_from_interrupts() -> Iterator[None]:
    """Processes started inside see neither Ctrl-C nor a closed terminal: the main process does, and ends them."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
