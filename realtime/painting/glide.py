"""From painter to painter without end: each is mixed into the one before, more and more, until it paints alone."""

from __future__ import annotations

from stylecam.models.catalog import Style
from stylecam.models.errors import StyleError
from stylecam.realtime.painting.ancestry import common_start
from stylecam.realtime.painting.named_styles import of_one_tier
from stylecam.realtime.painting.painter import Painter

__all__ = ["Glide"]

PACE = 2.0  # seconds between two mixes at least: one takes a tenth of a second of the processor
MOST_STEPS = 16  # on one way: finer ones nobody sees


class Glide:
    """Moves `painter` from the current style to the next one in `seconds`, then on to the one after it.

    Each paints alone for `rest` seconds before. Styles that cannot be mixed are shown until then, and switched.
    """

    def __init__(self, painter: Painter, seconds: float, rest: float = 0.0) -> None:
        self._painter, self._seconds, self._rest = painter, seconds, rest
        self._steps = int(max(2, min(MOST_STEPS, seconds / PACE)))
        self._began, self._from, self._to, self._step = 0.0, -1, -1, 0
        self._tried: tuple[Style, Style, bool] | None = None  # whether these two can be mixed

    def begin(self, now: float) -> None:
        """On the way from the current style, at `now` of a steady clock in seconds."""
        self._began, self._from, self._step = now, self._painter.current, 0
        self._painter.mix.end()
        self._to = self._next()

    def end(self) -> None:
        """With the nearer one of both painters, where it is on its way."""
        mix = self._painter.mix
        if mix.on and self._painter.current == self._from:
            if mix.share >= 0.5:
                self._painter.select(self._to)
            mix.end()

    def follow(self, now: float) -> None:
        """Between two frames, at `now`."""
        painter = self._painter
        if painter.current != self._from or painter.styles.problem(self._to):
            self.begin(now)  # it has arrived, or the user chose another style, or the next one cannot be had
        step = int((now - self._began - self._rest) / self._seconds * self._steps)
        if step >= self._steps:
            if painter.wanted == painter.current:
                painter.select(self._to)
        elif step > self._step and self._mixes():
            if not painter.mix.on:
                painter.mix.begin(self._from, self._to)
            painter.mix.share, self._step = step / self._steps, step

    def _next(self) -> int:
        """The next style that is not known to be unusable; the current one where there is no other."""
        styles = self._painter.styles
        for number in range(self._from + 1, self._from + len(styles)):
            if styles.problem(number % len(styles)) is None:
                return number % len(styles)
        return self._from

    def _mixes(self) -> bool:
        """Whether both are loaded and have a common ancestor."""
        one, other = (self._painter.styles.get(number) for number in (self._from, self._to))
        if one is None or other is None or one is other:
            return False
        if self._tried is None or self._tried[0] is not one.style or self._tried[1] is not other.style:
            self._tried = one.style, other.style, _mixable(one.style, other.style)
        return self._tried[2]


def _mixable(one: Style, other: Style) -> bool:
    try:
        common_start(of_one_tier(one, other))
    except StyleError:
        return False
    return True
