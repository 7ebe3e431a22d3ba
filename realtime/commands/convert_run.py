"""`realtime convert` from its options to its exit code: what is to be made, the making of it, and the report."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from stylecam.models.errors import OptionsError
from stylecam.realtime.commands.convert_report import failure, report, settle, tell_command, was_stopped
from stylecam.realtime.commands.convert_sheet import save_sheet
from stylecam.realtime.commands.convert_values import convert_options, find_styles, look_of, run_settings
from stylecam.realtime.commands.saying import notify
from stylecam.realtime.common.targets import FIGURES, check_target
from stylecam.realtime.convert.assembly import check_encoder
from stylecam.realtime.convert.jobs import Plan, check_extra, plan_jobs
from stylecam.realtime.convert.outcome import ConvertOptions, Outcome
from stylecam.realtime.convert.pipes import input_from_stdin, output_to_stdout
from stylecam.realtime.convert.unfinished import UnfinishedRun
from stylecam.realtime.painting.mix_names import spoken_name
from stylecam.realtime.painting.repainter import Look

__all__ = ["convert_all"]


def convert_all(
    arguments: Sequence[str], inputs: Sequence[str], output: str, as_json: bool, given: dict[str, Any]
) -> int:
    """Runs the command with its options `given`; `arguments` are the words that they were read from."""
    if as_json and output == "-":
        raise OptionsError("--json and -o - both write to stdout: give -o a file")
    look, options = look_of(given), convert_options(given)
    styles = find_styles(given["style"], given["tier"], given["device"])
    if output == "-" and (len(styles) > 1 or len(inputs) > 1 or not _is_one_file(inputs[0])):
        raise OptionsError("-o - takes one input and one style: give -o a folder")
    if given["sheet"] is not None:
        check_target(given["sheet"], (), *FIGURES)
    if output == "-" or "-" in inputs:  # what a pipe brought is gone: nothing could go on
        options = replace(options, discard=True)
    with ExitStack() as stack:
        inputs = tuple(stack.enter_context(input_from_stdin()) if text == "-" else text for text in inputs)
        target = stack.enter_context(output_to_stdout(inputs)) if output == "-" else output
        settings = run_settings(inputs, target, list(styles.values()), look, options)
        unfinished = UnfinishedRun(Path(target), settings, not options.discard)
        names, overwrite = [spoken_name(style) for style in styles], options.overwrite or output == "-"
        plan = plan_jobs(inputs, target, names, overwrite, given["resume"], unfinished)
        _check(plan, given["sheet"], options)
        outcomes, lacks_sheet = _converted(plan, unfinished, list(styles), look, options, given, arguments)
        if output == "-" and outcomes and outcomes[0].exit_code not in (0, 3, 130):
            raise failure(outcomes[0])
    code = report(outcomes, plan, as_json, lacks_sheet, notify)
    if was_stopped(outcomes, plan) and not options.discard:
        tell_command(arguments, plan.jobs, unfinished, notify)
    return code


def _check(plan: Plan, sheet: Path | None, options: ConvertOptions) -> None:
    """Raises what stands against the plan before anything is loaded, and says what it leaves out."""
    if sheet is not None:
        check_extra(sheet, plan, options.overwrite)
    for suffix in {path.suffix.lower() for job in plan.jobs if not job.is_picture for path in job.targets}:
        check_encoder(options.encoding(Path(f"x{suffix}")), suffix)
    for path in plan.others:
        notify(f"skipped {path}: it is neither a picture nor a video")
    if plan.finished:
        notify(f"already finished: {plan.finished} of the files")


def _converted(
    plan: Plan,
    unfinished: UnfinishedRun,
    styles: Sequence[str],
    look: Look,
    options: ConvertOptions,
    given: dict[str, Any],
    arguments: Sequence[str],
) -> tuple[list[Outcome], bool]:
    """What became of the jobs that were begun, and whether the sheet that was asked for lacks."""
    from stylecam.realtime.commands.convert_session import run  # it loads what paints

    try:
        outcomes = run(plan, unfinished, styles, look, options, given, notify)
    except KeyboardInterrupt:  # the second one: there is no time for a report
        if options.discard:
            unfinished.discard()
        else:
            tell_command(arguments, plan.jobs, unfinished, notify)
        raise
    outcomes, over = settle(outcomes, plan, unfinished, options.discard, notify)
    if given["sheet"] is None or not over or not any(outcome.outputs for outcome in outcomes):
        return outcomes, False
    return outcomes, not save_sheet(given["sheet"], outcomes, styles, options.cut.start or Fraction(0), notify)


def _is_one_file(text: str) -> bool:
    """Not a folder, nor a pattern, even if that matches one file only."""
    return not Path(text).is_dir() and (Path(text).exists() or not glob.has_magic(text))
