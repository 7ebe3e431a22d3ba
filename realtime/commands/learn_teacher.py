"""The process that learns a painting beside a live session, as the session sees it."""

from __future__ import annotations

import contextlib
import multiprocessing
import queue
import threading
from types import TracebackType
from typing import Any, Self

import numpy as np

from stylecam.models.errors import StylecamError
from stylecam.realtime.live.lesson import News
from stylecam.training.live_process import Failed, Finish, Frame, Progress, Said, StyleNow, Task, Until, work
from stylecam.training.shielded import shielded_from_interrupts

__all__ = ["ProcessTeacher"]

PATIENCE = 120.0  # seconds in which a finished style is measured, on a slow machine too
_GONE = "learning stopped unexpectedly: the machine may be short of memory, close other programs and try again"


class ProcessTeacher:
    """A `Teacher`: it starts `task` in a process when it is entered, and ends it when it is left, whatever it does."""

    def __init__(self, task: Task, context: Any = None) -> None:
        context = context or multiprocessing.get_context("spawn")
        self._pipe, self._theirs = context.Pipe()
        self._process = context.Process(target=work, args=(self._theirs, task), name="learn", daemon=True)
        # The other side reads between two steps, and a pipe holds less than a frame: a thread waits for it, and not who
        # calls. Of frames only one is on its way.
        self._outbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._takes_frames, self._frame_on_its_way = task.content is None, False
        self._sender = threading.Thread(target=self._send, name="to-learn", daemon=True)
        self._last: StyleNow | None = None
        self._latest: bytes | None = None
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
        self._outbox.put(None)
        self._sender.join()

    def give(self, frame: np.ndarray) -> None:
        """As `Teacher.give`: left out where the last ones are still on their way."""
        if self._takes_frames and not self._frame_on_its_way:
            self._frame_on_its_way = True
            self._outbox.put(Frame(frame))

    def go_on_until(self, seconds: float) -> None:
        """As `Teacher.go_on_until`."""
        self._outbox.put(Until(seconds))

    def news(self) -> News | None:
        """As `Teacher.news`."""
        seconds, losses, style, problem, said = 0.0, [], None, None, None
        try:
            while self._pipe.poll():
                came = self._pipe.recv()
                if isinstance(came, Progress):
                    seconds, self.steps, self.losses = came.seconds, came.steps, came.losses
                    losses.append(came.losses["total"])
                elif isinstance(came, StyleNow):
                    style = self._latest = came.data
                    self._last = came if came.last else self._last
                elif isinstance(came, Said):
                    said = came.sentence
                elif isinstance(came, Failed):
                    self._ended, problem = True, came.sentence
        except (EOFError, OSError):
            if not self._ended and self._last is None:
                problem = _GONE
            self._ended = True
        if not (losses or style or problem or said):
            return None
        return News(seconds, losses, style, problem, said)

    def finish(self) -> tuple[bytes, str | None]:
        """Has it end, and returns the style file, measured.

        Where it has died or does not answer, the last file that came is returned, with a sentence that says so. Raises
        `StylecamError` where none came.
        """
        self._outbox.put(Finish())
        problem = None
        while self._last is None and problem is None:
            if not self._ended and not self._pipe.poll(PATIENCE):
                problem = "the process that learns does not answer any more"
            elif (news := self.news()) is not None and news.problem is not None:
                problem = news.problem
            elif self._ended and self._last is None:
                problem = _GONE
        if self._last is not None:
            return self._last.data, None
        if self._latest is None:
            raise StylecamError(f"{problem}: nothing was learnt")
        return self._latest, f"{problem}: what was learnt before is kept, without figures"

    def _send(self) -> None:
        while (message := self._outbox.get()) is not None:
            with contextlib.suppress(OSError):  # it has ended: `news` tells
                self._pipe.send(message)
            if isinstance(message, Frame):
                self._frame_on_its_way = False
