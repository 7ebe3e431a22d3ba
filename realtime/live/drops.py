"""What becomes of a file that is dropped on the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Drops"]


@dataclass(frozen=True)
class Drops:
    """What a session does with dropped files. Both raise a `StylecamError` for one that is not what it should be.

    play: has the session's source step aside for a picture or film.
    add_style: puts a style file among the user's own, and returns the style's name.
    """

    play: Callable[[Path], None]
    add_style: Callable[[Path], str]
