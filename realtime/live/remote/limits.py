"""What the server of the page takes at most, and how often."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Allowance", "Limits", "Pace"]

_PEERS = 1024  # whose pace is remembered; those that were not heard of for longest are forgotten


@dataclass(frozen=True)
class Limits:
    """How much of everything, in bytes, seconds, or at the same time."""

    connections: int = 96
    streams: int = 16  # who look at the video
    sockets: int = 32  # pages that are open
    body: int = 4096
    asks_a_second: float = 60.0  # of one address, and of one page
    wrong_tokens_a_minute: float = 10.0  # of one address
    slow_seconds: float = 10.0  # for a request to be whole
    stalled_seconds: float = 20.0  # after which a client that takes nothing is dropped


class Allowance:
    """A bucket that holds `most` and fills by `rate` a second."""

    def __init__(self, rate: float, most: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._most, self._clock = rate, most, clock
        self._left, self._at = most, clock()

    @property
    def left(self) -> bool:
        """Whether there is one left."""
        now = self._clock()
        self._left, self._at = min(self._most, self._left + (now - self._at) * self._rate), now
        return self._left >= 1

    def take(self) -> bool:
        """Takes one; False where none is left."""
        if not self.left:
            return False
        self._left -= 1
        return True


class Pace:
    """An allowance for each peer, by its address."""

    def __init__(self, rate: float, most: float) -> None:
        self._rate, self._most = rate, most
        self._peers: OrderedDict[str, Allowance] = OrderedDict()

    def of(self, peer: str | None) -> Allowance:
        """The allowance of a peer."""
        key = peer or ""
        allowance = self._peers.setdefault(key, Allowance(self._rate, self._most))
        self._peers.move_to_end(key)
        if len(self._peers) > _PEERS:
            self._peers.popitem(last=False)
        return allowance
