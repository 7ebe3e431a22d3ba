"""The process that learns a painting beside a live session, as the session sees it."""

from __future__ import annotations

import multiprocessing
import queue
import threading
from types import TracebackType
from typing import Any, Self

import numpy as np

from stylecam.models.errors import StylecamError
from stylecam.realtime.live.lesson import News
from stylecam.training.live_process import Failed, Finish, Frames, Progress, StyleNow, Task, Until, work
from stylecam.training.shielded import shielded_from_interrupts

__all__ = ["ProcessTeacher"]

PATIENCE = 120.0  # seconds in which a finished style is measured, on a slow machine too
_GONE = "learning stopped unexpectedly: the machine may be short of memory, close other programs and try again"


class ProcessTeacher:
    """A `Teacher`: it starts `task` in a process when it is entered, and ends it when it is left, whatever it does."""

    def __init__(self, task: Task) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, self._theirs = context.Pipe()
        self._process = context.Process(target=work, args=(self._theirs, task), name="learn", daemon=True)
        # The other side reads between two steps, and a pipe holds less than a frame: who sends has to wait.
        self._outbox: queue.Queue[Any] = queue.Queue(maxsize=2)
        self._sender = threading.Thread(target=self._send, name="to-learn", daemon=True)
        self._last: StyleNow | None = None
        self._ended = False
        self.steps = 0
        self.losses: dict[str, float] = {}

    def __enter__(self) -> Self:
        with shielded_from_interrupts():
            self._process.start()
        self._theirs.close()
        self._sender.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._process.terminate()
        self._process.join()
        self._pipe.close()  # what still waits to be sent is refused now
        self._ended = True
        self._put(None)
        self._sender.join()

    def give(self, frame: np.ndarray) -> None:
        """As `Teacher.give`: left out where the last ones are still on their way."""
        if not self._outbox.qsize():
            self._put(Frames([frame]))

    def go_on_until(self, seconds: float) -> None:
        """As `Teacher.go_on_until`."""
        self._put(Until(seconds))

    def news(self) -> News | None:
        """As `Teacher.news`."""
        seconds, losses, style, problem = 0.0, [], None, None
        try:
            while self._pipe.poll():
                came = self._pipe.recv()
                if isinstance(came, Progress):
                    seconds, self.steps, self.losses = came.seconds, came.steps, came.losses
                    losses.append(came.losses["total"])
                elif isinstance(came, StyleNow):
                    style = came.data
                    self._last = came if came.last else self._last
                elif isinstance(came, Failed):
                    self._ended, problem = True, came.sentence
        except (EOFError, OSError):
            if not self._ended and self._last is None:
                problem = _GONE
            self._ended = True
        if not (losses or style or problem):
            return None
        return News(seconds, losses, style, problem)

    def finish(self) -> bytes:
        """Has it end, and returns the style file, measured. Raises `StylecamError` where that is not to be had."""
        self._put(Finish())
        while self._last is None:
            if not self._pipe.poll(PATIENCE):
                raise StylecamError("learning does not respond any more: nothing was kept")
            news = self.news()
            if self._last is None and news is not None and news.problem is not None:
                raise StylecamError(news.problem)
            if self._last is None and self._ended:
                raise StylecamError(_GONE)
        return self._last.data

    def _put(self, message: Any) -> None:
        """Has it sent; what nobody can take any more is dropped."""
        while self._sender.is_alive():
            try:
                self._outbox.put(message, timeout=0.5)
            except queue.Full:
                if self._ended or not self._process.is_alive():
                    self._outbox.get_nowait()
            else:
                return

    def _send(self) -> None:
        while (message := self._outbox.get()) is not None:
            try:
                self._pipe.send(message)
            except OSError:  # it has ended: `news` tells
                continue
