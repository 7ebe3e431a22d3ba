"""A `LiveTraining` in a process of its own, and what goes through the pipe to and from it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from stylecam.models.errors import PictureError, StylecamError
from stylecam.training.data import at_most, find_pictures, read_picture
from stylecam.training.frame_pool import LINES, FramePool
from stylecam.training.live_training import LiveTraining, Subject

__all__ = ["Failed", "Finish", "Frames", "Progress", "StyleNow", "Task", "Until", "work"]

STYLE_SECONDS = (1.0, 1.5, 2.0, 3.0, 4.0)  # between two style files, the last again and again
LOWER_PRIORITY = 5  # of what learns, so that what paints goes on smoothly
PHOTOGRAPHS = 200  # of a folder that are read, into a memory of a megabyte each
RECENT = 10  # steps over which the losses are averaged


@dataclass(frozen=True)
class Task:
    """What the process is started with.

    scene: pictures, uint8 `[H, W, 3]` RGB, that are learnt on besides those that are sent. seconds: how long it learns.
    threads: of the processor, 0 for all. content: a folder of photographs, in place of pictures that are sent.
    """

    subject: Subject
    scene: Sequence[np.ndarray]
    seconds: float
    vgg_weights: Path | None = None
    threads: int = 0
    content: Path | None = None
    settings: dict[str, Any] = field(default_factory=dict)


# To the process.


@dataclass(frozen=True)
class Frames:
    """Pictures to learn on, uint8 `[H, W, 3]` BGR."""

    pictures: Sequence[np.ndarray]


@dataclass(frozen=True)
class Until:
    """It goes on learning until it has learnt for so many seconds in all."""

    seconds: float


@dataclass(frozen=True)
class Finish:
    """It measures what it has learnt, sends the style for the last time, and ends."""


# From the process.


@dataclass(frozen=True)
class Progress:
    """After a step. losses: the weighted ``total`` and the unweighted parts, means of the last steps."""

    seconds: float
    steps: int
    losses: dict[str, float]


@dataclass(frozen=True)
class StyleNow:
    """A style file's bytes as it is by now; `last` where it is measured and the process has ended."""

    data: bytes
    last: bool = False


@dataclass(frozen=True)
class Failed:
    """It cannot learn: why, in one sentence."""

    sentence: str


def work(pipe: Connection, task: Task) -> None:
    """Learns until told to finish, or until the other end of the pipe is gone: nothing outlives who started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process, which ends this one
    if hasattr(os, "nice"):
        os.nice(LOWER_PRIORITY)
    cv2.setNumThreads(1)
    if task.threads:
        torch.set_num_threads(task.threads)
    try:
        _Worker(pipe, task).run()
    except StylecamError as error:
        with contextlib.suppress(OSError):
            pipe.send(Failed(str(error)))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass
    finally:
        pipe.close()


def _photographs(folder: Path) -> list[np.ndarray]:
    """Some of a folder's, evenly over their names. Raises `PictureError` where none can be decoded."""
    files = find_pictures(folder)
    found = []
    for file in files[:: -(-len(files) // PHOTOGRAPHS)]:
        with contextlib.suppress(PictureError):
            found.append(at_most(read_picture(file), LINES))
    if not found:
        raise PictureError(f"none of the pictures in {folder} can be decoded")
    return found


class _Worker:
    def __init__(self, pipe: Connection, task: Task) -> None:
        self.pipe, self.until = pipe, task.seconds
        self.pool = FramePool(_photographs(task.content) if task.content else task.scene)
        self.takes_frames = task.content is None
        self.training = LiveTraining(task.subject, self.pool, task.vgg_weights, **task.settings)
        self.recent: deque[dict[str, float]] = deque(maxlen=RECENT)
        self.sent, self.styles = time.monotonic(), 0

    def run(self) -> None:
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
            if isinstance(told, Frames) and self.takes_frames:
                for picture in told.pictures:
                    self.pool.add(np.ascontiguousarray(picture[..., ::-1]))
            elif isinstance(told, Until):
                self.until = told.seconds
            elif isinstance(told, Finish):
                return True
        return False
