"""The strip of thumbnails: which key is which style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from stylecam.realtime.live.control_table import CONTROLS
from stylecam.realtime.live.hotkeys import shown_key
from stylecam.realtime.live.text import GREY, GROUND, WEIGHT, WHITE, text_panel
from stylecam.realtime.pictures.lettering import shortened
from stylecam.realtime.video.libraries import cv2

__all__ = ["Thumbnail", "thumbnail_at", "thumbnail_strip"]

GAP = 6  # px
SIDE = 7.5  # of a thumbnail where there is room, in heights of the text
SMALLEST = 12  # px


@dataclass(frozen=True)
class Thumbnail:
    """A style's: its title and painter, and its picture as a PNG file, empty where it has none or is being loaded."""

    title: str
    png: bytes


def thumbnail_strip(thumbnails: Sequence[Thumbnail], current: int, room: tuple[int, int], text: int) -> np.ndarray:
    """All styles in rows that go into `room` (width, height in px), each with its key, the title of the `current` one.

    That one is framed. Returns uint8 `[h, w, 4]`, BGRA, of whose text `text` is the height in px.
    """
    return _strip(tuple(thumbnails), current, room, text)


@lru_cache(maxsize=4)
def _strip(thumbnails: tuple[Thumbnail, ...], current: int, room: tuple[int, int], text: int) -> np.ndarray:
    titled = _caption(thumbnails[current], room, text)
    side, columns = _grid(len(thumbnails), (room[0], room[1] - titled.shape[0]), round(SIDE * text))
    rows = -(-len(thumbnails) // columns)
    width = max(columns * (side + GAP) + GAP, titled.shape[1])
    strip = np.empty((rows * (side + GAP) + GAP + titled.shape[0], width, 4), np.uint8)
    strip[:] = (*GROUND, 210)
    for number, thumbnail in enumerate(thumbnails):
        row, column = divmod(number, columns)
        top, left = GAP + row * (side + GAP), GAP + column * (side + GAP)
        cell = strip[top : top + side, left : left + side]
        cell[..., :3], cell[..., 3] = _cell(number, thumbnail, side, text, number == current), 255
    strip[-titled.shape[0] :, : titled.shape[1], :3] = titled[..., :3]
    return strip


def thumbnail_at(
    point: tuple[int, int], thumbnails: Sequence[Thumbnail], current: int, room: tuple[int, int], text: int
) -> int | None:
    """The number of the thumbnail at a point (x, y) of the strip made with the same values; None beside them."""
    height = _caption(thumbnails[current], room, text).shape[0]
    side, columns = _grid(len(thumbnails), (room[0], room[1] - height), round(SIDE * text))
    (column, left), (row, top) = (divmod(position - GAP, side + GAP) for position in point)
    number = row * columns + column
    inside = 0 <= column < columns and left < side and top < side
    return number if inside and 0 <= number < len(thumbnails) else None


def _caption(thumbnail: Thumbnail, room: tuple[int, int], text: int) -> np.ndarray:
    return text_panel([[(shortened(thumbnail.title, text, room[0] - 2 * text, WEIGHT), WHITE)]], text)


def _grid(count: int, room: tuple[int, int], largest: int) -> tuple[int, int]:
    """(side, columns) of the largest squares of which `count` go into `room`, none above `largest`."""

    def side(columns: int) -> int:
        rows = -(-count // columns)
        return max(SMALLEST, min(largest, (room[0] - GAP) // columns - GAP, (room[1] - GAP) // rows - GAP))

    # Of equally large ones those in the fewest rows, since that hides less of the picture.
    return max((side(columns), columns) for columns in range(1, count + 1))


def _cell(number: int, thumbnail: Thumbnail, side: int, text: int, framed: bool) -> np.ndarray:
    cell = np.full((side, side, 3), 60, np.uint8)
    picture = _decoded(thumbnail.png)
    if picture is not None:
        cell[:] = cv2.resize(_square(picture), (side, side), interpolation=cv2.INTER_AREA)
    keys = CONTROLS["style"].keys
    if number < len(keys):
        label = text_panel([[(shown_key(keys[number]), WHITE)]], max(10, text * 4 // 5))
        high, wide = min(side, label.shape[0]), min(side, label.shape[1])
        cell[:high, :wide] = label[:high, :wide, :3]
    colour, thick = (WHITE, max(2, side // 24)) if framed else (GREY, 1)
    cv2.rectangle(cell, (0, 0), (side - 1, side - 1), colour, thick)
    return cell


def _square(picture: np.ndarray) -> np.ndarray:
    side = min(picture.shape[:2])
    top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
    return picture[top : top + side, left : left + side]


@lru_cache(maxsize=64)
def _decoded(png: bytes) -> np.ndarray | None:
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR) if png else None
