"""VGG's weights, made sure of before a command begins its work; says how a download goes."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

__all__ = ["LINE_SECONDS", "LINE_SHARE", "fetch_vgg"]

# Where stderr is no terminal a line comes after so many seconds, or so large a share of the whole.
LINE_SECONDS = 10.0
LINE_SHARE = 0.1


def fetch_vgg(
    given: Path | None, inputs: Iterable[Path | None] = (), depth: int = 16, show: bool = True
) -> Path | None:
    """The file of the VGG's weights: `given`, else the kept one, which is fetched where there is none.

    Nothing is fetched, and None returned, where one of `inputs` does not exist: the command is to refuse it at once.
    `show`: whether to tell, of several processes one. Ctrl-C keeps what has come, and ends the command with a sentence.
    Raises `VGGWeightsError`.
    """
    if given is not None or not all(path.exists() for path in inputs if path is not None):
        return given
    from stylecam.training.vgg_store import kept_weights

    with _Download(f"downloading VGG-{depth}'s weights", show) as shown:
        try:
            return kept_weights(depth, shown.update)
        except KeyboardInterrupt:
            if not shown.began:
                raise
            shown.close()
            if show:
                click.echo("realtime: stopped the download: the same command goes on from there", err=True)
            raise click.exceptions.Exit(130) from None


class _Download:
    """A bar on stderr in a terminal, else a plain line now and then; nothing where nothing comes."""

    def __init__(self, what: str, show: bool) -> None:
        self.began = False
        self._what, self._show = what, show
        self._said, self._said_at = 0, -math.inf  # what the last line told, and when
        self._bar: Progress | None = None
        self._task: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Leaves the bar as it is."""
        if self._bar is not None:
            self._bar.stop()

    def update(self, done: int, total: int) -> None:
        """Shows that `done` bytes of `total` are there, 0 for an unknown number."""
        if not self.began and self._show:
            self._begin(done)
        self.began = True
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total or None)
        elif self._show and self._due(done, total):
            of = f" of {total / 1e6:.0f}" if total else ""
            click.echo(f"{self._what}: {done / 1e6:.0f}{of} MB", err=True)
            self._said, self._said_at = done, time.monotonic()

    def _begin(self, done: int) -> None:
        console = Console(stderr=True)
        if console.is_terminal:
            columns = (BarColumn(bar_width=16), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
            self._bar = Progress(TextColumn("{task.description}"), *columns, console=console)
            self._bar.start()
            # Where it goes on, what was there before did not come so fast.
            self._task = self._bar.add_task(self._what, completed=done, total=None)

    def _due(self, done: int, total: int) -> bool:
        late = time.monotonic() - self._said_at >= LINE_SECONDS
        share = total > 0 and (done - self._said >= LINE_SHARE * total or done == total > self._said)
        return late or share
