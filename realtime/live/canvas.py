"""What a window is drawn on: a picture, scaled smoothly within black, and panels over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

__all__ = ["Box", "Canvas", "CanvasError", "Panel", "Prepared", "cropped", "fitted_box"]

Box = tuple[int, int, int, int]
"""Left, top, width, height in px."""


class CanvasError(Exception):
    """Nothing can be drawn any more: the display is gone. Its text is the system's."""


@dataclass(frozen=True, eq=False)
class Panel:
    """Something drawn over the picture: uint8 `[h, w, 4]`, BGRA, its alpha not multiplied in, from `left` and `top`.

    The same image again, and not an equal one, costs the least: what was made of it is kept.
    """

    image: np.ndarray
    left: int
    top: int


class Canvas(Protocol):
    """The inside of one window."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px of the display, which may be more than the window's own measure."""

    def draw(self, picture: np.ndarray, panels: Sequence[Panel]) -> None:
        """Shows uint8 `[H, W, 3]` BGR, as large as fits, and `panels` over it. Raises `CanvasError`."""

    def close(self) -> None:
        """Lets go of what it holds, before its window is closed."""


def fitted_box(size: tuple[int, int], picture: tuple[int, int]) -> Box:
    """Where a picture (width, height) goes on a canvas of `size`: in the middle, as large as fits, its shape kept."""
    scale = min(size[0] / picture[0], size[1] / picture[1])
    width, height = max(1, round(picture[0] * scale)), max(1, round(picture[1] * scale))
    return (size[0] - width) // 2, (size[1] - height) // 2, width, height


def cropped(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The largest part of `[H, W, 3]`, from its middle, that has the proportions of `size` (width, height)."""
    height, width = picture.shape[:2]
    scale = min(width / size[0], height / size[1])
    inside = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    left, top = (width - inside[0]) // 2, (height - inside[1]) // 2
    return picture[top : top + inside[1], left : left + inside[0]]


T = TypeVar("T")


class Prepared(Generic[T]):
    """What `prepare` makes of a panel's image, kept for as long as that image is shown; then `discard` gets it."""

    def __init__(self, prepare: Callable[[np.ndarray], T], discard: Callable[[T], None] = lambda made: None) -> None:
        self._prepare, self._discard = prepare, discard
        self._kept: dict[int, tuple[np.ndarray, T]] = {}  # by id, which is the image's own as long as it is kept

    def of(self, panels: Sequence[Panel]) -> list[tuple[Panel, T]]:
        """Each panel with what was made of its image."""
        kept, self._kept = self._kept, {}
        for image in (panel.image for panel in panels):
            if id(image) not in self._kept:
                self._kept[id(image)] = kept.pop(id(image)) if id(image) in kept else (image, self._prepare(image))
        for _, made in kept.values():
            self._discard(made)
        return [(panel, self._kept[id(panel.image)][1]) for panel in panels]

    def clear(self) -> None:
        """Discards all."""
        self.of(())
