"""A network that learns: one step of its optimizer after the other."""

from __future__ import annotations

import math
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor

from stylecam.models.checkpoint import Checkpoint
from stylecam.models.errors import OptionsError
from stylecam.training.losses.objective import Objective
from stylecam.training.muon import make_optimizer
from stylecam.training.options import TrainOptions
from stylecam.training.schedule import learning_rate_at
from stylecam.training.state import flat_optimizer, restore_optimizer

__all__ = ["Learner"]


class Learner:
    """The network of `state` and its optimizer, on the devices of `fabric`; where the run goes on, as they were.

    Raises `CheckpointError` where the state holds another optimizer's.
    """

    def __init__(self, fabric: Fabric, state: Checkpoint, options: TrainOptions, goes_on: bool) -> None:
        self._fabric, self._options = fabric, options
        network = state.network.train().to(memory_format=torch.channels_last)
        optimizer = make_optimizer(options.optimizer, network, options.learning_rate)
        self._network, self._optimizer = fabric.setup(network, optimizer)
        if goes_on:
            restore_optimizer(self._optimizer, state.optimizer)  # after setup, which moves the parameters

    @property
    def network(self) -> Any:
        """The network itself, without the wrapper that waits for the other processes."""
        return self._network.module

    def step(self, objective: Objective, step: int, pictures: Tensor) -> dict[str, Any]:
        """Learns from uint8 pictures `[N, 3, H, W]`; returns the losses, and the weights and rate they went with.

        Raises `OptionsError` where they are no finite numbers any more, and leaves the weights as they were.
        """
        options, fabric = self._options, self._fabric
        rate = learning_rate_at(step, options.steps, options.learning_rate, options.schedule)
        for group in self._optimizer.param_groups:
            group["lr"] = rate * group.get("share", 1.0)
        photos = pictures.to(fabric.device).contiguous(memory_format=torch.channels_last).float() / 255
        draw = step * fabric.world_size + fabric.global_rank
        total, parts = objective(self._network, photos, step, draw)
        self._optimizer.zero_grad(set_to_none=True)
        fabric.backward(total)
        limit = options.clip or math.inf
        norm = fabric.clip_gradients(self._network, self._optimizer, max_norm=limit, error_if_nonfinite=False)
        # Checked before the step: afterwards the weights would be lost.
        if not (math.isfinite(float(total.detach())) and norm is not None and math.isfinite(float(norm))):
            raise OptionsError(f"the loss is not a finite number at step {step + 1}: lower --learning-rate")
        self._optimizer.step()
        losses = {name: float(value.detach()) for name, value in parts.items()}
        style_weight = objective.weights(step)["style"]
        return {"total": float(total.detach()), "losses": losses, "style_weight": style_weight, "learning_rate": rate}

    def checkpoint(self, training: dict[str, Any]) -> Checkpoint:
        """All that is needed to go on, with what `training` says of the run."""
        return Checkpoint(self.network, training, flat_optimizer(self._optimizer))
