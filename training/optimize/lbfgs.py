"""L-BFGS on the pixels of a picture, one iteration at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Iteration", "iterations_until", "minimise"]

HISTORY = 30  # pairs of steps and gradient changes that stand for the curvature
LINE_SEARCH = 26  # evaluations that one iteration may take

# A picture `[1, 3, H, W]` to the scalar that is minimised.
PixelObjective = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Iteration:
    """The picture after `number` iterations, 0 for the start: `[1, 3, H, W]`, and its objective."""

    number: int
    objective: float
    picture: Tensor


def minimise(objective: PixelObjective, start: Tensor, history: int = HISTORY) -> Iterator[Iteration]:
    """Yields the start and then the picture after each iteration, with an objective that never rises.

    L-BFGS of Nocedal and Wright 2006, algorithm 7.5, with their strong Wolfe line search (algorithm 3.5). The
    pixels are free: they may leave 0..1. It ends only where no step lowers the objective any more, or where the
    objective stops being a finite number; the caller stops it before.
    """
    # L-BFGS works on the pixels as one row of numbers, which in channels_last would be a copy.
    pixels = start.detach().clone(memory_format=torch.contiguous_format).requires_grad_()
    # With one iteration in each step() they are counted exactly; what was learned of the curvature stays.
    # The limit is on the evaluations of one line search: torch's own would leave it none after the first.
    optimizer = torch.optim.LBFGS(
        [pixels], lr=1, max_iter=1, max_eval=LINE_SEARCH, history_size=history, line_search_fn="strong_wolfe"
    )
    evaluate = _Evaluation(objective, pixels)
    number, best = 0, float(evaluate())
    yield Iteration(0, best, pixels.detach().clone())
    while True:
        optimizer.step(evaluate)  # type: ignore[no-untyped-call]
        now = float(evaluate())
        if not now < best:  # not a finite number either; the line search gave up
            return
        number, best = number + 1, now
        yield Iteration(number, best, pixels.detach().clone())


class _Evaluation:
    """The objective and the pixels' gradient; asked again for the same pixels it answers from memory.

    step() begins with the point where the last line search ended: a third of the work for nothing.
    """

    def __init__(self, objective: PixelObjective, pixels: Tensor) -> None:
        self.objective, self.pixels = objective, pixels
        self.known: tuple[Tensor, Tensor, Tensor] | None = None  # pixels, objective, gradient

    def __call__(self) -> Tensor:
        if self.known is None or not torch.equal(self.known[0], self.pixels):
            with torch.enable_grad():
                value = self.objective(self.pixels)
                (gradient,) = torch.autograd.grad(value, self.pixels)
            self.known = self.pixels.detach().clone(), value.detach(), gradient.contiguous()
        self.pixels.grad = self.known[2].clone()
        return self.known[1]


def iterations_until(objective: PixelObjective, start: Tensor, goal: float, limit: int) -> int | None:
    """How many iterations from `start` reach an objective of at most `goal`; None when `limit` do not."""
    for iteration in minimise(objective, start):
        if iteration.objective <= goal:
            return iteration.number
        if iteration.number >= limit:
            break
    return None
