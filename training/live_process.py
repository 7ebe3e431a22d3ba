"""A `LiveTraining` in a process of its own, and what goes through the pipe to and from it. Needs no torch to import."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from stylecam.models.errors import StylecamError

__all__ = ["Failed", "Finish", "Frame", "Progress", "Said", "StyleNow", "Subject", "Task", "Until", "work"]

LOWER_PRIORITY = 5  # of what learns, so that what paints goes on smoothly


@dataclass(frozen=True)
class Subject:
    """What is learnt: the painting, uint8 `[H, W, 3]` RGB, and what the style file says of it."""

    painting: np.ndarray
    name: str
    title: str = ""
    artist: str = ""
    year: str = ""


@dataclass(frozen=True)
class Task:
    """What the process is started with.

    scene: pictures, uint8 `[H, W, 3]` RGB, that are learnt on besides those that are sent. seconds: how long it learns.
    threads: of the processor, 0 for all. content: a folder of photographs, in place of pictures that are sent.
    settings: of the recipe, where the usual ones are not wanted.
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
class Frame:
    """A picture to learn on, uint8 `[H, W, 3]` BGR."""

    picture: np.ndarray


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
class Said:
    """A sentence about what is learnt, which goes on."""

    sentence: str


@dataclass(frozen=True)
class Failed:
    """It cannot learn: why, in one sentence."""

    sentence: str


def work(pipe: Connection, task: Task) -> None:
    """Learns until told to finish, or until the other end of the pipe is gone: nothing outlives who started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process, which ends this one
    if hasattr(os, "nice"):
        os.nice(LOWER_PRIORITY)
    from stylecam.training.live_worker import Worker  # torch, which the process that starts this one does not load

    try:
        Worker(pipe, task).run()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass
    except Exception as error:  # noqa: BLE001 (told in one sentence to whoever watches)
        said = str(error) if isinstance(error, StylecamError) else f"learning failed: {type(error).__name__}: {error}"
        with contextlib.suppress(OSError):
            pipe.send(Failed(" ".join(said.split())))
    finally:
        pipe.close()
