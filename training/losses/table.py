"""The losses that a training may minimise: one row each, and one file each.

A row's weight becomes the setting ``NAME_weight`` of `TrainOptions` and of recipes and the option ``--NAME-weight``;
its value becomes ``losses["NAME"]`` of a `TrainRecord`, a column of metrics.csv, a curve of the loss plot and a part of
the progress line. This module imports no torch: the command's help is made from it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from stylecam.training.losses.step import Step

__all__ = ["LOSSES", "Loss"]


@dataclass(frozen=True)
class Loss:
    """One term of the total loss. With a weight of 0 it is not computed, and its value counts as 0."""

    name: str  # an identifier
    weight: float  # the default
    help: str  # one sentence for the command's help
    term: str  # "module:function" of what `function` returns; a name, so that no torch is imported before it is asked
    highest: float = 1e6  # the largest weight that is allowed; the smallest is 0
    of_photos: bool = False  # whether it compares with photographs: without any its weight is 0

    @property
    def setting(self) -> str:
        """The weight's name in `TrainOptions` and in recipes."""
        return f"{self.name}_weight"

    @property
    def flag(self) -> str:
        """The weight's name in the command."""
        return f"--{self.setting.replace('_', '-')}"

    def function(self) -> Callable[[Step], Tensor]:
        """The unweighted loss of a `Step`, a scalar with a gradient."""
        module, _, name = self.term.partition(":")
        found: Callable[[Step], Tensor] = getattr(importlib.import_module(module), name)
        return found


_HERE = "stylecam.training.losses"
LOSSES = (
    Loss("content", 1.0, "How much of the photo stays.", f"{_HERE}.content_loss:content_term", 1e12, of_photos=True),
    Loss("style", 4.0, "How strong the painting is; 3 to 10 is useful.", f"{_HERE}.style_loss:style_term", 1e12),
    Loss("swd", 3.0, "How much rare colours and strokes of the painting count.", f"{_HERE}.swd_loss:swd_term"),
    Loss("tv", 0.0, "Smoothness (total variation).", f"{_HERE}.tv_loss:tv_term"),
    Loss("grid", 100.0, "Removes grid patterns.", f"{_HERE}.grid_loss:grid_term"),
    Loss("stability", 2.0, "Steadiness from frame to frame.", f"{_HERE}.stability_loss:stability_term", of_photos=True),
)
