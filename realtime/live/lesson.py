"""A painting that is learnt beside a live session: its frames go there, and what comes back is painted with at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from stylecam.models.errors import StylecamError
from stylecam.realtime.painting.loaded_styles import LoadedStyles
from stylecam.realtime.painting.stylizer import Stylizer

__all__ = ["Lesson", "News", "Teacher"]

FRAME_SECONDS = 0.4  # between two frames that are given to learn on: more alike ones teach nothing
MINUTE = 60.0


@dataclass(frozen=True)
class News:
    """What has come from the teacher: how long it has learnt, the loss after each step since, a newer style file.

    problem: why it cannot go on. said: what the user is to know besides.
    """

    seconds: float
    losses: Sequence[float] = ()
    style: bytes | None = None
    problem: str | None = None
    said: str | None = None


class Teacher(Protocol):
    """Learns a painting, somewhere else. No call waits."""

    def give(self, frame: np.ndarray) -> None:
        """A frame to learn on, uint8 `[H, W, 3]` BGR; it may be left out where too many come."""

    def news(self) -> News | None:
        """What has come since the last call; None where nothing has."""

    def go_on_until(self, seconds: float) -> None:
        """It learns until it has learnt for so many seconds in all."""


class Lesson:
    """A painting that is learnt: what comes of it is style number `number` of `styles` once it has `joined` them.

    `painting` is what is learnt from, uint8 `[H, W, 3]` BGR. `load` makes a stylizer of a style file's bytes. `seconds`
    is how long it has been learnt, `until` how long it will be, `losses` the total loss after each step. `keep` puts
    what was learnt where it is kept, in seconds; it returns a sentence, and the style as it was kept. `leave` lets the
    teacher go. `alone`: the session is there for it, and ends once it is kept.
    """

    def __init__(
        self,
        teacher: Teacher,
        load: Callable[[bytes], Stylizer],
        painting: np.ndarray,
        until: float,
        keep: Callable[[], tuple[str, Stylizer]],
        leave: Callable[[], None] = lambda: None,
        alone: bool = False,
    ) -> None:
        self.painting, self.seconds, self.until = painting, 0.0, until
        self.losses: list[float] = []
        self.problem: str | None = None
        self.said: str | None = None
        self.kept = False
        self.keep, self.leave, self.alone = keep, leave, alone
        self._teacher, self._load = teacher, load
        self._styles: LoadedStyles
        self.number = 0
        self._given = float("-inf")
        self._loading: threading.Thread | None = None
        self._loaded: Stylizer | None = None
        self._load_problem: str | None = None
        self._waiting: bytes | None = None

    def joined(self, styles: LoadedStyles, number: int) -> Lesson:
        """Itself, of which style number `number` comes."""
        self._styles, self.number = styles, number
        return self

    @property
    def learning(self) -> bool:
        """Whether it goes on."""
        return self.problem is None and not self.kept and self.seconds < self.until

    @property
    def loading(self) -> bool:
        """Whether a newer style is being loaded, which takes some of the processor for a moment."""
        return self._loading is not None and self._loading.is_alive()

    def give(self, frame: np.ndarray, now: float) -> None:
        """Gives a frame away now and then: uint8 `[H, W, 3]` BGR, at `now` of a steady clock, in seconds."""
        if now - self._given >= FRAME_SECONDS and self.learning:
            self._given = now
            self._teacher.give(frame)

    def follow(self) -> str | None:
        """Takes in what has come, between two frames; returns a sentence, once, where it cannot go on.

        What else the user is to know is in `said` until the next call.
        """
        before = self.problem
        news = self._teacher.news()
        self.said = None if news is None else news.said
        if news is not None:
            self.seconds = max(self.seconds, news.seconds)
            self.losses += news.losses
            self._waiting = news.style or self._waiting
            self.problem = self.problem or news.problem
        self._follow()
        return self.problem if self.problem != before else None

    def longer(self) -> None:
        """For another minute."""
        self.until = max(self.until, self.seconds) + MINUTE
        self._teacher.go_on_until(self.until)

    def close(self) -> None:
        """Waits for what is being loaded."""
        if self._loading is not None:
            self._loading.join()

    def _follow(self) -> None:
        """Paints with the newest style that is loaded, and has the newest one loaded beside the frames."""
        if self.loading:
            return
        self.problem = self.problem or self._load_problem
        if self._loaded is not None:
            self._styles.put(self.number, self._loaded)
            self._loaded = None
        if self._waiting is not None:
            data, self._waiting = self._waiting, None
            self._loading = threading.Thread(target=self._load_beside, args=(data,), name="style-loader")
            self._loading.start()

    def _load_beside(self, data: bytes) -> None:
        try:
            self._loaded = self._load(data)
        except StylecamError as error:
            self._load_problem = str(error)
