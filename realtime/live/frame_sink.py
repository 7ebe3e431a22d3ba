"""What every output of a live session can do: the protocol by which it is shown frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

import numpy as np

from stylecam.realtime.live.canvas import Panel
from stylecam.realtime.live.hotkeys import Key
from stylecam.realtime.live.hud import Hud

__all__ = ["Controller", "Dropped", "FrameSink", "Observer", "View", "check_picture"]


class FrameSink(Protocol):
    """A context manager that is shown frames: a window, a recording. Ready once made; leaving it closes it.

    The loop shows it every frame, one that stays again and again, and waits for it: what takes more than a few ms
    belongs in a thread, as in the recorder.
    """

    @property
    def lost(self) -> str | None:
        """One sentence once it can take no more frames, for good (a full disk, say), else None."""

    @property
    def saved(self) -> Sequence[str]:
        """The files it has written, each once it is whole: a recording, when it is closed. They join the report's."""

    def show(self, picture: np.ndarray | None, seconds: Fraction | float = 0) -> None:
        """Takes a frame, or None where the source gives nothing now: each sink does with that what suits it.

        picture: uint8 `[H, W, 3]`, BGR, contiguous. Nobody writes to it afterwards.
        seconds: its time. Only differences count, and they are exact (Fraction) where the source gives times.

        A sink that is lost does nothing, and says it in `lost`. Raises `ValueError` for a picture of another type or
        shape, and when it is closed.
        """

    def close(self) -> None:
        """Finishes what it writes, and lets go of what it holds; closing it again does nothing.

        May raise a `StylecamError`, the first time: what it was to write is not there, and `lost` says why.
        """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True)
class View:
    """What a controller shows its pictures on: width and height in px, and the height of a text that is read there."""

    size: tuple[int, int]
    text: int


@dataclass(frozen=True)
class Dropped:
    """A file that was dropped, and whether the shift key was held."""

    path: Path
    shift: bool = False


@runtime_checkable
class Controller(FrameSink, Protocol):
    """A sink with a user in front of it, who presses keys and sees what is drawn over the pictures: a window."""

    over: Callable[[View], Sequence[Panel]]
    """What this sink alone shows over the pictures, at its own resolution. The loop sets it.

    Where the source gives nothing the last picture is shown again, with what is to be drawn over it by then.
    """

    fill: bool
    """Whether pictures fill it, cut off at two sides where they have other proportions, and not shown whole."""

    def keys(self, wait_ms: int = 0) -> list[Key]:
        """The keys pressed and let go since the last call, in order; waits for one for at most `wait_ms`."""

    def dropped(self) -> list[Dropped]:
        """The files that the user dropped on it since the last call."""

    def clicked(self) -> list[tuple[int, int]]:
        """Where the user clicked since the last call: (x, y), px of what `over` drew on."""

    @property
    def closed(self) -> bool:
        """Whether the user closed it."""

    @property
    def visible(self) -> bool:
        """Whether anybody can see it: where not, nothing is painted for it alone."""

    @property
    def fullscreen(self) -> bool:
        """Whether it fills the screen."""

    def toggle_fullscreen(self) -> None:
        """To full screen and back."""


@runtime_checkable
class Observer(FrameSink, Protocol):
    """A sink with users elsewhere, who want to know how the session is: a page. The loop sets both.

    They are called in the loop's thread only, while it shows the sink a picture.
    """

    figures: Callable[[], Hud]
    """The figures of the session."""

    files: Callable[[], Sequence[str]]
    """The files saved by now, in their order; it only grows."""


def check_picture(picture: np.ndarray, taker: str) -> None:
    """Raises `ValueError`, which names `taker`, for anything but uint8 `[H, W, 3]`."""
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError(f"{taker} takes uint8 [H, W, 3], not {picture.dtype} {list(picture.shape)}")
