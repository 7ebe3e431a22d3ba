"""What `realtime convert` tells at its end, and what becomes of a run that has come to none."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import click

from stylecam.models.errors import PartialOutputError, RecordError
from stylecam.realtime.convert.jobs import Job, Plan
from stylecam.realtime.convert.outcome import Outcome
from stylecam.realtime.convert.segment_folders import has_finished_segments
from stylecam.realtime.convert.unfinished import UnfinishedRun

__all__ = ["failure", "report", "settle", "tell_command", "was_stopped"]

Say = Callable[[str], None]


def settle(
    outcomes: Sequence[Outcome], plan: Plan, unfinished: UnfinishedRun, discard: bool, say: Say
) -> tuple[list[Outcome], bool]:
    """(what became of the files, whether the run is over).

    A run that is over is forgotten. The record of another one stays, for the same command to go on, unless what it has
    made is to be discarded.
    """
    stopped = was_stopped(outcomes, plan)
    if stopped and discard:
        if unfinished:
            say("the finished files were removed, because of --discard")
        unfinished.discard()
        return [replace(outcome, outputs=()) for outcome in outcomes], False
    over = not (stopped or _to_try_again(outcomes))
    if over:
        unfinished.forget()
    else:
        unfinished.close()
    return list(outcomes), over


def tell_command(arguments: Sequence[str], jobs: Sequence[Job], unfinished: UnfinishedRun, say: Say) -> None:
    """Says the command that goes on, which is the same one, where there is something to go on from."""
    if unfinished or any(has_finished_segments(job.targets) for job in jobs):
        words = ["realtime", "convert", *arguments]
        say(f"to continue: {subprocess.list2cmdline(words) if sys.platform == 'win32' else shlex.join(words)}")


def was_stopped(outcomes: Sequence[Outcome], plan: Plan) -> bool:
    """Whether the run ended before its files did."""
    return any(outcome.exit_code == 130 for outcome in outcomes) or len(outcomes) < len(plan.jobs)


def report(outcomes: Sequence[Outcome], plan: Plan, as_json: bool, lacks_sheet: bool, say: Say) -> int:
    """Tells the whole of it, as one JSON object on stdout too; returns the command's exit code.

    Raises what the only file of a run failed by.
    """
    skipped = [_skipped(path) for path in plan.others]
    code = _exit_code(outcomes, skipped, plan) or 3 * lacks_sheet
    if as_json:
        files = [outcome.to_dict() for outcome in (*skipped, *outcomes)]
        click.echo(json.dumps({"exit_code": code, "files": files}))
    count = len(plan.jobs)
    if code != 130 and (count, plan.finished, len(skipped)) == (1, 0, 0) and not outcomes[0].outputs:
        raise failure(outcomes[0])
    if count + plan.finished > 1:
        whole = sum(outcome.exit_code == 0 for outcome in outcomes)
        lacking = f", {count - whole} failed or incomplete" if whole < count else ""
        again = "; run the same command to try them again" if _to_try_again(outcomes) and code != 130 else ""
        say(f"{whole} of {count} files converted{lacking}{again}")
    return code


def failure(outcome: Outcome) -> Exception:
    """What to raise for a file that was not made."""
    return outcome.error or PartialOutputError(outcome.problem or f"{outcome.source} could not be converted")


def _skipped(path: Path) -> Outcome:
    return Outcome(path, (), 1, f"{path} is neither a picture nor a video", frames=0)


def _exit_code(outcomes: Sequence[Outcome], skipped: Sequence[Outcome], plan: Plan) -> int:
    """0: all whole; 130: stopped; 3: something was made; else 1, or for a single file that of its failure."""
    codes = [outcome.exit_code for outcome in (*outcomes, *skipped)]
    if was_stopped(outcomes, plan):
        return 130
    if not any(codes):
        return 0
    if plan.finished or any(outcome.outputs for outcome in outcomes):
        return 3
    return codes[0] if len(codes) == 1 else 1


def _to_try_again(outcomes: Sequence[Outcome]) -> bool:
    """Whether the system refused to write something, as on a full disk: what neither an input nor an option mends."""
    failures = [outcome.error for outcome in outcomes if isinstance(outcome.error, RecordError)]
    return any(isinstance(error.__context__, OSError) for error in failures)
