"""The priority of threads, which an encoder must not raise."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["priority_kept"]


@contextmanager
def priority_kept() -> Iterator[None]:
    """For the opening of an encoder: afterwards no thread of this process is a real-time one, unless the caller is.

    SVT-AV1 gives its threads and the one that opens it the highest real-time priority of Linux where it may, which is
    as root and so in most containers. They, and all programs started later, would keep the others from the processor.
    """
    if sys.platform != "linux" or _is_real_time(0):
        yield
        return
    try:
        yield
    finally:
        for task in Path("/proc/self/task").iterdir():
            try:
                if _is_real_time(int(task.name)):
                    os.sched_setscheduler(int(task.name), os.SCHED_OTHER, os.sched_param(0))
            except ProcessLookupError:
                pass  # it has ended


def _is_real_time(thread: int) -> bool:
    return os.sched_getscheduler(thread) & ~os.SCHED_RESET_ON_FORK in (os.SCHED_FIFO, os.SCHED_RR)
