"""What a lesson shows in the window: the painting, how long it has been learnt, the loss, and what may be pressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from stylecam.realtime.live.canvas import Panel
from stylecam.realtime.live.frame_sink import View
from stylecam.realtime.live.lesson import Lesson
from stylecam.realtime.live.text import GREY, GROUND, OPAQUE, WHITE, text_panel
from stylecam.realtime.video.libraries import cv2

__all__ = ["LessonPanels"]

EDGE = 8  # px
SIDE = 9  # of the painting, in heights of the text
CURVE = (12, 3)  # width and height of the loss's curve, likewise
CURVE_COLOUR = (90, 190, 255)
POINTS = 120


class LessonPanels:
    """The panels of one lesson; what does not change from frame to frame is drawn once."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self._drawn: dict[str, tuple[tuple[int, ...], np.ndarray]] = {}

    def __call__(self, view: View) -> list[Panel]:
        """In the lower right corner, one above the other: the painting, the curve, the words."""
        lesson, text = self.lesson, view.text
        while text > 9 and (SIDE + CURVE[1] + 4) * text > 0.75 * view.size[1]:
            text -= 1
        images = [
            self._once("painting", (text,), lambda: _framed(lesson.painting, SIDE * text)),
            self._once("curve", (text, len(lesson.losses)), lambda: _curve(lesson.losses, text)),
            _words(lesson, text),
        ]
        bottom, panels = view.size[1] - EDGE, []
        for image in reversed(images):
            bottom -= image.shape[0]
            panels.append(Panel(image, view.size[0] - EDGE - image.shape[1], bottom))
            bottom -= 4
        return panels[::-1]

    def _once(self, name: str, of: tuple[int, ...], draw: Callable[[], np.ndarray]) -> np.ndarray:
        """The image of this name, drawn anew where that `of` which it is has changed."""
        if name not in self._drawn or self._drawn[name][0] != of:
            self._drawn[name] = of, draw()
        return self._drawn[name][1]


def _words(lesson: Lesson, text: int) -> np.ndarray:
    steps = f", {len(lesson.losses)} steps"
    if lesson.problem is not None:
        said = "learning has stopped"
    elif lesson.learning:
        said = f"{lesson.seconds:.0f} of {lesson.until:.0f} s{steps}" if lesson.seconds else "getting ready to learn"
    else:
        said = f"learnt for {lesson.seconds:.0f} s{steps}"
    if lesson.kept:
        return text_panel([(("measuring the new style", WHITE),)], text)
    leave = "q: leave" if lesson.alone else "l: stop"
    return text_panel([((said, WHITE),), (("enter: keep   +: one more minute", GREY),), ((leave, GREY),)], text)


def _curve(losses: Sequence[float], text: int) -> np.ndarray:
    """The loss over the steps, on a logarithmic scale, newest at the right."""
    width, height = CURVE[0] * text, CURVE[1] * text
    image = np.empty((height, width, 4), np.uint8)
    image[:] = (*GROUND, OPAQUE)
    if len(losses) > 1:
        # Means over the steps of each point: single ones waver more than they fall.
        parts = np.array_split(np.log(np.maximum(losses, 1e-6)), min(POINTS, len(losses)))
        levels = np.array([part.mean() for part in parts])
        span = max(1e-6, float(np.ptp(levels)))
        x = np.linspace(4, width - 5, len(levels))
        y = (height - 5) - (levels - levels.min()) / span * (height - 10)
        points = np.stack([x, y], axis=1).round().astype(np.int32)
        cv2.polylines(image, [points[:, None]], False, (*CURVE_COLOUR, 255), max(1, text // 10), cv2.LINE_AA)
    return image


def _framed(painting: np.ndarray, side: int) -> np.ndarray:
    """The painting within a square of `side` px, with an edge: uint8 `[h, w, 4]`, BGRA."""
    scale = side / max(painting.shape[:2])
    size = max(8, round(painting.shape[1] * scale)), max(8, round(painting.shape[0] * scale))
    small = cv2.resize(painting, size, interpolation=cv2.INTER_AREA)
    image = np.dstack([small, np.full(small.shape[:2], 255, np.uint8)])
    cv2.rectangle(image, (0, 0), (size[0] - 1, size[1] - 1), (*WHITE, 255), 1)
    return image
