"""What is drawn over the picture in the window, and in nothing that is saved."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from stylecam.realtime.live.canvas import Panel
from stylecam.realtime.live.control_table import CONTROLS
from stylecam.realtime.live.frame_sink import View
from stylecam.realtime.live.hotkeys import HELP, shown_key
from stylecam.realtime.live.hud import Hud
from stylecam.realtime.live.lesson import Lesson
from stylecam.realtime.live.lesson_panel import LessonPanels
from stylecam.realtime.live.level_meter import level_meter
from stylecam.realtime.live.text import GREY, LINE, WHITE, Row, column_widths, text_panel, wrapped
from stylecam.realtime.live.thumbnails import Thumbnail, thumbnail_at, thumbnail_strip
from stylecam.realtime.painting.loaded_styles import LoadedStyles
from stylecam.realtime.video.libraries import cv2

__all__ = ["Overlay"]

MESSAGE_SECONDS = 4.0
FIGURES_SECONDS = 0.25  # for which a rate and a latency stand: faster nobody reads, and drawing text takes time
EDGE = 8  # px from the window's edges
FOR_BOTH = 22  # heights of the text that a window has at least where the help does not take the figures' place
SMALLEST = 7  # px of a text that must be made smaller to go in


class Overlay:
    """The figures, the help, the thumbnails, and a sentence for a while; keys switch the first three.

    `current` tells the number of the style that is shown, `lesson` what is learnt now, which shows what it does.
    """

    def __init__(
        self,
        styles: LoadedStyles,
        figures: Callable[[], Hud],
        current: Callable[[], int],
        lesson: Callable[[], Lesson | None] = lambda: None,
    ) -> None:
        self.hud, self.help, self.thumbnails = True, False, False
        self._styles, self._figures, self._current = styles, figures, current
        self._lesson = lesson
        self._lesson_panels: LessonPanels | None = None
        self._message, self._until, self._loss = "", 0.0, False
        self._last: tuple[float, Hud] | None = None
        self._strip: tuple[View, Panel] | None = None  # of the thumbnails, as it was shown last

    def say(self, sentence: str, seconds: float = MESSAGE_SECONDS, loss: bool = False) -> None:
        """Shows a sentence for so long, in place of an earlier one; a `loss` where the figures are off too."""
        self._message, self._until, self._loss = sentence, time.monotonic() + seconds, loss

    def panels(self, view: View) -> list[Panel]:
        """What there is to draw now, for a controller of this size."""
        panels = []
        if self.hud and not (self.help and view.size[1] < FOR_BOTH * view.text):
            panels += self._figures_panels(view)
        if self.help:
            panels += self._help_panels(view, panels[0].image.shape[:2] if panels else (0, 0))
        bottom = view.size[1] - EDGE
        lesson = self._lesson()
        if lesson is not None and not (self.help or self.thumbnails):
            if self._lesson_panels is None or self._lesson_panels.lesson is not lesson:
                self._lesson_panels = LessonPanels(lesson)
            panels += self._lesson_panels(view)
        if self.thumbnails:
            strip = thumbnail_strip(self._cells(), self._current(), _room(view), view.text)
            bottom -= strip.shape[0]
            self._strip = view, Panel(strip, (view.size[0] - strip.shape[1]) // 2, bottom)
            panels.append(self._strip[1])
            bottom -= EDGE
        if (self.hud or self._loss) and time.monotonic() < self._until:
            image = _message(self._message, view, bottom - EDGE)
            panels.append(Panel(image, EDGE, bottom - image.shape[0]))
        return panels

    def style_at(self, point: tuple[int, int]) -> int | None:
        """The number of the style whose thumbnail is shown at a point (x, y) of the view, px."""
        if not self.thumbnails or self._strip is None:
            return None
        view, panel = self._strip
        inside = point[0] - panel.left, point[1] - panel.top
        return thumbnail_at(inside, self._cells(), self._current(), _room(view), view.text)

    def _cells(self) -> list[Thumbnail]:
        return [Thumbnail(self._styles.titled(n), self._styles.thumbnail(n)) for n in range(len(self._styles))]

    def _figures_panels(self, view: View) -> list[Panel]:
        hud = self._steady_figures()
        side = round(1.2 * view.text)
        beside = side + EDGE if hud.recording or hud.level is not None else 0
        size = _text_size(hud.rows(), view.text, (view.size[0] - 2 * EDGE - beside, view.size[1]))
        panels = [Panel(text_panel(hud.rows(), size), EDGE, EDGE)]
        height, width = panels[0].image.shape[:2]
        if hud.recording:
            panels.append(Panel(_dot(side), 2 * EDGE + width, EDGE))
        if hud.level is not None:
            below = side + EDGE // 2 if hud.recording else 0
            meter = level_meter(hud.level, (side, max(side, height - below)))
            panels.append(Panel(meter, 2 * EDGE + width, EDGE + below))
        return panels

    def _steady_figures(self) -> Hud:
        """The figures; of those that change with each frame, the ones of a moment ago."""
        now, hud = time.monotonic(), self._figures()
        if self._last is None or now - self._last[0] >= FIGURES_SECONDS:
            self._last = now, hud
        then = self._last[1]
        held = replace(hud, fps=then.fps, latency_ms=then.latency_ms)
        return held if None in (hud.waiting, then.waiting) else replace(held, waiting=then.waiting)

    def _help_panels(self, view: View, figures: tuple[int, int]) -> list[Panel]:
        """The keys at the right edge, the styles at the left one below the `figures` (height, width of their panel)."""
        keys: list[Row] = [((key, WHITE), (text, GREY)) for key, text in HELP]
        below = figures[0] + EDGE if figures[0] else 0
        size = _text_size(keys, view.text, (view.size[0] // 2 - EDGE, view.size[1] - 2 * EDGE))
        # Beside the figures where there is room, else below them too.
        if figures[1] + text_panel(keys, size).shape[1] + 4 * EDGE + 2 * view.text > view.size[0]:
            size = _text_size(keys, size, (view.size[0] // 2 - EDGE, view.size[1] - below - 2 * EDGE))
            top = below + EDGE
        else:
            top = max(EDGE, (view.size[1] - text_panel(keys, size).shape[0]) // 2)
        image = text_panel(keys, size)
        panels = [Panel(image, view.size[0] - image.shape[1] - EDGE, top)]
        if self.thumbnails:  # which show the styles
            return panels
        styles = _numbered(self._styles)
        size = _text_size(styles, size, (view.size[0] - image.shape[1] - 3 * EDGE, view.size[1] - below - 2 * EDGE))
        return [*panels, Panel(text_panel(styles, size), EDGE, below + EDGE)]


def _room(view: View) -> tuple[int, int]:
    """Width and height that the strip of thumbnails may have."""
    return view.size[0] - 2 * EDGE, view.size[1] * 6 // 10


def _message(sentence: str, view: View, height: int) -> np.ndarray:
    """A sentence in lines as wide as the view, its text smaller where they would be higher than `height`."""
    for size in range(view.text, SMALLEST - 1, -1):
        lines = wrapped(sentence, size, view.size[0] - 2 * EDGE - 2 * size)
        if round((LINE * len(lines) + 0.6) * size) <= height:
            break
    return text_panel([[(line, WHITE)] for line in lines], size)


def _numbered(styles: LoadedStyles) -> list[Row]:
    """The keys of the styles that have one, each with its title."""
    keys = CONTROLS["style"].keys[: len(styles)]
    return [((shown_key(key), WHITE), (styles.title(number), GREY)) for number, key in enumerate(keys)]


def _text_size(rows: Sequence[Row], size: int, room: tuple[int, int]) -> int:
    """The size of the text, or the largest smaller one at which a panel of `rows` goes into `room` (width, height)."""
    for smaller in range(size, SMALLEST, -1):
        widths = column_widths(rows, smaller)
        width = sum(widths) + round((0.9 * (len(widths) - 1) + 1.2) * smaller)
        if width <= room[0] and round((LINE * len(rows) + 0.6) * smaller) <= room[1]:
            return smaller
    return SMALLEST


@lru_cache(maxsize=2)
def _dot(side: int) -> np.ndarray:
    """The red dot of a recording."""
    dot = np.zeros((side, side, 4), np.uint8)
    cv2.circle(dot, (side // 2, side // 2), side // 2 - 2, (60, 60, 255, 255), -1, cv2.LINE_AA)
    dot[..., :3] = (60, 60, 255)
    return dot
