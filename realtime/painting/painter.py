"""Painter: from a camera frame to the picture that is shown, in the state the keys have set."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from stylecam.realtime.painting import effects
from stylecam.realtime.painting.live_mix import LiveMix
from stylecam.realtime.painting.loaded_styles import LoadedStyles
from stylecam.realtime.painting.motion import MotionSearch
from stylecam.realtime.painting.steadiness import Steadiness
from stylecam.realtime.painting.stylizer import Stylizer

__all__ = ["PaintLines", "Painter"]

FADE_FRAMES = 5
AUTO_LINES = 720  # more lines than this only make strokes smaller and everything slower


@dataclass(frozen=True)
class PaintLines:
    """At how many lines (px of the shorter side) frames are painted: `exactly` so many, else at most `at_most`."""

    exactly: int | None = None
    at_most: int | None = AUTO_LINES

    def of(self, image: np.ndarray) -> int | None:
        """The lines for a frame; None paints it as it is."""
        too_many = self.at_most is not None and min(image.shape[:2]) > self.at_most
        return self.exactly or (self.at_most if too_many else None)


class Painter:
    """The chosen style and how it is applied. `current` is the style shown, `wanted` the one asked for.

    `steady`, 0 to 1, is how much of the last strokes stays where the picture stays, see `Steadiness`.
    """

    def __init__(
        self,
        styles: LoadedStyles,
        strength: float,
        keep_colors: bool,
        mirror: bool,
        lines: PaintLines | None = None,
        steady: float = 0.0,
    ) -> None:
        self.styles, self.lines = styles, lines or PaintLines()
        self.share = 1.0  # of these lines, 0..1: less is faster
        self.painted_size: tuple[int, int] | None = None  # width and height of what the style was given last
        self.current = self.wanted = styles.first
        self.asked = 0.0
        self._direction = 0  # of the last step: 1, -1, or 0 for a style asked for by its number
        self._problems: list[str] = []  # not yet told
        self._told: set[int] = set()
        self.strength, self.keep_colors, self.mirror = strength, keep_colors, mirror
        self.steadiness, self._search = Steadiness(steady), MotionSearch()
        self._beside = ThreadPoolExecutor(1, "motion")
        self.split = self.original = False
        self.mix = LiveMix(styles)
        self.picture: np.ndarray | None = None  # the last one
        self._fade_from: np.ndarray | None = None
        self._fade_left = 0

    def close(self) -> None:
        """Ends the threads that work beside the network."""
        self._beside.shutdown()
        self.mix.close()

    @property
    def stylizer(self) -> Stylizer | None:
        """What paints: the current style, or its mix with another one."""
        return self.mix.stylizer or self.styles.get(self.current)

    @property
    def name(self) -> str:
        """The current style's name."""
        return self.stylizer.style.name if self.stylizer else self.styles.names[self.current]

    def paint(self, image: np.ndarray) -> float | None:
        """Makes `picture` of a frame (uint8 `[H, W, 3]` BGR); returns the inference time in ms, None without one."""
        if self.mirror:
            image = np.ascontiguousarray(image[:, ::-1])
        stylizer = self.stylizer
        if self.original or self.strength <= 0 or stylizer is None:
            self.picture, self._fade_left = image, 0
            self.steadiness.reset()
            return None
        lines = self.lines.of(image)
        if self.share < 1:
            lines = round(self.share * (lines or min(image.shape[:2])))
        self.painted_size = effects.painted_size(image, lines)
        # Steadied at the size at which it is painted, which costs less where that is the smaller one.
        picture = effects.at_lines(lambda frame: self._steadied(stylizer, frame), image, lines)
        if self.keep_colors:
            picture = effects.keep_colors(image, picture)
        picture = effects.blend(image, picture, self.strength)
        if self._fade_left and self._fade_from is not None and self._fade_from.shape == picture.shape:
            picture = effects.blend(self._fade_from, picture, 1 - self._fade_left / (FADE_FRAMES + 1))
            self._fade_left -= 1
        self.picture = effects.split_view(image, picture) if self.split else picture
        return stylizer.inference_ms

    def _steadied(self, stylizer: Stylizer, frame: np.ndarray) -> np.ndarray:
        if self.steadiness.amount <= 0:
            return stylizer(frame)
        search = self._beside.submit(self._search, frame)  # beside the network
        try:
            painted = stylizer(frame)
        finally:
            motion = search.result()
        return self.steadiness.settle(painted, motion)

    def select(self, number: int) -> None:
        """Asks for a style by its number, from 0; nothing for one that has been taken out since it was asked for."""
        if number < len(self.styles):
            self._ask(number)

    def take_out(self, number: int, instead: int) -> None:
        """Has a style taken out of the styles; where it is shown, another one is at once."""
        self.mix.forget()
        if self.current == number:
            self.current = instead
            self.steadiness.reset()
        if self.wanted == number:
            self.wanted = self.current
        self.styles.take_out(number)

    def _ask(self, number: int) -> None:
        self.wanted, self.asked, self._direction = number, time.monotonic(), 0

    def step(self, direction: int) -> None:
        """Asks for the next style (1) or the previous one (-1), going round, past those known to be unusable."""
        self.asked, self._direction = time.monotonic(), direction
        self._go_on()

    def switch(self) -> tuple[bool, list[str]]:
        """Goes to the wanted style if it is loaded: (whether it did, why styles could not be had).

        The new style fades in over the old one's last picture, which costs no second inference. A style that
        failed to load is passed over by a step; asked for by its number, it leaves the current style.
        """
        problem = self.styles.problem(self.wanted)
        if problem and self._direction:
            self._tell_once(self.wanted, problem)
            self._go_on()
        elif problem:
            self._problems.append(problem)
            self.wanted = self.current
        if ended := self.mix.follow(self.current):
            self._problems.append(ended)
        problems, self._problems = self._problems, []
        if self.wanted == self.current or self.styles.get(self.wanted) is None:
            return False, problems
        self.mix.left(self.current)
        if left := self.stylizer:
            left.rest()
        self.current, self._fade_from, self._fade_left = self.wanted, self.picture, FADE_FRAMES
        self.steadiness.reset()
        return True, problems

    def _go_on(self) -> None:
        """To the next usable style in the direction; it ends at the current one at the latest, which is usable."""
        self.wanted = (self.wanted + self._direction) % len(self.styles)
        while self.wanted != self.current and (problem := self.styles.problem(self.wanted)):
            self._tell_once(self.wanted, problem)
            self.wanted = (self.wanted + self._direction) % len(self.styles)

    def _tell_once(self, number: int, problem: str) -> None:
        if number not in self._told:
            self._told.add(number)
            self._problems.append(problem)
