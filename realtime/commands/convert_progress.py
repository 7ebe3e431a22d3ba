"""How far a conversion is, in a live line on stderr where that is a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from stylecam.realtime.convert.jobs import Job
from stylecam.realtime.convert.video_job import VideoProgress

__all__ = ["MANY", "ConvertProgress"]

MANY = 20  # files: of more, only those with a problem are told one by one


class ConvertProgress:
    """A context manager; `say` is given the sentences about how videos begin."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        console = Console(stderr=True)
        columns = [
            TextColumn("{task.description}"),
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        ]
        self._progress = Progress(*columns, console=console, transient=True) if console.is_terminal else None
        self._task: Any = None
        self._began = 0.0

    def __enter__(self) -> ConvertProgress:
        return self

    def __exit__(self, *error: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Takes the line away."""
        if self._progress is not None and self._task is not None:
            self._progress.stop()
            self._progress.remove_task(self._task)
            self._task = None

    def count(self, files: int, of: int) -> None:
        """Shows how many of many files are done."""
        if self._progress is not None and of > MANY:
            if self._task is None:
                self._progress.start()
                self._task = self._progress.add_task("files", total=of)
            self._progress.update(self._task, completed=files)

    def show(self, job: Job, done: VideoProgress) -> None:
        """Shows how far a video is."""
        if done.note:
            self._say(done.note)
        if self._progress is None:
            return
        if self._task is None:
            self._began = time.monotonic()
            self._progress.start()
            self._task = self._progress.add_task("", total=done.expected or None, completed=done.frames - done.painted)
        rate = done.painted / max(time.monotonic() - self._began, 1e-3)
        text = f"{job.source.name}  {rate:.1f} fps  {done.bytes / 1e6:.1f} MB"
        self._progress.update(self._task, completed=done.frames, description=text)
