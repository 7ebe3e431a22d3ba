"""What `realtime convert` does once its options are understood: load, paint, show progress, make the sheet."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from stylecam.models.catalog import StyleCatalog
from stylecam.realtime.cluster import Cluster, Painter, connected
from stylecam.realtime.contact_sheet import Cell, check_sheet, contact_sheet
from stylecam.realtime.convert import ConvertOptions, Outcome, convert
from stylecam.realtime.convert_jobs import Job
from stylecam.realtime.interrupts import Interrupts
from stylecam.realtime.repainter import Look, Repainter, parallel_threads
from stylecam.realtime.sinks import save_png
from stylecam.realtime.stylizer import CPU, Stylizer
from stylecam.realtime.video_convert import VideoProgress

__all__ = ["check_sheet_path", "run"]

Say = Callable[[str], None]
SHEET_FRAMES = 4  # of a video
SHEET_FILES = 6


def check_sheet_path(path: Path | None) -> None:
    """Raises for a sheet that could not be saved."""
    if path is not None:
        check_sheet(path)


def run(
    jobs: Sequence[Job], styles: Sequence[str], look: Look, options: ConvertOptions, given: dict[str, Any], say: Say
) -> list[Outcome]:
    """Converts, saying each result; returns what became of the jobs that were begun."""
    at_once, threads = parallel_threads(look.lines)
    if len(jobs) == 1 and jobs[0].is_picture:
        at_once, threads = 1, 0
    repainter = Repainter(_load(styles, given, threads, say), look)
    if repainter.stylizers[0].provider != CPU:
        at_once = 2  # one is computed while the other one is copied
    outcomes: list[Outcome] = []
    with ExitStack() as stack:
        cluster = _cluster(stack, repainter, given)
        interrupts = stack.enter_context(Interrupts(lambda: say("stopping; Ctrl-C again stops at once")))
        progress = stack.enter_context(_Progress())
        interrupts.graceful = True
        options = replace(options, at_once=at_once)
        for outcome in convert(jobs, repainter, options, progress.show, lambda: interrupts.asked, cluster):
            outcomes.append(outcome)
            progress.clear()
            _tell(outcome, len(jobs), say)
    if given["sheet"] is not None and any(outcome.outputs for outcome in outcomes):
        save_png(given["sheet"], _sheet(outcomes, styles))
        say(f"saved {given['sheet']}")
    return outcomes


def _cluster(stack: ExitStack, repainter: Repainter, given: dict[str, Any]) -> Cluster | None:
    if given["ray"] is None:
        return None
    styles = tuple(stylizer.style for stylizer in repainter.stylizers)
    return stack.enter_context(connected(given["ray"], Painter(styles, given["device"], repainter.look)))


def _load(styles: Sequence[str], given: dict[str, Any], threads: int, say: Say) -> list[Stylizer]:
    catalog = StyleCatalog()
    stylizers = [Stylizer.load(name, given["tier"], given["device"], catalog, threads) for name in styles]
    if stylizers[0].fallback:
        say(stylizers[0].fallback)
    return stylizers


def _tell(outcome: Outcome, jobs: int, say: Say) -> None:
    if not outcome.outputs:
        if jobs > 1 or outcome.exit_code == 130:  # a single one is told by the command itself
            say(outcome.problem or "stopped")
        return
    rate = (outcome.frames - outcome.resumed_frames) / max(outcome.seconds, 1e-9)
    size = sum(path.stat().st_size for path in outcome.outputs) / 1e6
    frames = f", {outcome.frames} frames, {rate:.1f} a second" if outcome.frames > 1 else ""
    say(f"{outcome.source} -> {', '.join(map(str, outcome.outputs))} ({size:.1f} MB{frames})")
    for sentence in (*outcome.left_out, *([outcome.problem] if outcome.problem else [])):
        say(sentence)


class _Progress:
    """A live line on stderr where that is a terminal."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        columns = [
            TextColumn("{task.description}"),
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        ]
        self._progress = Progress(*columns, console=console, transient=True) if console.is_terminal else None
        self._task: Any = None
        self._began = 0.0

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *error: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Takes the line away."""
        if self._progress is not None and self._task is not None:
            self._progress.stop()
            self._progress.remove_task(self._task)
            self._task = None

    def show(self, job: Job, done: VideoProgress) -> None:
        """Shows how far a video is."""
        if self._progress is None:
            return
        if self._task is None:
            self._began = time.monotonic()
            self._progress.start()
            self._task = self._progress.add_task("", total=done.expected or None, completed=done.frames - done.painted)
        rate = done.painted / max(time.monotonic() - self._began, 1e-3)
        text = f"{job.source.name}  {rate:.1f} fps  {done.bytes / 1e6:.1f} MB"
        self._progress.update(self._task, completed=done.frames, description=text)


def _sheet(outcomes: Sequence[Outcome], styles: Sequence[str]) -> np.ndarray:
    """Originals and results side by side: some moments of a video, or some files."""
    whole = [outcome for outcome in outcomes if outcome.outputs]
    cells: list[Cell] = []
    moments = SHEET_FRAMES if len(whole) == 1 else 1
    for outcome in whole[:SHEET_FILES]:
        columns = [_moments(path, moments, outcome.frames) for path in (outcome.source, *outcome.outputs)]
        for row in zip(*columns, strict=False):
            labels = [outcome.source.name, *styles]
            cells += [Cell(picture, [label]) for picture, label in zip(row, labels, strict=True)]
    return contact_sheet(cells, 1 + len(styles))


def _moments(path: Path, count: int, frames: int) -> list[np.ndarray]:
    """`count` pictures of a file, at the same numbers in the original and in its results."""
    from stylecam.realtime.frame import EndOfSource
    from stylecam.realtime.video_file import FileSource

    wanted = {round((n + 0.5) * frames / count) for n in range(count)} if frames > 1 else {0}
    pictures: list[np.ndarray] = []
    with FileSource(path) as source:
        try:
            while len(pictures) < len(wanted):
                frame = source.read(60)
                if frame is not None and frame.index in wanted:
                    pictures.append(frame.image)
        except EndOfSource:
            pass
    return pictures
