"""A picture painted in one or several styles, with what may be done to it besides; used by conversions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stylecam.models.errors import StylecamError
from stylecam.realtime.painting import effects
from stylecam.realtime.painting.engines.engine import cores
from stylecam.realtime.painting.painter import PaintLines
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.video.libraries import cv2

__all__ = ["Look", "Repainter", "parallel_threads"]

FEW_LINES = 1080  # with more, a picture takes so much memory that only two are painted at once


@dataclass(frozen=True)
class Look:
    """What is done besides painting: `strength` 0..1, the picture's own colours kept, before and after side by side.

    `steady`, 0..1, is for films alone: see `Steadiness`.
    """

    strength: float = 1.0
    keep_colors: bool = False
    split: bool = False
    lines: PaintLines = field(default_factory=PaintLines)
    steady: float = 0.0

    @property
    def steadied(self) -> float:
        """By how much a film's paintings are steadied: not at all where none is seen."""
        return self.steady if self.strength > 0 else 0.0

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "strength": self.strength,
            "keep_colors": self.keep_colors,
            "split": self.split,
            "lines": [self.lines.exactly, self.lines.at_most],
            "steady": self.steady,
        }


class Repainter:
    """Paints pictures in all of `stylizers`; may be called from several threads at once."""

    def __init__(self, stylizers: Sequence[Stylizer], look: Look) -> None:
        self.stylizers, self.look = list(stylizers), look

    def __call__(self, image: np.ndarray) -> list[np.ndarray]:
        """uint8 `[H, W, 3]` BGR, from 32 px a side, to the same, one for each style."""
        return [self.paint(number, image) for number in range(len(self.stylizers))]

    def paint(self, number: int, image: np.ndarray) -> np.ndarray:
        """One picture in the style of this number. Raises `StylecamError` where the memory does not suffice."""
        if self.look.strength <= 0:
            return effects.split_view(image, image) if self.look.split else image
        return self.finished(image, self._brushwork(self.stylizers[number], image))

    def brushwork(self, image: np.ndarray) -> list[np.ndarray]:
        """What the styles alone make of it, at the size at which they paint, to be `finished`."""
        return [self._brushwork(stylizer, image) for stylizer in self.stylizers]

    def finished(self, image: np.ndarray, painted: np.ndarray) -> np.ndarray:
        """One style's `brushwork` on a picture, with all else that is done to it, at the picture's size."""
        look = self.look
        with self.enough_memory(image):
            picture = effects.at_size_of(image, painted)
            if look.keep_colors:
                picture = effects.keep_colors(image, picture)
            picture = effects.blend(image, picture, look.strength)
            return effects.split_view(image, picture) if look.split else picture

    def _brushwork(self, stylizer: Stylizer, image: np.ndarray) -> np.ndarray:
        with self.enough_memory(image):
            return stylizer(effects.for_lines(image, self.look.lines.of(image)))

    @contextmanager
    def enough_memory(self, image: np.ndarray) -> Iterator[None]:
        """Within it, `StylecamError` is raised where the memory does not suffice for a picture."""
        try:
            yield
        except (cv2.error, MemoryError) as error:
            size = f"{image.shape[1]}x{image.shape[0]}"
            raise StylecamError(f"a picture of {size} px could not be painted: lower --paint-lines") from error


def parallel_threads(lines: PaintLines) -> tuple[int, int]:
    """(how many pictures to paint at once, threads for each) on this machine's processor.

    One thread for each picture wastes the least, as long as their number of `lines` leaves memory for it.
    """
    most = lines.exactly or lines.at_most
    at_once = min(cores(), 16 if most and most <= FEW_LINES else 2)
    return at_once, max(1, cores() // at_once)
