"""The sinks of a live session, each of which is shown every picture."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from stylecam.models.errors import StylecamError
from stylecam.realtime.live.frame_sink import FrameSink

__all__ = ["Outputs"]


class Outputs:
    """Shows pictures to all sinks, and goes on with the others when one is lost. `say` gets a sentence for each loss.

    `failures` has the sentences of all that could not be shown or saved; `lost` is True once a sink was lost.
    """

    def __init__(self, sinks: Sequence[FrameSink], say: Callable[[str], None]) -> None:
        self.failures: list[str] = []
        self.lost = False
        self._sinks, self._say = tuple(sinks), say

    def __contains__(self, sink: object) -> bool:
        """Whether it is still shown pictures."""
        return any(sink is one for one in self._sinks)

    @property
    def none(self) -> bool:
        """Whether there is none to be shown pictures."""
        return not self._sinks

    def only(self, sink: FrameSink) -> bool:
        """Whether no other one is shown pictures."""
        return all(one is sink for one in self._sinks)

    def add(self, sink: FrameSink) -> None:
        """From now on it is shown pictures, before the others: what is seen is recorded."""
        self._sinks = (sink, *self._sinks)

    def remove(self, sink: FrameSink) -> None:
        """It is shown no more, and not closed."""
        self._sinks = tuple(one for one in self._sinks if one is not sink)

    def show(self, picture: np.ndarray | None, seconds: Fraction | float) -> None:
        """Shows all sinks a picture, or that there is none now, as `FrameSink.show` takes it."""
        for sink in self._sinks:
            sink.show(picture, seconds)
            if sink.lost is not None:
                self._lose(sink, sink.lost)

    def failed(self, sentence: str, lost: bool = False) -> None:
        """Something could not be saved; `lost`: and a sink with it."""
        self.failures.append(sentence)
        self.lost = self.lost or lost
        self._say(sentence)

    def _lose(self, sink: FrameSink, sentence: str) -> None:
        self.remove(sink)
        with contextlib.suppress(StylecamError):  # what it says is in `sentence`
            sink.close()
        self.failed(sentence, lost=True)
