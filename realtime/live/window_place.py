"""Where a window opens: within the screen, and where it was last time."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from stylecam.realtime.common.whole_files import write_whole
from stylecam.realtime.live.canvas import Box

__all__ = ["first_place", "place_file", "remember_place", "remembered_place"]

SHARE = 0.9  # of the screen that a new window covers at most: its frame, and what else is there, want some


def place_file() -> Path:
    """Where the last place is kept."""
    return Path(platformdirs.user_state_path("stylecam")) / "window.json"


def first_place(picture: tuple[int, int], areas: Sequence[Box], display: int | None, last: Box | None) -> Box:
    """Where a window for a picture (width, height) opens: left, top, width, height in the desktop's px.

    areas: what windows may cover of each monitor. display: the number of the one to open on.
    last: where it was, which it takes again where that is on a monitor (the one asked for), in the picture's shape.
    """
    if last is not None:
        number = _monitor_of(last, areas)
        if number is not None and display in (None, number):
            width, height = _fitted(picture, last[2], last[3], enlarge=True)
            left, top, wide, high = areas[number]
            width, height = _fitted((width, height), wide, high)
            return (
                min(max(last[0], left), left + wide - width),
                min(max(last[1], top), top + high - height),
                width,
                height,
            )
    left, top, wide, high = areas[display or 0]
    width, height = _fitted(picture, round(SHARE * wide), round(SHARE * high))
    return left + (wide - width) // 2, top + (high - height) // 2, width, height


def remembered_place(path: Path) -> Box | None:
    """What `remember_place` wrote; None where nothing usable is there."""
    with contextlib.suppress(OSError, ValueError, TypeError, OverflowError):
        left, top, width, height = map(int, json.loads(path.read_text(encoding="utf-8")))
        if min(width, height) >= 32:
            return left, top, width, height
    return None


def remember_place(path: Path, place: Box) -> None:
    """Keeps it for the next time. Where that cannot be written, the next window opens in the middle: no harm."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(place).encode())


def _monitor_of(place: Box, areas: Sequence[Box]) -> int | None:
    """The monitor on which the middle of its upper edge lies, by which it can be moved."""
    across, down = place[0] + place[2] // 2, place[1]
    for number, (left, top, width, height) in enumerate(areas):
        if left <= across < left + width and top <= down < top + height:
            return number
    return None


def _fitted(picture: tuple[int, int], width: int, height: int, enlarge: bool = False) -> tuple[int, int]:
    scale = min(width / picture[0], height / picture[1])
    if not enlarge:
        scale = min(1.0, scale)
    return max(32, round(picture[0] * scale)), max(32, round(picture[1] * scale))
