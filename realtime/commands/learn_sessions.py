"""The two ways in which `realtime learn` learns: in a window, and without one."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stylecam.models.errors import StylecamError
from stylecam.realtime.commands.saying import notify
from stylecam.realtime.common.interrupts import Interrupts

if TYPE_CHECKING:
    import numpy as np

    from stylecam.realtime.commands.learn_teacher import ProcessTeacher
    from stylecam.realtime.painting.stylizer import Stylizer
    from stylecam.realtime.video.frame import FrameSource

__all__ = ["Learnt", "learn_unseen", "learn_watched"]

LINE_SECONDS = 10.0  # between two lines of progress without a window


@dataclass(frozen=True)
class Learnt:
    """How it ended: whether the style is to be kept, the exit code, what was saved besides and what could not be.

    last: without a window, the last frame, which is not painted yet. finished: what the teacher gave in the end, where
    it was told to finish.
    """

    kept: bool
    code: int
    saved: Sequence[str] = ()
    failures: Sequence[str] = ()
    last: np.ndarray | None = None
    finished: tuple[bytes, str | None] | None = None


def learn_watched(
    name: str,
    picture: np.ndarray,
    source: FrameSource,
    teacher: ProcessTeacher,
    options: dict[str, Any],
    interrupts: Interrupts,
) -> Learnt:
    """A live session in a window, until the user leaves it."""
    from stylecam.models.catalog import Style, base_style
    from stylecam.realtime.commands.learn_input import TIER
    from stylecam.realtime.live.hotkeys import parse_keys
    from stylecam.realtime.live.lesson import Lesson
    from stylecam.realtime.live.live_options import LiveOptions
    from stylecam.realtime.live.loop import run_live
    from stylecam.realtime.live.window import WindowSink
    from stylecam.realtime.painting.loaded_styles import LoadedStyles
    from stylecam.realtime.painting.stylizer import Stylizer

    def load(data: bytes) -> Stylizer:
        return Stylizer(Style.from_bytes(Path(name), data), options["device"])

    finished: list[tuple[bytes, str | None]] = []

    def keep() -> tuple[str, Stylizer]:
        finished.append(teacher.finish())
        return f"{name} is learnt", load(finished[0][0])

    start = base_style(TIER).with_metadata(name=name, title=options["title"])
    styles = LoadedStyles([name], name, lambda _: Stylizer(start, options["device"]))
    live = LiveOptions(
        mirror=source.mirrors,
        steady=options["steady"],
        target_fps="auto",
        keys=parse_keys(options["keys"]),
        snapshot=options["snapshot"],
    )
    lesson = Lesson(teacher, load, picture, 60 * options["minutes"], keep, alone=True).joined(styles, 0)
    with styles, WindowSink("stylecam", source.size, options["fullscreen"], options["display"]) as window:
        interrupts.graceful = True
        report = run_live(source, styles, [window], live, notify, lambda: interrupts.asked, lesson=lesson)
    failed = lesson.problem is not None or report["failures"]
    code = 1 if failed else 130 if report["interrupted"] else 0
    return Learnt(bool(finished), code, report["saved"], report["failures"], finished=finished[0] if finished else None)


def learn_unseen(
    source: FrameSource | None, teacher: ProcessTeacher, options: dict[str, Any], interrupts: Interrupts
) -> Learnt:
    """Learns until the time is over; without a `source` on photographs alone. Ctrl-C keeps what was learnt by then."""
    from stylecam.realtime.live.lesson import FRAME_SECONDS
    from stylecam.realtime.video.frame import EndOfSource

    until, seconds, said, given, last = 60 * options["minutes"], 0.0, time.monotonic(), 0.0, None
    interrupts.graceful = True
    while seconds < until and not interrupts.asked:
        frame = None
        if source is not None:
            with contextlib.suppress(EndOfSource):
                frame = source.read(timeout=0.1)
        if frame is not None and time.monotonic() - given > FRAME_SECONDS:
            last, given = frame.image, time.monotonic()
            teacher.give(last)
        time.sleep(0.05)  # a file's frames come as fast as they are read, and what learns wants the processor
        news = teacher.news()
        if news is not None and news.problem:
            raise StylecamError(news.problem)
        if news is not None and news.said:
            notify(news.said)
        seconds = max(seconds, news.seconds if news else 0.0)
        if seconds and (time.monotonic() - said > LINE_SECONDS or seconds >= until):
            said = time.monotonic()
            parts = ", ".join(f"{part} {value:.3g}" for part, value in teacher.losses.items() if value)
            click.echo(f"{seconds:.0f} of {until:.0f} s, {teacher.steps} steps: {parts}", err=True)
    return Learnt(seconds > 0, 130 if interrupts.asked else 0, last=last)
