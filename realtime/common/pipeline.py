"""Work that overlaps: an iterator run ahead in a thread, and calls in parallel whose results come in order."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import TypeVar

__all__ = ["ahead", "in_order"]

T = TypeVar("T")
R = TypeVar("R")
_POLL = 0.1  # seconds between two looks at whether the reader left


@contextmanager
def ahead(items: Iterator[T], count: int) -> Iterator[Iterator[T]]:
    """`items` made by a thread of its own, up to `count` before they are asked for; what it raises is raised here."""
    ready: queue.Queue[tuple[bool, T | BaseException | None]] = queue.Queue(count)
    left = threading.Event()

    def put(more: bool, item: T | BaseException | None) -> bool:
        while not left.is_set():
            try:
                ready.put((more, item), timeout=_POLL)
            except queue.Full:
                continue
            return True
        return False

    def run() -> None:
        try:
            for item in items:
                if not put(True, item):
                    return
            put(False, None)
        except BaseException as error:  # noqa: BLE001 (raised by the reader)
            put(False, error)

    def read() -> Iterator[T]:
        while True:
            more, item = ready.get()
            if more:
                yield item  # type: ignore[misc]
            elif isinstance(item, BaseException):
                raise item
            else:
                return

    # The command knows this name: where the thread holds on to a file, it ends without waiting for it.
    thread = threading.Thread(target=run, name="decode ahead", daemon=True)
    thread.start()
    try:
        yield read()
    finally:
        left.set()
        thread.join()


def in_order(pool: Executor, work: Callable[[T], R], items: Iterator[T], count: int) -> Iterator[R]:
    """`work(item)` for each item, `count` of them at a time at most, in the items' order."""
    running: deque[Future[R]] = deque()
    try:
        for item in items:
            running.append(pool.submit(work, item))
            if len(running) == count:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        for future in running:
            future.cancel()
