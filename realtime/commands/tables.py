"""How tables are printed."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

__all__ = ["print_table"]

UNBOUNDED = 160  # columns where no terminal bounds a table


def print_table(table: Table, unbounded: int = UNBOUNDED) -> None:
    """Prints a table on stdout; in a pipe or file with room for `unbounded` columns, not the 80 of an unknown one."""
    console = Console()
    (console if console.is_terminal else Console(width=unbounded)).print(table)
