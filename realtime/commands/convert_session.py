"""What `realtime convert` does once its options are understood: load, paint, show progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from stylecam.models.catalog import StyleCatalog
from stylecam.realtime.commands.convert_progress import MANY, ConvertProgress
from stylecam.realtime.common.interrupts import Interrupts
from stylecam.realtime.common.targets import partial_path
from stylecam.realtime.convert.cluster import Cluster, Painter, connected
from stylecam.realtime.convert.conversion import convert
from stylecam.realtime.convert.jobs import Job, Plan
from stylecam.realtime.convert.outcome import ConvertOptions, Outcome
from stylecam.realtime.convert.segment_folders import SegmentFolders
from stylecam.realtime.convert.unfinished import UnfinishedRun
from stylecam.realtime.painting.repainter import Look, Repainter, parallel_threads
from stylecam.realtime.painting.stylizer import Stylizer, another_tier, without_tier

__all__ = ["run"]

Say = Callable[[str], None]


def run(
    plan: Plan,
    unfinished: UnfinishedRun,
    styles: Sequence[str],
    look: Look,
    options: ConvertOptions,
    given: dict[str, Any],
    say: Say,
) -> list[Outcome]:
    """Converts, saying each result and noting it in `unfinished`; returns what became of the jobs that were begun."""
    jobs = plan.jobs
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
        progress = stack.enter_context(ConvertProgress(say))
        _clear(jobs, unfinished, options.discard)
        made = _noted_in(unfinished) if len(jobs) + plan.finished > 1 else _not_noted
        interrupts.graceful = True
        options = replace(options, at_once=at_once)
        for outcome in convert(jobs, repainter, options, progress.show, lambda: interrupts.asked, cluster, made):
            outcomes.append(outcome)
            progress.clear()
            if len(jobs) <= MANY or outcome.problem or outcome.left_out or outcome.changed:
                _tell(outcome, len(jobs), say)
            progress.count(len(outcomes), len(jobs))
    return outcomes


def _clear(jobs: Sequence[Job], unfinished: UnfinishedRun, discard: bool) -> None:
    """Removes what the run has left and does not go on from: all, or what was made of inputs that have changed."""
    targets = [target for job in jobs for target in job.targets]
    if discard:
        unfinished.discard()
        for target in targets:
            if partial_path(target).is_dir():
                with SegmentFolders([target], keep=False):
                    pass
    for target in filter(unfinished.made, targets):
        target.unlink()


def _noted_in(unfinished: UnfinishedRun) -> Callable[[Job, bool], None]:
    return lambda job, whole: unfinished.add(job.source, job.targets, whole)


def _not_noted(job: Job, whole: bool) -> None:
    """A file on its own has its name or has not: there is nothing to remember of it."""


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
    frames = f", {outcome.frames} frames, {rate:.1f} frames per second" if outcome.frames > 1 else ""
    say(f"{outcome.source} -> {', '.join(map(str, outcome.outputs))} ({size:.1f} MB{frames})")
    for sentence in (*outcome.left_out, *outcome.changed, *([outcome.problem] if outcome.problem else [])):
        say(sentence)
