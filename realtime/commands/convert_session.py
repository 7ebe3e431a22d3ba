"""What `realtime convert` does once its options are understood: load, paint, show progress, make the sheet."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from stylecam.models.catalog import StyleCatalog
from stylecam.models.errors import SourceError, StylecamError
from stylecam.realtime.common.interrupts import Interrupts
from stylecam.realtime.convert.cluster import Cluster, Painter, connected
from stylecam.realtime.convert.conversion import ConvertOptions, Outcome, convert
from stylecam.realtime.convert.cut import Cut
from stylecam.realtime.convert.jobs import Job
from stylecam.realtime.convert.video_job import VideoProgress
from stylecam.realtime.convert.video_reader import VideoReader
from stylecam.realtime.painting.repainter import Look, Repainter, parallel_threads
from stylecam.realtime.painting.stylizer import Stylizer, another_tier, without_tier
from stylecam.realtime.pictures.contact_sheet import Cell, Sheet
from stylecam.realtime.pictures.picture_file import PICTURE_SUFFIXES
from stylecam.realtime.pictures.sheet_file import save_sheet
from stylecam.realtime.sources.file_source import FileSource

__all__ = ["run"]

Say = Callable[[str], None]
SHEET_FRAMES = 4  # of a video
SHEET_FILES = 6
MANY = 20  # files: of more, only those with a problem are told one by one


def run(
    jobs: Sequence[Job], styles: Sequence[str], look: Look, options: ConvertOptions, given: dict[str, Any], say: Say
) -> tuple[list[Outcome], bool]:
    """Converts, saying each result; returns what became of the jobs that were begun, and whether the sheet lacks."""
    at_once, threads = parallel_threads(look.lines)
    if len(jobs) == 1 and jobs[0].is_picture:
        at_once, threads = 1, 0
    repainter = Repainter(_load(styles, given, threads, say), look)
    if not repainter.stylizers[0].on_cpu:
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
            if len(jobs) <= MANY or outcome.problem or outcome.left_out or outcome.changed:
                _tell(outcome, len(jobs), say)
            progress.count(len(outcomes), len(jobs))
    lacks = False
    if given["sheet"] is not None and any(outcome.outputs for outcome in outcomes):
        lacks = not _save_sheet(given["sheet"], outcomes, styles, options.cut.start or Fraction(0), say)
    return outcomes, lacks


def _save_sheet(path: Path, outcomes: Sequence[Outcome], styles: Sequence[str], start: Fraction, say: Say) -> bool:
    """Whether it is saved. What goes wrong is only said: the conversion itself is done, and has a report to give."""
    try:
        save_sheet(path, _sheet(outcomes, styles, start))
    except StylecamError as error:
        say(f"there is no {path}: {error}")
        return False
    say(f"saved {path}")
    return True


def _cluster(stack: ExitStack, repainter: Repainter, given: dict[str, Any]) -> Cluster | None:
    if given["ray"] is None:
        return None
    styles = tuple(stylizer.style for stylizer in repainter.stylizers)
    return stack.enter_context(connected(given["ray"], Painter(styles, given["device"], repainter.look)))


def _load(styles: Sequence[str], given: dict[str, Any], threads: int, say: Say) -> list[Stylizer]:
    catalog = StyleCatalog()
    stylizers = [Stylizer.load(name, given["tier"], given["device"], catalog, threads) for name in styles]
    for sentence in dict.fromkeys(stylizer.fallback for stylizer in stylizers if stylizer.fallback):
        say(sentence)
    found = [stylizer.style for stylizer in stylizers]
    if lacking := without_tier(given["tier"], zip(styles, found, strict=True)):
        say(another_tier(given["tier"], lacking))
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
    for sentence in (*outcome.left_out, *outcome.changed, *([outcome.problem] if outcome.problem else [])):
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

    def count(self, files: int, of: int) -> None:
        """Shows how many of many files are done."""
        if self._progress is not None and of > MANY:
            if self._task is None:
                self._progress.start()
                self._task = self._progress.add_task("files", total=of)
            self._progress.update(self._task, completed=files)

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


def _sheet(outcomes: Sequence[Outcome], styles: Sequence[str], start: Fraction) -> Sheet:
    """Originals and results side by side: some moments of one video, or some files."""
    whole = [outcome for outcome in outcomes if outcome.outputs]
    count = SHEET_FRAMES if len(whole) == 1 and whole[0].frames > 1 else 1
    cells: list[Cell] = []
    for outcome in whole[:SHEET_FILES]:
        labels = [outcome.source.name, *styles]
        for moment in range(count):
            share = Fraction(2 * moment + 1, 2 * count)
            pictures = _at(share, start, outcome)
            cells += [Cell(picture, [label]) for picture, label in zip(pictures, labels, strict=True)]
    return Sheet(cells, 1 + len(styles), f"originals, and in {', '.join(styles)}")


def _at(share: Fraction, start: Fraction, outcome: Outcome) -> list[np.ndarray]:
    """The original and the results after this share of the result's length."""
    if outcome.outputs[0].suffix.lower() in PICTURE_SUFFIXES:
        return [_first(path) for path in (outcome.source, *outcome.outputs)]
    with VideoReader(outcome.outputs[0]) as result:
        seconds = result.seconds * share
    results = [_first(path, seconds) for path in outcome.outputs]
    return [_first(outcome.source, start + seconds), *results]


def _first(path: Path, seconds: Fraction | None = None) -> np.ndarray:
    """A picture, or what a video shows at a time."""
    if seconds is not None:
        for start in (seconds, Fraction(0)):  # the sound, hence the file, may be longer than the pictures
            with VideoReader(path, Cut(start=start)) as reader:
                if (picture := next(iter(reader.pictures()), None)) is not None:
                    return picture.image
        raise SourceError(f"{path} has no picture that can be decoded")
    with FileSource(path) as source:
        frame = source.read(60)
    if frame is None:
        raise SourceError(f"{path} takes more than a minute to read")
    return frame.image
