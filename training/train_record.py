"""What a training tells of each of its steps."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TrainRecord"]


@dataclass(frozen=True)
class TrainRecord:
    """One finished step. Losses are unweighted; `total` is what was minimised."""

    step: int  # steps done, from 1
    steps: int
    total: float
    content: float
    style: float
    swd: float
    tv: float
    stability: float
    grid: float
    style_weight: float
    learning_rate: float
    pictures_per_second: float
    seconds_left: float  # at the mean rate since this call began
    unreadable: int  # content pictures skipped so far
