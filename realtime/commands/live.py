"""The default command: the live window."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from stylecam.models.errors import SourceError
from stylecam.realtime.commands import live_output
from stylecam.realtime.commands.kiosk import in_kiosk, keep_running
from stylecam.realtime.commands.live_remote import (
    check_remote,
    remote_controls,
    remote_environment,
)
from stylecam.realtime.commands.live_settings import live_settings
from stylecam.realtime.commands.live_styles import loaded_styles
from stylecam.realtime.commands.options import parse_size
from stylecam.realtime.commands.saying import notify

if TYPE_CHECKING:
    from stylecam.realtime.live.frame_sink import FrameSink
    from stylecam.realtime.live.live_options import LiveOptions
    from stylecam.realtime.live.microphone import Microphone
    from stylecam.realtime.video.frame import FrameSource

__all__ = ["large_enough", "live"]


def live(camera: str, as_json: bool, list_cameras: bool, list_microphones: bool, **options: Any) -> int:
    """Runs the live command with the values of `LIVE_OPTIONS`; returns the exit code."""
    if list_cameras:
        return live_output.list_cameras(as_json)
    if list_microphones:
        return live_output.list_microphones(as_json)
    if options["kiosk"] and not in_kiosk():
        return _watched_over(options)
    size = parse_size(options["size"])
    live_options = live_settings(camera, options)
    check_remote(options)
    # Checked before anything is loaded: a wrong option or a missing display must not cost seconds.
    if not options["no_window"]:
        from stylecam.realtime.live.sdl import check_display

        check_display(options["display"])
    report, source = _session(camera, size, live_options, options)
    live_output.print_report(report, as_json)
    return _exit_code(report, source)


def _session(
    camera: str, size: tuple[int, int] | None, live_options: LiveOptions, options: dict[str, Any]
) -> tuple[dict[str, Any], FrameSource]:
    """Paints until somebody quits or the source ends; the report, and the source."""
    from stylecam.realtime.common.interrupts import Interrupts
    from stylecam.realtime.live.control_queue import ControlQueue
    from stylecam.realtime.live.kiosk import LOCKED
    from stylecam.realtime.sources.camera_option import differences, open_source
    from stylecam.realtime.sources.looped_source import LoopedSource
    from stylecam.realtime.sources.replaceable_source import ReplaceableSource

    def opened(spec: str, *asked: Any) -> AbstractContextManager[FrameSource]:
        once = partial(open_source, spec, *asked)
        return large_enough(LoopedSource(once) if options["loop"] else once())

    kiosk = options["kiosk"]
    source = ReplaceableSource(lambda: opened(camera, size, options["fps"]))
    styles = loaded_styles(options)
    with ExitStack() as stack:
        interrupts = stack.enter_context(Interrupts())
        stack.enter_context(source)
        for sentence in differences(source, size, options["fps"]):
            notify(sentence)
        if options["mirror"] is None:
            live_options = dataclasses.replace(live_options, mirror=source.mirrors)
        stack.enter_context(styles)
        microphone = _microphone(options["microphone"], source, stack)
        sinks = [stack.enter_context(_window(source.size, options))] if not options["no_window"] else []
        from stylecam.realtime.commands.live_drops import live_drops

        controls = ControlQueue({"style": styles.names}, LOCKED if kiosk else ())
        remote = stack.enter_context(remote_controls(options, controls, styles, not options["no_window"]))
        sinks += remote.sinks
        from stylecam.realtime.live.loop import run_live

        drops = None if kiosk else live_drops(source, opened, styles, options["device"])
        interrupts.graceful = True  # from here on there is a report to finish, and perhaps a recording
        report = run_live(
            source,
            styles,
            sinks,
            live_options,
            remote.say,
            lambda: interrupts.asked,
            controls=controls,
            drops=drops,
            microphone=microphone,
        )
    report["saved"] += [path for sink in sinks for path in sink.saved]  # whole since they were closed
    return report, source


def _window(size: tuple[int, int], options: dict[str, Any]) -> FrameSink:
    from stylecam.realtime.live.window import WindowSink

    full = options["fullscreen"] or options["kiosk"]
    return WindowSink("stylecam", size, full, options["display"], fill=options["fill"])


def _exit_code(report: dict[str, Any], source: FrameSource) -> int:
    if source.damaged:
        notify(source.damaged)
    if report["quit"] and in_kiosk():
        return 0  # whatever failed before: another start is not what was asked for
    if report["failures"]:
        return 1
    return 130 if report["interrupted"] else 3 if source.damaged else 0


@contextmanager
def large_enough(opener: AbstractContextManager[FrameSource]) -> Iterator[FrameSource]:
    """The source, opened; raises `SourceError` for one that cannot be painted."""
    with opener as source:
        if min(source.size) < 32:
            width, height = source.size
            raise SourceError(f"{source.name} is {width}x{height} px: at least 32x32 is needed")
        yield source


def _watched_over(options: dict[str, Any]) -> int:
    """This command once more, in a process that is started again after a fault."""
    context = click.get_current_context()
    return keep_running([sys.executable, "-m", "stylecam.realtime.cli", *context.obj], remote_environment(options))


def _microphone(name: str | None, source: FrameSource, stack: ExitStack) -> Microphone | None:
    if name is None:
        return None
    from stylecam.realtime.live.microphone import Microphone

    if source.sound is not None:
        notify(f"{source.name} keeps its own sound: the microphone is not recorded with it")
    return stack.enter_context(Microphone(name or None))
