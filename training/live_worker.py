"""What the process does that learns beside a live session."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from multiprocessing.connection import Connection
from pathlib import Path

import cv2
import numpy as np
import torch

from stylecam.models.errors import PictureError
from stylecam.training.data import at_most, find_pictures, read_picture
from stylecam.training.frame_pool import LINES, FramePool
from stylecam.training.live_process import Finish, Frame, Progress, Said, StyleNow, Task, Until
from stylecam.training.live_training import LiveTraining

__all__ = ["Worker", "photographs"]

STYLE_SECONDS = (1.0, 1.5, 2.0, 3.0, 4.0)  # between two style files, the last again and again
PHOTOGRAPHS = 200  # of a folder that are read, into a memory of a megabyte each
PHOTOGRAPH = "this looks like a photograph: a painting would give stronger strokes and colours"
RECENT = 10  # steps over which the losses are averaged


def photographs(folder: Path) -> list[np.ndarray]:
    """Some of a folder's, evenly over their names. Raises `PictureError` where none can be decoded."""
    files = find_pictures(folder)
    found = []
    for file in files[:: -(-len(files) // PHOTOGRAPHS)]:
        with contextlib.suppress(PictureError):
            found.append(at_most(read_picture(file), LINES))
    if not found:
        raise PictureError(f"none of the pictures in {folder} can be decoded")
    return found


class Worker:
    """Carries out one task; `pipe` is the process's end."""

    def __init__(self, pipe: Connection, task: Task) -> None:
        cv2.setNumThreads(1)
        if task.threads:
            torch.set_num_threads(task.threads)
        self.pipe, self.until = pipe, task.seconds
        self.pool = FramePool(photographs(task.content) if task.content else task.scene)
        self.takes_frames = task.content is None
        self.training = LiveTraining(task.subject, self.pool, task.vgg_weights, **task.settings)
        self.recent: deque[dict[str, float]] = deque(maxlen=RECENT)
        self.sent, self.styles = time.monotonic(), 0

    def run(self) -> None:
        """Learns until it is told to finish. Raises `EOFError` and `OSError` where nobody listens any more."""
        if self.training.is_photograph:
            self.pipe.send(Said(PHOTOGRAPH))
        while not self._told_to_finish():
            if self.training.seconds >= self.until or not len(self.pool):
                self.pipe.poll(0.2)  # until something is said
                continue
            self.recent.append(self.training.step())
            losses = {name: float(np.mean([one[name] for one in self.recent])) for name in self.recent[-1]}
            self.pipe.send(Progress(self.training.seconds, self.training.steps, losses))
            ended = self.training.seconds >= self.until
            pause = STYLE_SECONDS[min(self.styles, len(STYLE_SECONDS) - 1)]
            if ended or time.monotonic() - self.sent >= pause:
                self.pipe.send(StyleNow(self.training.style().data))
                self.sent, self.styles = time.monotonic(), self.styles + 1
        self.pipe.send(StyleNow(self.training.style(measured=True).data, last=True))

    def _told_to_finish(self) -> bool:
        """Takes in all that was sent."""
        while self.pipe.poll():
            told = self.pipe.recv()
            if isinstance(told, Frame) and self.takes_frames:
                self.pool.add(np.ascontiguousarray(told.picture[..., ::-1]))
            elif isinstance(told, Until):
                self.until = told.seconds
            elif isinstance(told, Finish):
                return True
        return False
