"""The lesson of a live session: it may be there from the start, or begin and end while the session goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from stylecam.models.errors import StylecamError
from stylecam.realtime.live.lesson import Lesson
from stylecam.realtime.painting.painter import Painter
from stylecam.realtime.painting.stylizer import Stylizer

__all__ = ["FPS", "Lessons", "Prepare"]

Prepare = Callable[[Path], tuple[Lesson, Stylizer]]
"""A lesson on a picture file, and what it begins from; raises a `StylecamError`. It may take a second."""


FPS = 20.0  # that is enough while a painting is learnt: more would cost lines, and strokes as they are learnt


class Lessons:
    """At most one at a time. `say` gets a sentence for what is done, `fail` for what could not be.

    What takes long, to prepare a lesson and to keep its style, is done in a thread beside the frames.
    """

    def __init__(
        self,
        painter: Painter,
        say: Callable[[str], None],
        fail: Callable[[str], None],
        prepare: Prepare | None = None,
        first: Lesson | None = None,
    ) -> None:
        self.current = first
        self.offered: Path | None = None  # the picture that would be learnt
        self.ended = False  # whether the session was there for a lesson that is kept now
        self._painter, self._say, self._fail, self._prepare = painter, say, fail, prepare
        self._beside = ThreadPoolExecutor(1, "lesson")
        self._preparing: Future[tuple[Lesson, Stylizer]] | None = None
        self._keeping: Future[tuple[str, Stylizer]] | None = None
        self._before = painter.current
        self._warned = False

    @property
    def going_on(self) -> bool:
        """Whether a painting is learnt, or will be in a moment."""
        return self.current is not None or self._preparing is not None

    @property
    def loading(self) -> bool:
        """Whether what was learnt is being loaded."""
        return self.current is not None and self.current.loading

    def offer(self, path: Path) -> bool:
        """A picture that the user may have learnt. Whether anything can be learnt here."""
        self.offered = path
        return self._prepare is not None

    def begin(self, path: Path | None = None) -> None:
        """Learns a painting: of `path`, else the one offered last."""
        path = path or self.offered
        if self.going_on:
            self._say("a painting is being learnt: press enter to keep it, or l to stop")
        elif path is None or self._prepare is None:
            self._say("drop a painting on the window first, then press l to learn it")
        else:
            self._say(f"getting ready to learn {path.name}")
            self._preparing = self._beside.submit(self._prepare, path)

    def give_up(self) -> None:
        """Ends a lesson that began here, without its style."""
        lesson = self.current
        if lesson is None or lesson.alone or self._keeping is not None:
            return
        self._painter.take_out(lesson.number, self._before)
        self._end(lesson)
        self._say("stopped learning")

    def keep(self) -> None:
        """Keeps what is learnt."""
        lesson = self.current
        if lesson is None or lesson.kept:
            return
        if lesson.seconds <= 0:
            self._say("nothing has been learnt yet")
            return
        lesson.kept = True
        self._say("measuring the new style")
        self._keeping = self._beside.submit(lesson.keep)

    def may_quit(self) -> bool:
        """Whether the session may end; the first time what is learnt would be lost by that, it says so instead."""
        lesson = self.current
        if self._warned or lesson is None or lesson.kept or lesson.seconds <= 0:
            return True
        self._warned = True
        self._say("enter keeps what is learnt; press q again to leave without it")
        return False

    def longer(self) -> None:
        """For another minute."""
        if self.current is not None and not self.current.kept:
            self.current.longer()

    def follow(self, image: np.ndarray | None) -> None:
        """Between two frames: gives the frame, uint8 `[H, W, 3]` BGR, if there is one, and takes in what has come."""
        if self._preparing is not None and self._preparing.done():
            self._begin()
        lesson = self.current
        if lesson is None:
            return
        if self._keeping is not None:
            if self._keeping.done():
                self._kept(lesson)
            return  # what keeps it reads the teacher's news
        if image is not None:
            lesson.give(image, time.monotonic())
        problem = lesson.follow()
        if problem is not None:
            self._fail(problem)
        if lesson.said is not None:
            self._say(lesson.said)

    def close(self) -> None:
        """Waits for what is being done beside, and lets the teacher go."""
        self._beside.shutdown()
        if self._preparing is not None and self._preparing.exception() is None:
            self._preparing.result()[0].leave()
        if self.current is not None:
            self._end(self.current)

    def _begin(self) -> None:
        preparing, self._preparing = self._preparing, None
        assert preparing is not None
        try:
            lesson, start = preparing.result()
        except StylecamError as error:
            self._fail(str(error))
            return
        self._before = self._painter.current
        number = self._painter.styles.append(start)
        self.current = lesson.joined(self._painter.styles, number)
        self._painter.select(number)

    def _kept(self, lesson: Lesson) -> None:
        keeping, self._keeping = self._keeping, None
        assert keeping is not None
        try:
            sentence, stylizer = keeping.result()
            self._painter.styles.put(lesson.number, stylizer)
            self._say(sentence)
        except StylecamError as error:
            self._fail(str(error))
        self.ended = lesson.alone
        self._end(lesson)

    def _end(self, lesson: Lesson) -> None:
        lesson.close()
        lesson.leave()
        self.current = None
