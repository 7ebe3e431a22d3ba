"""What is drawn over the picture in the window, and in nothing that is saved."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from stylecam.realtime.live import hud

__all__ = ["Overlay"]

MESSAGE_SECONDS = 4.0


class Overlay:
    """The figures, the help, and a sentence for a while; the keys switch the first two."""

    def __init__(self, styles: Sequence[str]) -> None:
        self.hud, self.help = True, False
        self._styles = styles
        self._message, self._until = "", 0.0

    def say(self, sentence: str, seconds: float = MESSAGE_SECONDS) -> None:
        """Shows a sentence for so long, in place of an earlier one."""
        self._message, self._until = sentence, time.monotonic() + seconds

    def draw(self, picture: np.ndarray, figures: Callable[[], hud.Hud]) -> np.ndarray:
        """`picture` with what there is to draw over it; the picture itself stays as it is."""
        message = time.monotonic() < self._until
        if not (self.hud or self.help or message):
            return picture
        shown = picture.copy()
        figures_end = hud.draw_hud(shown, figures()) if self.hud else 0
        if self.help:
            hud.draw_help(shown, self._styles, figures_end)
        if message:
            hud.draw_message(shown, self._message)
        return shown
