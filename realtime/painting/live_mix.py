"""A mix of two painters in a live session: made anew beside the frames whenever its share changes."""

from __future__ import annotations

import threading

from stylecam.models.errors import StylecamError
from stylecam.realtime.painting.loaded_styles import LoadedStyles
from stylecam.realtime.painting.stylizer import Stylizer

__all__ = ["LiveMix"]


class LiveMix:
    """How much of another of `styles` is in the one that paints. Used from one thread; the mixes are made in another.

    share: 0..1, of the other one. stylizer: what paints meanwhile, None until the first mix is made.
    """

    def __init__(self, styles: LoadedStyles) -> None:
        self.stylizer: Stylizer | None = None
        self._styles, self._share = styles, 0.5
        self._before: int | None = None  # the style shown before the current one
        self._other: int | None = None  # the one that is mixed in
        self._asked: tuple[Stylizer, Stylizer, float] | None = None  # of what the last mix is, or will be
        self._thread: threading.Thread | None = None
        self._made: Stylizer | StylecamError | None = None
        self._unwanted = False  # whether what is being made is of a mix that has ended

    @property
    def share(self) -> float:
        """Of the other style."""
        return self._share

    @share.setter
    def share(self, share: float) -> None:
        self._share = share

    @property
    def on(self) -> bool:
        """Whether another style is mixed in."""
        return self._other is not None

    @property
    def settled(self) -> bool:
        """Whether what paints is the mix that was asked for last."""
        return self._thread is None and self._asked is not None and self._asked[2] == self._share

    @property
    def making(self) -> bool:
        """Whether a mix is being made, which takes some of the processor."""
        return self._thread is not None

    def begin(self, current: int, other: int | None = None) -> None:
        """Mixes in the `other` style, else the one shown before the `current` one; where none was, the next one."""
        if other is not None:
            self._other = other
        elif len(self._styles) > 1:
            self._other = (current + 1) % len(self._styles) if self._before is None else self._before

    def end(self) -> None:
        """Takes it out again. What is being made is thrown away when it is there."""
        self.stylizer, self._other, self._asked = None, None, None
        self._unwanted = self._thread is not None

    def forget(self) -> None:
        """Ends the mix, and no style is the one before any more."""
        self.end()
        self._before = None

    def left(self, number: int) -> None:
        """The style of this number has been left for another one, which ends the mix."""
        self.end()
        self._before = number

    def follow(self, current: int) -> str | None:
        """Between two frames: takes what has been made and asks for what is due; returns why it ended, if it did."""
        made = self._taken()
        if self._other is None:
            return None
        base, other = self._styles.get(current), self._styles.get(self._other)
        problem = str(made) if isinstance(made, StylecamError) else self._styles.problem(self._other)
        if problem is not None:
            self.end()
            return problem
        if isinstance(made, Stylizer):
            self.stylizer = made
        if base is None or other is None:  # still loading
            return None
        wanted = base, other, self._share
        # Anew where the share has changed, or a style of this name has been loaded anew.
        if self._thread is None and wanted != self._asked:
            self._asked = wanted
            self._thread = threading.Thread(target=self._make, args=wanted, name="style-mixer")
            self._thread.start()
        return None

    def close(self) -> None:
        """Waits for what is being made."""
        if self._thread is not None:
            self._thread.join()

    def _taken(self) -> Stylizer | StylecamError | None:
        """What has been made, unless the mix that it is of has ended since."""
        if self._thread is None or self._thread.is_alive():
            return None
        made, unwanted = self._made, self._unwanted
        self._made, self._thread, self._unwanted = None, None, False
        return None if unwanted else made

    def _make(self, base: Stylizer, other: Stylizer, share: float) -> None:
        try:
            self._made = base.towards(other.style, share)
        except StylecamError as error:
            self._made = error
