"""What `realtime train` says while it runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

if TYPE_CHECKING:
    from stylecam.training.train_record import TrainRecord

__all__ = ["LINE_EVERY", "Reporter", "say_stopping"]

LINE_EVERY = 50  # steps between two lines where stderr is no terminal


class Reporter:
    """Progress on stderr: a live line in a terminal, else a plain line now and then."""

    def __init__(self) -> None:
        self.last: TrainRecord | None = None
        console = Console(stderr=True)
        columns = [BarColumn(bar_width=12), MofNCompleteColumn(), TextColumn("{task.description}")]
        self._progress = Progress(*columns, console=console) if console.is_terminal else None
        self._task: Any = None

    def __enter__(self) -> Reporter:
        click.echo("loading the pictures and the VGG", err=True)
        return self

    def __exit__(self, *error: object) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.stop()

    def show(self, record: TrainRecord) -> None:
        """Takes note of one finished step."""
        self.last = record
        if self._progress is None:
            if record.step % LINE_EVERY == 0 or record.step in (1, record.steps):
                click.echo(f"step {record.step}/{record.steps}: {_summary(record)}", err=True)
        else:
            if self._task is None:
                self._progress.start()
                self._task = self._progress.add_task("", total=record.steps)
            self._progress.update(self._task, completed=record.step, description=_summary(record))

    def finishing(self) -> None:
        """Says why it goes on after the last step."""
        if self._progress is not None:
            self._progress.stop()  # its line stays, this one comes below it
        click.echo("finishing: measuring a style may take some minutes", err=True)


def say_stopping() -> None:
    """Said at the first Ctrl-C."""
    click.echo("\nrealtime: finishing this step and saving; Ctrl-C again stops at once", err=True)


def _summary(record: TrainRecord) -> str:
    left = time.strftime("%H:%M:%S", time.gmtime(record.seconds_left)) if record.seconds_left < 86400 else "over a day"
    skipped = f", {record.unreadable} unreadable" if record.unreadable else ""
    parts = ", ".join(f"{name} {value:.3g}" for name, value in record.losses.items() if value)  # 0: not asked for
    return f"{record.pictures_per_second:.1f} pictures/s, {left} left{skipped}, loss {record.total:.4g} ({parts})"
