"""What becomes of files that are dropped on the window."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from stylecam.models.errors import StylecamError
from stylecam.realtime.live.frame_sink import Controller, Dropped
from stylecam.realtime.live.lessons import Lessons, Prepare
from stylecam.realtime.painting.painter import Painter
from stylecam.realtime.pictures.picture_formats import PICTURE_FORMATS

__all__ = ["DropTaker", "Drops"]


@dataclass(frozen=True)
class Drops:
    """What a session does with dropped files. All but the first two may raise a `StylecamError`.

    play: asks for a picture or film to be the session's source. play_first: asks for its first source again.
    arrived: whether a source that was asked for has stepped in since the last call; raises where it cannot.
    add_style: puts a style file among the user's own, and returns the style's name; called beside the frames.
    prepare: prepares a lesson on a picture; None where nothing can be learnt.
    """

    play: Callable[[Path], None]
    play_first: Callable[[], None]
    arrived: Callable[[], bool]
    add_style: Callable[[Path], str]
    prepare: Prepare | None = None


class DropTaker:
    """Takes what is dropped on `window`; `say` gets a sentence for what was added, `fail` for what could not be."""

    def __init__(
        self,
        window: Controller,
        drops: Drops,
        painter: Painter,
        lessons: Lessons,
        say: Callable[[str], None],
        fail: Callable[[str], None],
    ) -> None:
        self._window, self._drops, self._painter, self._lessons = window, drops, painter, lessons
        self._say, self._fail = say, fail
        self._beside = ThreadPoolExecutor(1, "style-adder")
        self._adding: list[tuple[Path, Future[str]]] = []
        # What plays, and what was asked for after it: files that were dropped, and None for the first source.
        self._plays: Path | None = None
        self._asked: list[Path | None] = []

    def take(self) -> bool:
        """Takes what was dropped and what has come of it since; whether another source has stepped in."""
        for dropped in self._window.dropped():
            self._take(dropped)
        self._take_added()
        try:
            if not self._drops.arrived():
                return False
        except StylecamError as error:
            self._asked.pop(0)
            self._fail(str(error))
            return False
        self._plays = self._asked.pop(0)
        if self._plays is not None:
            self._say(self._what_next(self._plays))
        return True

    def _what_next(self, plays: Path) -> str:
        picture = plays.suffix.lower() in PICTURE_FORMATS
        if picture and self._lessons.offer(plays):
            return f"{plays.name}: b goes back, l learns it as a painting"
        return f"{plays.name}: b goes back"

    def back(self) -> None:
        """To the first source, unless it is the one that plays, or another one comes."""
        if self._plays is not None and not self._asked:
            self._asked.append(None)
            self._drops.play_first()

    def close(self) -> None:
        """Waits for what is being added."""
        self._beside.shutdown()

    def _take(self, dropped: Dropped) -> None:
        path = dropped.path
        if path.suffix.lower() == ".onnx":
            self._adding.append((path, self._beside.submit(self._drops.add_style, path)))
        elif dropped.shift and self._drops.prepare is not None:
            self._lessons.begin(path)
        else:
            self._asked.append(path)
            self._drops.play(path)

    def _take_added(self) -> None:
        while self._adding and self._adding[0][1].done():
            path, adding = self._adding.pop(0)
            try:
                self._painter.select(self._painter.styles.add(adding.result()))
                self._say(f"added {path.name}")
            except StylecamError as error:
                self._fail(str(error))
