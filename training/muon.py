"""Muon: the optimizer that trains the networks in two thirds of Adam's steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["Muon", "make_optimizer", "orthogonalized"]

# The quintic of Jordan et al. 2024, whose slope at 0 is as steep as it can be.
_QUINTIC = (3.4445, -4.7750, 2.0315)
# A step's size in units of `lr`: an orthogonal matrix is much smaller, weight by weight, than a step of Adam.
MATRIX_RATE = 10.0


def make_optimizer(name: str, network: nn.Module, lr: float) -> torch.optim.Optimizer:
    """The optimizer ``muon`` or ``adam`` of all parameters that learn."""
    return Muon(network, lr) if name == "muon" else torch.optim.Adam(network.parameters(), lr=lr)


def orthogonalized(matrix: Tensor, iterations: int = 5) -> Tensor:
    """The nearest semi-orthogonal matrix of `[M, N]`, roughly: singular values come out between 0.7 and 1.2.

    Newton-Schulz iterations of Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks".
    """
    wide = matrix.shape[0] <= matrix.shape[1]
    x: Tensor = matrix if wide else matrix.T
    x = x / (x.norm() + 1e-7)
    a, b, c = _QUINTIC
    for _ in range(iterations):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x if wide else x.T


class Muon(torch.optim.Optimizer):
    """Momentum made orthogonal for the kernels of convolutions, Adam (Kingma and Ba 2015) for everything else.

    A kernel `[M, C, K, K]` counts as a matrix `[M, C K K]`. A `head`, whose rows are colours and not features, biases
    and norms are Adam's. `lr` is Adam's rate; kernels take `MATRIX_RATE` times as much.
    """

    def __init__(self, network: nn.Module, lr: float) -> None:
        named = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
        matrices = [p for name, p in named if p.ndim == 4 and "head" not in name.split(".")]
        chosen = {id(p) for p in matrices}
        others = [p for _, p in named if id(p) not in chosen]
        groups = [{"params": matrices, "matrices": True}, {"params": others, "matrices": False}]
        super().__init__([group for group in groups if group["params"]], {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One update from the gradients; `closure` is not supported."""
        if closure is not None:
            raise ValueError("Muon takes no closure")
        for group in self.param_groups:
            update = self._matrix_step if group["matrices"] else self._adam_step
            for parameter in group["params"]:
                if (gradient := parameter.grad) is not None:
                    update(parameter, gradient, self.state[parameter], group["lr"])

    @staticmethod
    def _matrix_step(p: Tensor, gradient: Tensor, state: dict[str, Any], lr: float) -> None:
        average = state.setdefault("exp_avg", torch.zeros_like(p))
        average.lerp_(gradient, 0.05)
        direction = orthogonalized(gradient.lerp(average, 0.95).flatten(1))  # Nesterov's look ahead
        tall = max(1.0, direction.shape[0] / direction.shape[1]) ** 0.5
        p.add_(direction.view(p.shape), alpha=-lr * MATRIX_RATE * tall)

    @staticmethod
    def _adam_step(p: Tensor, gradient: Tensor, state: dict[str, Any], lr: float) -> None:
        if not state:
            state.update(exp_avg=torch.zeros_like(p), exp_avg_sq=torch.zeros_like(p), step=torch.zeros(()))
        state["step"] += 1
        state["exp_avg"].lerp_(gradient, 0.1)
        state["exp_avg_sq"].mul_(0.999).addcmul_(gradient, gradient, value=0.001)
        count = float(state["step"])
        size = lr / (1 - 0.9**count)
        p.addcdiv_(state["exp_avg"], (state["exp_avg_sq"] / (1 - 0.999**count)).sqrt() + 1e-8, value=-size)
