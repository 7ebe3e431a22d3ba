"""The styles of a live session, loaded ahead so that a switch costs nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from stylecam.models.errors import StylecamError
from stylecam.realtime.painting.stylizer import Stylizer

__all__ = ["LoadedStyles"]


class LoadedStyles:
    """Stylizers by number, in the order of the number keys. The first is there at once, the others soon.

    `load(name)` makes the stylizer of a name. A style that fails to load says so in `problem`.
    """

    def __init__(self, names: list[str], first: str, load: Callable[[str], Stylizer]) -> None:
        self.names = names if first in names else [first, *names]
        self.first = self.names.index(first)
        self._load = load
        self._stylizers: dict[int, Stylizer] = {self.first: load(first)}
        self._problems: dict[int, str] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._load_others, name="style-loader")

    def __len__(self) -> int:
        return len(self.names)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def get(self, number: int) -> Stylizer | None:
        """The stylizer, or None while it is being loaded or when it has a `problem`."""
        return self._stylizers.get(number)

    def problem(self, number: int) -> str | None:
        """Why a style cannot be had."""
        return self._problems.get(number)

    @property
    def loading(self) -> bool:
        """Whether others are being loaded, which takes some of the processor."""
        return self._thread.is_alive()

    def wait(self, timeout: float) -> bool:
        """Waits until all styles are loaded; False when they are not within `timeout` seconds."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _load_others(self) -> None:
        after = range(self.first + 1, len(self.names))
        for number in (*after, *range(self.first)):
            if self._stop.is_set():
                return
            try:
                self._stylizers[number] = self._load(self.names[number])
            except StylecamError as error:
                self._problems[number] = str(error)
