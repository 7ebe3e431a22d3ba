"""The priority of threads, which an encoder must not raise."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

__all__ = ["priority_kept"]


@contextmanager
def priority_kept() -> Iterator[None]:
    """For the opening of an encoder: the caller keeps its scheduling policy, and no new thread is a real-time one.

    SVT-AV1 gives its threads and the one that opens it the highest real-time priority of Linux where it may: as root,
    unless a container forbids it. They, and all programs started later, would keep the others from the processor.
    Does nothing on other systems, and where threads cannot be asked.
    """
    if sys.platform != "linux":
        yield
        return
    before, caller = _policies(), threading.get_native_id()
    try:
        yield
    finally:
        for thread, policy in _policies().items():
            was = before.get(thread, (os.SCHED_OTHER, 0))
            if policy != was and _is_real_time(policy) and (thread == caller or thread not in before):
                with suppress(OSError):  # it has ended
                    os.sched_setscheduler(thread, was[0], os.sched_param(was[1]))


def _policies() -> dict[int, tuple[int, int]]:
    """{thread of this process: (its policy, its priority)}."""
    found = {}
    with suppress(OSError):  # no /proc, or a C library that does not tell
        for thread in map(int, os.listdir("/proc/self/task")):
            with suppress(ProcessLookupError):  # it has ended
                found[thread] = os.sched_getscheduler(thread), os.sched_getparam(thread).sched_priority
    return found


def _is_real_time(policy: tuple[int, int]) -> bool:
    return policy[0] & ~os.SCHED_RESET_ON_FORK in (os.SCHED_FIFO, os.SCHED_RR)
