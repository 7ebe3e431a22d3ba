"""Grids of settings: every combination of the values that are to be compared."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from stylecam.models.errors import OptionsError

__all__ = ["Sweep", "parse_sweep"]

MOST_CELLS = 100


@dataclass(frozen=True)
class Sweep:
    """The settings of each cell, as text by their keys in `Method` (or ``method``), in rows of `columns`."""

    cells: tuple[dict[str, str], ...]
    columns: int

    def label(self, number: int) -> str:
        """What tells a cell from the others: ``style-weight=1e3, init=noise``."""
        names = {"content_layers": "content-layer"}
        found = self.cells[number].items()
        return ", ".join(f"{names.get(key, key.replace('_', '-'))}={value}" for key, value in found)


def parse_sweep(texts: Sequence[str]) -> Sweep:
    """``style-weight=1e3,1e4`` and one more at most: the first changes from row to row, the last from column to column.

    Values that hold commas are separated by semicolons: ``style-layers=relu1_1;relu1_1,relu2_1``. Without texts there
    is one cell of no settings. Raises `OptionsError`.
    """
    if len(texts) > 2:
        raise OptionsError(f"--sweep is given twice at most, not {len(texts)} times: a sheet has rows and columns")
    axes = []
    for text in texts:
        key, equals, values = text.partition("=")
        found = [v.strip() for v in values.split(";" if ";" in values else ",") if v.strip()]
        if not equals or not key.strip() or not found:
            raise OptionsError(f"--sweep is KEY=VALUE,VALUE,..., not {text!r}")
        name = key.strip().replace("-", "_")
        axes.append([({"content_layer": "content_layers"}.get(name, name), value) for value in found])
    cells = tuple(dict(cell) for cell in itertools.product(*axes))
    if len(cells) > MOST_CELLS or any(len(cell) < len(axes) for cell in cells):
        raise OptionsError(f"--sweep makes {MOST_CELLS} pictures at most, from two different settings")
    return Sweep(cells, len(axes[-1]) if axes else 1)
