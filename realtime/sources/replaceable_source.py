"""A source in whose place another one may step, while it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from fractions import Fraction
from types import TracebackType
from typing import Any, Self

from stylecam.realtime.video.frame import Frame, FrameSource

__all__ = ["ReplaceableSource"]


class ReplaceableSource:
    """The source that `opener` opens, until `replace` gives another. A `FrameSource`; its counts go over them all."""

    def __init__(self, opener: AbstractContextManager[FrameSource]) -> None:
        self._opener = opener
        self._source: FrameSource
        self._captured = self._dropped = 0  # of those before
        self._damaged: str | None = None

    def __enter__(self) -> Self:
        self._source = self._opener.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opener.__exit__(kind, error, trace)

    def replace(self, opener: AbstractContextManager[FrameSource]) -> None:
        """Goes on with another source. Raises what opening it raises, and then goes on with the present one."""
        source = opener.__enter__()
        self._captured, self._dropped, self._damaged = self.captured, self.dropped, self.damaged
        before, self._source, self._opener = self._opener, source, opener
        before.__exit__(None, None, None)

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
