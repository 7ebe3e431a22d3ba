"""Glides from painter to painter while nobody touches anything, as an exhibition wants it."""

from __future__ import annotations

import time
from collections.abc import Callable

from stylecam.models.errors import StyleError
from stylecam.realtime.painting.ancestry import common_start
from stylecam.realtime.painting.painter import Painter

__all__ = ["Attract"]

GLIDE_SECONDS = 4.0
STEPS = 8  # in which a glide mixes the next painter in: each is a network of its own, made beside the frames


class Attract:
    """Goes on to the next painter of `painter` every `rest` seconds once nobody has touched anything for `idle`.

    Painters of one origin are mixed on the way, the others fade. `clock` tells the seconds.
    """

    def __init__(self, painter: Painter, idle: float, rest: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._painter, self._idle, self._rest, self._clock = painter, idle, rest, clock
        self._next_at = clock() + idle
        self._glide: tuple[float, int, float] | None = None  # since when, to which style, and the user's own share

    def touched(self) -> None:
        """Somebody did something: the glide ends with the nearer painter."""
        self._next_at = self._clock() + self._idle
        if self._glide is not None:
            began, to, _ = self._glide
            self._end(to if self._clock() - began >= GLIDE_SECONDS / 2 else self._painter.current)

    def after_frame(self) -> None:
        """Between two frames."""
        now = self._clock()
        if self._glide is not None:
            began, to, _ = self._glide
            done = (now - began) / GLIDE_SECONDS
            if done >= 1 or not self._painter.mix.on:  # which ends by itself where the mix cannot be made
                self._end(to)
            else:
                self._painter.mix.share = max(1, int(done * STEPS)) / STEPS
        elif now >= self._next_at:
            self._next_at = now + self._rest
            self._begin(now)

    def _begin(self, now: float) -> None:
        painter = self._painter
        numbers = [(painter.current + n) % len(painter.styles) for n in range(1, len(painter.styles))]
        to = next((number for number in numbers if painter.styles.get(number) is not None), None)
        if to is None or painter.wanted != painter.current:
            return
        here, there = painter.styles.get(painter.current), painter.styles.get(to)
        try:
            common_start([one.style for one in (here, there) if one is not None])
        except StyleError:
            painter.select(to)
            return
        self._glide = now, to, painter.mix.share
        painter.mix.share = 1 / STEPS
        painter.mix.begin(painter.current, to)

    def _end(self, to: int) -> None:
        if self._glide is not None:
            self._painter.mix.end()
            self._painter.mix.share = self._glide[2]
            self._next_at = max(self._next_at, self._clock() + self._rest)
        self._glide = None
        if to != self._painter.current:
            self._painter.select(to)
