"""TensorBoard events of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from torch.utils.tensorboard import SummaryWriter

__all__ = ["Events"]


class Events:
    """Writes to `folder`; what an interrupted run wrote of steps after `first_step` is hidden."""

    def __init__(self, folder: Path, first_step: int) -> None:
        self._writer = SummaryWriter(str(folder), purge_step=first_step + 1 if first_step else None)

    def add(self, values: Mapping[str, float]) -> None:
        """A scalar for each of `values`, which hold their ``step`` too."""
        for name, value in values.items():
            if name != "step":
                self._writer.add_scalar(name, value, int(values["step"]))

    def picture(self, step: int, picture: np.ndarray) -> None:
        """uint8 `[H, W, 3]` RGB."""
        self._writer.add_image("preview", picture, step, dataformats="HWC")

    def close(self) -> None:
        """Ends the file."""
        self._writer.close()
