"""The styles of a live session, loaded ahead so that a switch costs nothing."""

from __future__ import annotations

import threading
from collections import deque
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
        after = range(self.first + 1, len(self.names))
        self._pending = deque([*after, *range(self.first)])
        self._lock = threading.Lock()  # of what is pending, and whether a thread takes it
        self._loading = False
        self._thread: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self.names)

    def __enter__(self) -> Self:
        self._load_pending()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._stop.set()
        self.wait(None)

    def get(self, number: int) -> Stylizer | None:
        """The stylizer, or None while it is being loaded or when it has a `problem`."""
        return self._stylizers.get(number)

    def title(self, number: int) -> str:
        """The painting's title; until the style is loaded, its name."""
        stylizer = self.get(number)
        return stylizer.style.title if stylizer else self.names[number]

    def titled(self, number: int) -> str:
        """The painting's title with its painter; until the style is loaded, its name."""
        stylizer = self.get(number)
        artist = stylizer.style.artist if stylizer else ""
        return f"{self.title(number)}, {artist}" if artist else self.title(number)

    def thumbnail(self, number: int) -> bytes:
        """A PNG file; empty until the style is loaded, and where it has none."""
        stylizer = self.get(number)
        return (stylizer.style.thumbnail() if stylizer else None) or b""

    def problem(self, number: int) -> str | None:
        """Why a style cannot be had."""
        return self._problems.get(number)

    @property
    def loading(self) -> bool:
        """Whether others are being loaded, which takes some of the processor."""
        return self._loading

    def wait(self, timeout: float | None) -> bool:
        """Waits until all styles are loaded; False when they are not within `timeout` seconds."""
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def add(self, name: str) -> int:
        """One more style, or one anew that is there already; returns its number. It is loaded in the background."""
        if name not in self.names:
            self.names.append(name)
        number = self.names.index(name)
        self._problems.pop(number, None)
        self._pending.append(number)
        self._load_pending()
        return number

    def append(self, stylizer: Stylizer) -> int:
        """One more style, which is there at once; returns its number."""
        self.names.append(stylizer.style.name)
        number = len(self.names) - 1
        self._stylizers[number] = stylizer
        return number

    def take_out(self, number: int) -> None:
        """A style that is not painted with any more. Only the last number is free again: the others keep theirs."""
        stylizer = self._stylizers.pop(number, None)
        if stylizer is not None:
            stylizer.rest()
        if number == len(self.names) - 1:
            self.names.pop()
        else:
            self._problems[number] = f"{self.names[number]} was not kept"

    def put(self, number: int, stylizer: Stylizer) -> None:
        """Paints with another stylizer under this number from the next frame on; called by the thread that paints."""
        before, self._stylizers[number] = self._stylizers.get(number), stylizer
        if before is not None:
            before.rest()

    def _load_pending(self) -> None:
        with self._lock:
            if self._loading or not self._pending:
                return
            self._loading = True
        self._thread = threading.Thread(target=self._load_all, name="style-loader")
        self._thread.start()

    def _load_all(self) -> None:
        while True:
            with self._lock:
                if self._stop.is_set() or not self._pending:
                    self._loading = False
                    return
                number = self._pending.popleft()
            try:
                self._stylizers[number] = self._load(self.names[number])
            except StylecamError as error:
                self._problems[number] = str(error)
            except BaseException:
                self._loading = False
                raise
