"""What `realtime optimize` says while it works."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.status import Status

if TYPE_CHECKING:
    from stylecam.training.optimize.optimize import OptimizeRecord

__all__ = ["LINE_EVERY", "OptimizeReporter"]

LINE_EVERY = 10  # iterations between two lines where stderr is no terminal


class OptimizeReporter:
    """Progress on stderr: a live line in a terminal, else a plain line now and then."""

    def __init__(self, label: str = "") -> None:
        self._label = f"{label}: " if label else ""
        self._began = time.monotonic()
        self._status: Status | None = None
        console = Console(stderr=True)
        if console.is_terminal:
            self._status = console.status("loading the pictures and the VGG")

    def __enter__(self) -> OptimizeReporter:
        if self._status:
            self._status.start()
        else:
            click.echo(f"{self._label}loading the pictures and the VGG", err=True)
        return self

    def __exit__(self, *error: object) -> None:
        if self._status:
            self._status.stop()

    def show(self, record: OptimizeRecord) -> None:
        """Takes note of one iteration."""
        if not record.iteration:
            self._began = time.monotonic()
        text = f"{self._label}iteration {record.iteration}/{record.iterations}: {self._summary(record)}"
        if self._status:
            self._status.update(text)
        elif record.iteration % LINE_EVERY == 0 or record.iteration in (1, record.iterations):
            click.echo(text, err=True)

    def _summary(self, record: OptimizeRecord) -> str:
        parts = f"content {record.content:.3g}, style {record.style:.3g}, tv {record.tv:.3g}"
        spent = time.monotonic() - self._began
        seconds = spent / record.iteration * (record.iterations - record.iteration) if record.iteration else 0.0
        left = f", {seconds:.0f} s left" if seconds else ""
        return f"objective {record.objective:.4g} ({parts}){left}"
