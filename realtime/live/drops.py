"""What becomes of files that are dropped on the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stylecam.models.errors import StylecamError
from stylecam.realtime.live.frame_sink import Controller
from stylecam.realtime.painting.painter import Painter

__all__ = ["DropTaker", "Drops"]


@dataclass(frozen=True)
class Drops:
    """What a session does with dropped files. Both raise a `StylecamError` for one that is not what it should be.

    play: has the session's source step aside for a picture or film.
    add_style: puts a style file among the user's own, and returns the style's name.
    """

    play: Callable[[Path], None]
    add_style: Callable[[Path], str]


class DropTaker:
    """Takes what is dropped on `window`; `say` gets a sentence for what was added, `fail` for what could not be."""

    def __init__(
        self,
        window: Controller,
        drops: Drops,
        painter: Painter,
        say: Callable[[str], None],
        fail: Callable[[str], None],
    ) -> None:
        self._window, self._drops, self._painter = window, drops, painter
        self._say, self._fail = say, fail

    def take(self) -> bool:
        """Whether another source has stepped in."""
        changed = False
        for path in self._window.dropped():
            try:
                changed |= self._take(path)
            except StylecamError as error:
                self._fail(str(error))
        return changed

    def _take(self, path: Path) -> bool:
        if path.suffix.lower() != ".onnx":
            self._drops.play(path)
            return True
        self._painter.select(self._painter.styles.add(self._drops.add_style(path)))
        self._say(f"added {path.name}")
        return False
