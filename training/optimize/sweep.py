"""Sheets of settings: every combination of the values that are to be compared, or changes one after the other."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from stylecam.models.errors import OptionsError

__all__ = ["Sweep", "parse_changes", "parse_sweep"]

MOST_CELLS = 100
ROW = 6  # cells of changes side by side
_FIELDS = {"content_layer": "content_layers"}  # settings whose option is called otherwise
_OPTIONS = {field: option for option, field in _FIELDS.items()}


@dataclass(frozen=True)
class Sweep:
    """The settings of each cell, as text by their keys in `Method` (or ``method``), in rows of `columns`.

    `labels` are what tells a cell from the others: ``style-weight=1e3, init=noise``.
    """

    cells: tuple[dict[str, str], ...]
    labels: tuple[str, ...]
    columns: int


def parse_sweep(texts: Sequence[str]) -> Sweep:
    """``style-weight=1e3,1e4`` and one more at most: the first changes from row to row, the last from column to column.

    Values that hold commas are separated by semicolons: ``style-layers=relu1_1;relu1_1,relu2_1``. Without texts there
    is one cell of no settings. Raises `OptionsError`.
    """
    if len(texts) > 2:
        raise OptionsError(f"give --sweep at most twice, for rows and columns, not {len(texts)} times")
    axes = []
    for text in texts:
        key, equals, values = text.partition("=")
        found = [v.strip() for v in values.split(";" if ";" in values else ",") if v.strip()]
        if not equals or not key.strip() or not found:
            raise OptionsError(f"--sweep must be KEY=VALUE,VALUE,..., not {text!r}")
        axes.append([(_field(key), value) for value in found])
    cells = tuple(dict(cell) for cell in itertools.product(*axes))
    if len(cells) > MOST_CELLS or any(len(cell) < len(axes) for cell in cells):
        raise OptionsError(f"--sweep makes at most {MOST_CELLS} pictures, from two different settings")
    return Sweep(cells, tuple(map(_label, cells)), len(axes[-1]) if axes else 1)


def parse_changes(texts: Sequence[str]) -> Sweep:
    """``style-layers=all style-weight=0.1`` and more: each cell has the changes of those before it too.

    The first cell has none, and the label says what is new. Raises `OptionsError`.
    """
    cells: list[dict[str, str]] = [{}]
    labels = ["as it is"]
    for text in texts:
        change = {}
        for part in text.split():
            key, equals, value = part.partition("=")
            if not equals or not key or not value:
                raise OptionsError(f"--change must be KEY=VALUE, or several separated by spaces, not {text!r}")
            change[_field(key)] = value
        if not change:
            raise OptionsError("--change must be KEY=VALUE, or several separated by spaces, not empty")
        cells.append({**cells[-1], **change})
        labels.append(f"and {_label(change)}")
    if len(cells) > MOST_CELLS:
        raise OptionsError(f"--change makes at most {MOST_CELLS} pictures")
    return Sweep(tuple(cells), tuple(labels), min(len(cells), ROW))


def _field(key: str) -> str:
    name = key.strip().replace("-", "_")
    return _FIELDS.get(name, name)


def _label(cell: dict[str, str]) -> str:
    return ", ".join(f"{_OPTIONS.get(key, key).replace('_', '-')}={value}" for key, value in cell.items())
