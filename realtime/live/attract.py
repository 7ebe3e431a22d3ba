"""Glides from painter to painter while nobody touches anything, as an exhibition wants it."""

from __future__ import annotations

import time
from collections.abc import Callable

from stylecam.realtime.painting.glide import Glide
from stylecam.realtime.painting.painter import Painter

__all__ = ["GLIDE_SECONDS", "Attract"]

GLIDE_SECONDS = 8.0


class Attract:
    """Has `glide` go on its way once nobody has touched anything for `idle` seconds. `clock` tells the seconds."""

    def __init__(
        self, painter: Painter, idle: float, glide: Glide, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._painter, self._idle, self._glide, self._clock = painter, idle, glide, clock
        self._touched_at, self._on = clock(), False

    def touched(self) -> None:
        """Somebody did something: it ends with the nearer painter."""
        self._touched_at = self._clock()
        if self._on:
            self._on = False
            self._glide.end()

    def after_frame(self) -> None:
        """Between two frames."""
        now = self._clock()
        if now - self._touched_at < self._idle:
            return
        if not self._on:
            self._on = True
            self._glide.begin(now)
        self._glide.follow(now)
