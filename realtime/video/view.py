"""From a film's decoded frames to pictures as they are to be seen: cut, turned, and all of one size."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from stylecam.realtime.video.colours import Turn, to_bgr, turn_of, turned
from stylecam.realtime.video.libraries import av, cv2
from stylecam.realtime.video.transparency import alpha_of

__all__ = ["OneSize", "Turns", "View", "letterboxed", "pixel_aspect", "resized", "squared"]


class OneSize:
    """Brings pictures that change their size in the middle into the first one's, without stretching them.

    `say` gets one sentence about `name`, the first time.
    """

    def __init__(self, name: str, say: Callable[[str], None]) -> None:
        self.size: tuple[int, int] | None = None  # (width, height) of the first picture
        self._name, self._say = name, say
        self._said = False

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """uint8 `[H, W]` or `[H, W, 3]`, the next picture, with bars where it has other proportions."""
        height, width = picture.shape[:2]
        self.size = self.size or (width, height)
        if (width, height) == self.size:
            return picture
        if not self._said:
            self._said = True
            first = f"{self.size[0]}x{self.size[1]}"
            self._say(f"{self._name} changes from {first} to {width}x{height} px: shown within {first} with bars")
        return letterboxed(picture, self.size)


def letterboxed(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """uint8 `[H, W]` or `[H, W, 3]` within (width, height), as large as fits, its shape kept by bars."""
    scale = min(size[0] / picture.shape[1], size[1] / picture.shape[0])
    inside = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    right, down = size[0] - inside[0], size[1] - inside[1]
    bar = 255 if picture.ndim == 2 else (0, 0, 0)  # the bars of a transparent film can be seen
    return cv2.copyMakeBorder(
        resized(picture, inside), down // 2, down - down // 2, right // 2, right - right // 2, cv2.BORDER_CONSTANT,
        value=bar,
    )  # fmt: skip


def resized(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Pixels at (width, height)."""
    if picture.shape[1::-1] == size:
        return picture
    smaller = size[0] * size[1] < picture.shape[1] * picture.shape[0]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC))


def pixel_aspect(stream: Any, frame: av.VideoFrame) -> Fraction:
    """How many times as wide as high a pixel is, once the frame stands upright."""
    aspect: Fraction = stream.sample_aspect_ratio or Fraction(1)
    return 1 / aspect if round(frame.rotation) % 180 else aspect


def squared(size: tuple[int, int], aspect: Fraction) -> tuple[int, int]:
    """(width, height) at which the same is seen with square pixels; the side that grows is even."""
    width, height = size
    return (2 * round(width * aspect / 2), height) if aspect > 1 else (width, 2 * round(height / aspect / 2))


class Turns:
    """How each frame of a film is to be turned; a phone that is turned over while it films says so anew."""

    def __init__(self, crop: tuple[int, int, int, int] = (0, 0, 0, 0)) -> None:
        self._crop = crop
        self._turn: Turn | None = None
        self._rotation = 0

    def of(self, frame: av.VideoFrame) -> Turn:
        """The next frame's."""
        # The angle costs nothing to ask; the whole matrix would tie the frame to itself, see `turn_of`.
        if self._turn is None or frame.rotation != self._rotation:
            self._rotation, self._turn = frame.rotation, turn_of(frame, self._crop)
        return self._turn


class View:
    """Pictures of one size, with what they hide where a film is transparent; at `size` where one is asked for."""

    def __init__(
        self,
        name: str,
        crop: tuple[int, int, int, int],
        size: tuple[int, int] | None,
        say: Callable[[str], None],
    ) -> None:
        self.size = size
        self.transparent = False  # whether any picture was
        self._turns, self._one_size = Turns(crop), OneSize(name, say)

    def of(self, frame: av.VideoFrame) -> tuple[np.ndarray, np.ndarray | None]:
        """uint8 `[H, W, 3]` BGR of the next frame, and its alpha `[H, W]`; None where all of it can be seen."""
        turn = self._turns.of(frame)
        image, alpha = self._one_size(to_bgr(frame, turn)), alpha_of(frame)
        if alpha is not None:
            self.transparent = True
            alpha = self._sized(self._one_size(turned(alpha, turn)))
        self.size = self.size or (image.shape[1], image.shape[0])
        return self._sized(image), alpha

    def _sized(self, picture: np.ndarray) -> np.ndarray:
        return picture if self.size is None else resized(picture, self.size)
