"""A mix of two painters in a live session: made anew beside the frames whenever its shares change."""

from __future__ import annotations

import threading

from stylecam.models.catalog import Style
from stylecam.models.errors import StylecamError
from stylecam.realtime.painting.stylizer import Stylizer

__all__ = ["LiveMix"]


class LiveMix:
    """Makes the mixes that are asked for, one at a time, always the newest. It is asked from one thread."""

    def __init__(self) -> None:
        self._wanted: tuple[Stylizer, Style, float] | None = None
        self._made: Stylizer | StylecamError | None = None
        self._thread: threading.Thread | None = None
        self._unwanted = False  # what is being made

    def ask(self, base: Stylizer, other: Style, share: float) -> None:
        """From now on `share`, 0..1, of the `other` style in `base` is wanted."""
        self._wanted = base, other, share
        self._go_on()

    def take(self) -> Stylizer | None:
        """A mix that has been made since the last call. Raises `StylecamError` where it could not be."""
        if self._thread is None or self._thread.is_alive():
            return None
        made, unwanted = self._made, self._unwanted
        self._made, self._thread, self._unwanted = None, None, False
        self._go_on()
        if unwanted:
            return None
        if isinstance(made, StylecamError):
            raise made
        return made

    def drop(self) -> None:
        """Nothing is wanted any more; what is being made will be thrown away."""
        self._wanted, self._unwanted = None, self._thread is not None

    def close(self) -> None:
        """Waits for what is being made."""
        self.drop()
        if self._thread is not None:
            self._thread.join()

    def _go_on(self) -> None:
        if self._thread is None and self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            self._thread = threading.Thread(target=self._make, args=wanted, name="style-mixer")
            self._thread.start()

    def _make(self, base: Stylizer, other: Style, share: float) -> None:
        try:
            self._made = base.towards(other, share)
        except StylecamError as error:
            self._made = error
