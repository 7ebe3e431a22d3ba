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
# So many inputs of a head may each go a whole step of Adam's: those of tier fast. All move alike on plain areas, so the
# 2,592 of the network of Johnson et al. would together change a colour by more than there is between black and white.
HEAD_INPUTS = 144


def make_optimizer(name: str, network: nn.Module, lr: float) -> torch.optim.Optimizer:
    """The optimizer ``muon`` or ``adam`` of all parameters that learn.

    Of Adam's, each group of parameters has a ``share``: so much of the rate that is set later on is its own.
    """
    if name == "muon":
        return Muon(network, lr)
    groups: dict[float, list[Tensor]] = {}
    for key, parameter in network.named_parameters():
        groups.setdefault(_share(parameter) if _is_head(key) else 1.0, []).append(parameter)
    return torch.optim.Adam([{"params": of, "lr": lr * share, "share": share} for share, of in groups.items()])


def orthogonalized(matrix: Tensor, iterations: int = 5) -> Tensor:
    """The nearest semi-orthogonal matrix of `[..., M, N]`, roughly: singular values come out between 0.7 and 1.2.

    Newton-Schulz iterations of Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks".
    """
    wide = matrix.shape[-2] <= matrix.shape[-1]
    x: Tensor = matrix if wide else matrix.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    a, b, c = _QUINTIC
    for _ in range(iterations):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x if wide else x.mT


class Muon(torch.optim.Optimizer):
    """Momentum made orthogonal for the kernels of convolutions, Adam (Kingma and Ba 2015) for everything else.

    A kernel `[M, C, K, K]` counts as a matrix `[M, C K K]`. A `head`, whose rows are colours and not features, biases
    and norms are Adam's. `lr` is Adam's rate; kernels take `MATRIX_RATE` times as much, a head with more than
    `HEAD_INPUTS` in proportion less (as Yang et al. 2022, arXiv:2203.03466, do with a last layer). All parameters are
    updated together: one by one, a GPU would wait for twice as many calls.
    """

    def __init__(self, network: nn.Module, lr: float) -> None:
        named = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
        matrices = [p for name, p in named if p.ndim == 4 and not _is_head(name)]
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
            parameters = [p for p in group["params"] if p.grad is not None]
            if parameters:
                update = _matrix_step if group["matrices"] else _adam_step
                update(parameters, [p.grad for p in parameters], [self.state[p] for p in parameters], group["lr"])


def _is_head(name: str) -> bool:
    return "head" in name.split(".")


def _share(parameter: Tensor) -> float:
    """Of Adam's rate, for a parameter of a head."""
    return min(1.0, HEAD_INPUTS / parameter[0].numel()) if parameter.ndim == 4 else 1.0


def _matrix_step(parameters: list[Tensor], gradients: list[Tensor], states: list[Any], lr: float) -> None:
    for p, state in zip(parameters, states, strict=True):
        if not state:
            state["exp_avg"] = torch.zeros_like(p)
    averages = [state["exp_avg"] for state in states]
    torch._foreach_lerp_(averages, gradients, 0.05)
    directions = torch._foreach_lerp(gradients, averages, 0.95)  # Nesterov's look ahead
    alike: dict[tuple[int, int], list[int]] = {}
    for place, p in enumerate(parameters):
        alike.setdefault((len(p), p[0].numel()), []).append(place)
    for (rows, columns), places in alike.items():
        updates = orthogonalized(torch.stack([directions[place].flatten(1) for place in places]))
        tall = max(1.0, rows / columns) ** 0.5
        for place, update in zip(places, updates, strict=True):
            parameters[place].add_(update.view(parameters[place].shape), alpha=-lr * MATRIX_RATE * tall)


def _adam_step(parameters: list[Tensor], gradients: list[Tensor], states: list[Any], lr: float) -> None:
    for p, state in zip(parameters, states, strict=True):
        if not state:
            state.update(exp_avg=torch.zeros_like(p), exp_avg_sq=torch.zeros_like(p), step=torch.zeros(()))
        state["step"] += 1
    averages, squares = ([state[name] for state in states] for name in ("exp_avg", "exp_avg_sq"))
    torch._foreach_lerp_(averages, gradients, 0.1)
    torch._foreach_mul_(squares, 0.999)
    torch._foreach_addcmul_(squares, gradients, gradients, value=0.001)
    counts = [float(state["step"]) for state in states]  # a painter whose turn it never was is behind the others
    roots = torch._foreach_sqrt(torch._foreach_div(squares, [1 - 0.999**n for n in counts]))
    torch._foreach_add_(roots, 1e-8)
    rates = [lr * _share(p) for p in parameters]  # kernels among them are those of heads
    steps = [-rate / (1 - 0.9**n) for rate, n in zip(rates, counts, strict=True)]
    torch._foreach_addcdiv_(parameters, averages, roots, steps)
