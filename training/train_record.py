"""What a training tells of each of its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["TrainRecord"]


@dataclass(frozen=True)
class TrainRecord:
    """One finished step; `total` is what was minimised. A loss is an attribute too: ``record.style``."""

    step: int  # steps done, from 1
    steps: int
    total: float
    losses: Mapping[str, float]  # each loss of the table by its name, unweighted; 0: it is not asked for
    style_weight: float
    learning_rate: float
    pictures_per_second: float
    seconds_left: float  # at the mean rate since this call began
    unreadable: int  # content pictures skipped so far

    def __getattr__(self, name: str) -> float:
        try:
            loss: float = self.__dict__["losses"][name]  # not `self.losses`: a copy in the making has none yet
        except KeyError:
            raise AttributeError(f"a step has no {name}") from None
        return loss
