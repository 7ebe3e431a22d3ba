"""A source in whose place another one may step, while it is read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from fractions import Fraction
from types import TracebackType
from typing import Any, Self

from stylecam.realtime.video.frame import Frame, FrameSource

__all__ = ["Opener", "ReplaceableSource"]

Opener = Callable[[], AbstractContextManager[FrameSource]]
"""Makes a source that is opened when it is entered."""


class ReplaceableSource:
    """The source that `first` opens, until another one that was asked for is there. A `FrameSource`.

    Others are opened and closed in a thread beside the reading, which cameras and damaged files may keep for seconds.
    Its counts go over them all; all else that it says is the present one's.
    """

    def __init__(self, first: Opener) -> None:
        self._first = first
        self._opener = first()
        self._source: FrameSource
        self._captured = self._dropped = 0  # of those before
        self._damaged: str | None = None
        self._beside = ThreadPoolExecutor(1, "source-opener")
        self._coming: deque[Future[tuple[AbstractContextManager[FrameSource], FrameSource]]] = deque()

    def __enter__(self) -> Self:
        self._source = self._opener.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._opener.__exit__(kind, error, trace)
        finally:
            self._beside.shutdown(cancel_futures=True)
            for coming in self._coming:
                if not coming.cancelled() and coming.exception() is None:
                    coming.result()[0].__exit__(None, None, None)

    def ask(self, opener: Opener) -> None:
        """Has another source opened; `arrived` goes on with it."""
        self._coming.append(self._beside.submit(self._open, opener))

    def ask_first(self) -> None:
        """Has the first source opened again."""
        self.ask(self._first)

    def arrived(self, timeout: float = 0) -> bool:
        """Goes on with the next source that was asked for, if it is open within `timeout` seconds; True where it has.

        Raises what opening it raised, and then goes on with the present one.
        """
        if not self._coming or not wait([self._coming[0]], timeout).done:
            return False
        opener, source = self._coming.popleft().result()
        self._captured, self._dropped, self._damaged = self.captured, self.dropped, self.damaged
        before, self._source, self._opener = self._opener, source, opener
        self._beside.submit(before.__exit__, None, None, None)
        return True

    @staticmethod
    def _open(opener: Opener) -> tuple[AbstractContextManager[FrameSource], FrameSource]:
        manager = opener()
        return manager, manager.__enter__()

    @property
    def name(self) -> str:
        """The present one's, as all that is said here."""
        return self._source.name

    @property
    def live(self) -> bool:
        """As `FrameSource.live`."""
        return self._source.live

    @property
    def mirrors(self) -> bool:
        """As `FrameSource.mirrors`."""
        return self._source.mirrors

    @property
    def size(self) -> tuple[int, int]:
        """As `FrameSource.size`."""
        return self._source.size

    @property
    def fps(self) -> Fraction | None:
        """As `FrameSource.fps`."""
        return self._source.fps

    @property
    def time_base(self) -> Fraction | None:
        """As `FrameSource.time_base`."""
        return self._source.time_base

    @property
    def sound(self) -> Callable[[], Any] | None:
        """As `FrameSource.sound`."""
        return self._source.sound

    @property
    def captured(self) -> int:
        """Frames of all sources so far."""
        return self._captured + self._source.captured

    @property
    def dropped(self) -> int:
        """Frames of all sources so far that nobody read."""
        return self._dropped + self._source.dropped

    @property
    def problem(self) -> str | None:
        """As `FrameSource.problem`."""
        return self._source.problem

    @property
    def still(self) -> bool:
        """As `FrameSource.still`."""
        return self._source.still

    @property
    def notes(self) -> Sequence[str]:
        """As `FrameSource.notes`."""
        return self._source.notes

    @property
    def damaged(self) -> str | None:
        """Of the first one that is damaged."""
        return self._damaged or self._source.damaged

    def read(self, timeout: float) -> Frame | None:
        """As `FrameSource.read`."""
        return self._source.read(timeout)
