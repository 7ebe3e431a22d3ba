"""The default command: the live window."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stylecam.models.errors import OptionsError, SourceError
from stylecam.realtime.commands.options import FiniteRange, parse_lines, parse_rate, parse_size
from stylecam.realtime.commands.saying import notify
from stylecam.realtime.live.control_table import CONTROLS
from stylecam.realtime.painting.compute_devices import DEVICE_CHOICES
from stylecam.realtime.painting.usual import STEADY

if TYPE_CHECKING:
    from stylecam.models.catalog import StyleCatalog
    from stylecam.realtime.live.frame_sink import FrameSink
    from stylecam.realtime.live.microphone import Microphone
    from stylecam.realtime.video.frame import FrameSource

__all__ = ["LIVE_OPTIONS", "live"]


def _option(*names: str, **settings: Any) -> click.Option:
    return click.Option(list(names), **settings)


def _control(name: str, *names: str, more: str = "", **settings: Any) -> click.Option:
    """The option that sets a control from the start: its kind, range and help are those of the table.

    `names` are the option's where they are not just `--name`; `more` goes on where the table's help ends.
    """
    control = CONTROLS[name]
    if control.kind == "number":
        settings["type"] = FiniteRange(*control.range)
    elif control.kind == "switch" and not names:
        settings["is_flag"] = True
    sentence = f"{control.help[0].upper()}{control.help[1:]}{more}."
    return _option(*(names or (f"--{name}",)), help=sentence, **settings)


_DIRECTORY = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
LIVE_OPTIONS = [
    _option("--camera", metavar="SRC", default="0", show_default=True,
            help="Camera number or device, video or picture file, http or rtsp URL, or demo."),
    _option("--loop", is_flag=True, help="Play videos again and again."),
    _control("style", metavar="NAME", more=" by its name or file. Default: the first, hokusai"),
    _option("--styles", metavar="NAME,...", help="Only these styles, in this order, on the keys and in a glide."),
    _option("--tier", type=click.Choice(["auto", "fast", "full"]), default="auto", show_default=True,
            help="Network of the style; auto: full on a GPU, fast on a CPU."),
    _option("--device", type=click.Choice(DEVICE_CHOICES), default="auto",
            show_default=True, help="Processor or GPU that paints."),
    _option("--size", metavar="WxH", help="Frame size to request from the camera or the demo scene."),
    _option("--fps", type=FiniteRange(0, 1000, min_open=True), help="Frame rate to request, like --size."),
    _control("strength", default=1.0, show_default=True, more=": 0 original .. 1 painted"),
    _control("steady", default=STEADY, show_default=True, more=": 0 off .. 1 most"),
    _control("preserve-color"),
    _option("--paint-lines", metavar="N|auto|native", default="auto", show_default=True,
            help="Shorter side, in pixels, at which frames are painted; auto: the frame's own, up to 720."),
    _option("--target-fps", metavar="N|auto|off", default="auto", show_default=True,
            help="Frame rate to keep, by painting smaller frames if needed; auto: the source's rate."),
    _control("mirror", "--mirror/--no-mirror", default=None, more=". Default: on for a webcam, otherwise off"),
    _option("--virtual-camera", is_flag=False, flag_value="", metavar="[DEVICE]",
            help="Show the pictures as a camera that meetings and OBS can choose. Default: the first virtual camera."),
    _option("--virtual-size", metavar="WxH", default="1280x720", show_default=True,
            help="Frame size of the virtual camera."),
    _control("fullscreen", more=" from the start"),
    _control("hud", "--hud/--no-hud", default=True, more=", from the start"),
    _option("--display", type=click.IntRange(0), metavar="N", help="Monitor to open the window on, from 0."),
    _option("--no-window", is_flag=True, help="Run without a window."),
    _option("--frames", type=click.IntRange(1), help="Stop after this many frames."),
    _option("--record", type=_FILE, metavar="FILE.mp4", help="Record the painted video."),
    _option("--microphone", is_flag=False, flag_value="", metavar="[NAME]",
            help="Record this microphone with the camera's picture. Default: the system's usual one."),
    _option("--snapshot", type=_FILE, metavar="FILE.png", help="Save the last picture at the end."),
    _option("--folder", type=_DIRECTORY, default=Path(),
            help="Folder for the files of the keys s and r. Default: the current folder."),
    _option("--keys", metavar="N:KEY,...", default="", help="Press keys at these frames, for example 5:n,20:s,40:q."),
    _option("--cycle-seconds", type=FiniteRange(0.1), default=10.0, show_default=True,
            help="Seconds between styles after pressing a."),
    _option("--glide", type=FiniteRange(1, 3600), metavar="SECONDS",
            help="Glide from style to style without end, so many seconds each; g stops it."),
    _option("--list-cameras", is_flag=True, help="List the cameras and exit."),
    _option("--list-microphones", is_flag=True, help="List the microphones and exit."),
    _option("--json", "as_json", is_flag=True, help="Print the report as one JSON object."),
]  # fmt: skip


def live(camera: str, as_json: bool, list_cameras: bool, list_microphones: bool, **options: Any) -> int:
    """Runs the live command with the values of `LIVE_OPTIONS`; returns the exit code."""
    if list_cameras:
        return _list_cameras(as_json)
    if list_microphones:
        return _list_microphones(as_json)
    size = parse_size(options["size"])
    live_options = _live_options(camera, options)
    # Checked before anything is loaded: a wrong option or a missing display must not cost seconds.
    from stylecam.realtime.common.interrupts import Interrupts
    from stylecam.realtime.live.sdl import check_display
    from stylecam.realtime.sources.camera_option import differences, open_source
    from stylecam.realtime.sources.looped_source import LoopedSource
    from stylecam.realtime.sources.replaceable_source import ReplaceableSource

    if not options["no_window"]:
        check_display(options["display"])

    def opened(spec: str, *asked: Any) -> AbstractContextManager[FrameSource]:
        once = partial(open_source, spec, *asked)
        return large_enough(LoopedSource(once) if options["loop"] else once())

    source = ReplaceableSource(lambda: opened(camera, size, options["fps"]))
    styles = _loaded_styles(options)
    with ExitStack() as stack:
        interrupts = stack.enter_context(Interrupts())
        stack.enter_context(source)
        for sentence in differences(source, size, options["fps"]):
            notify(sentence)
        if options["mirror"] is None:
            live_options = dataclasses.replace(live_options, mirror=source.mirrors)
        stack.enter_context(styles)
        microphone = _microphone(options["microphone"], source, stack)
        sinks: list[FrameSink] = []
        if not options["no_window"]:
            from stylecam.realtime.live.window import WindowSink

            window = WindowSink("stylecam", source.size, options["fullscreen"], options["display"])
            sinks.append(stack.enter_context(window))
        from stylecam.realtime.commands.live_drops import live_drops
        from stylecam.realtime.live.loop import run_live

        drops = live_drops(source, opened, styles, options["device"])
        interrupts.graceful = True  # from here on there is a report to finish, and perhaps a recording
        report = run_live(
            source,
            styles,
            sinks,
            live_options,
            notify,
            lambda: interrupts.asked,
            drops=drops,
            microphone=microphone,
        )
    report["saved"] += [path for sink in sinks for path in sink.saved]  # whole since they were closed
    _print_report(report, as_json)
    if source.damaged:
        notify(source.damaged)
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


def _live_options(camera: str, options: dict[str, Any]) -> Any:
    from stylecam.realtime.common.targets import check_target
    from stylecam.realtime.live.hotkeys import parse_keys
    from stylecam.realtime.live.loop import LiveOptions

    virtual = _virtual_options(camera, options)
    if options["microphone"] is not None:
        from stylecam.realtime.live.microphone import check_library

        check_library()
    record, snapshot = options["record"], options["snapshot"]
    for target, suffix in ((record, ".mp4"), (snapshot, ".png")):
        if target is not None:
            check_target(target, (os.path.expanduser(camera),), suffix)  # as the source will be opened
    return LiveOptions(
        strength=options["strength"],
        preserve_color=options["preserve_color"],
        mirror=bool(options["mirror"]),
        steady=options["steady"],
        lines=parse_lines(options["paint_lines"]),
        target_fps=parse_rate(options["target_fps"], options["paint_lines"]),
        frames=options["frames"],
        keys=parse_keys(options["keys"]),
        record=record,
        snapshot=snapshot,
        folder=options["folder"],
        cycle_seconds=options["cycle_seconds"],
        **({} if options["glide"] is None else {"glide_seconds": options["glide"], "gliding": True}),
        hud=options["hud"],
        virtual=virtual,
    )


def _virtual_options(camera: str, options: dict[str, Any]) -> Any:
    from stylecam.realtime.live.broadcast import VirtualOptions
    from stylecam.realtime.live.virtual_device import check_extra, device_path

    size = parse_size(options["virtual_size"], "--virtual-size") or (1280, 720)
    if size[0] % 2 or size[1] % 2:
        raise OptionsError(f"--virtual-size {options['virtual_size']}: give even sides, as 1280x720")
    device = options["virtual_camera"]
    if device is not None:
        check_extra()
    path = device_path(camera)
    own = path if path is not None and path.startswith("/dev/") else None
    return VirtualOptions(device is not None, device or None, size, own)


def _loaded_styles(options: dict[str, Any]) -> Any:
    from stylecam.models.catalog import StyleCatalog
    from stylecam.realtime.painting.loaded_styles import LoadedStyles
    from stylecam.realtime.painting.stylizer import Stylizer, another_tier

    catalog = StyleCatalog()
    if catalog.order_problem:
        notify(str(catalog.order_problem))

    chosen = _chosen(catalog, options["styles"], options["tier"])
    given = options["style"] or chosen[0]
    first = catalog.name_of(given) or given  # a file that has its number key already gets no second one

    loaded: set[str] = set()

    def load(name: str) -> Stylizer:
        # What is loaded anew, or was not there, was added since: that file is in a new catalog only.
        added = name in loaded or name not in (first, *chosen)
        loaded.add(name)
        asked = given if name == first and not added else name
        return Stylizer.load(asked, options["tier"], options["device"], None if added else catalog)

    # Without a window and without --keys nobody can ask for another style: loading them would only slow the frames.
    alone = options["no_window"] and not options["keys"] and options["glide"] is None
    names = [first] if alone else chosen
    styles = LoadedStyles(names, first, load)
    stylizer = styles.get(styles.first)
    if stylizer is not None and stylizer.fallback:
        notify(stylizer.fallback)
    if stylizer is not None and options["tier"] != "auto":
        have = {*(key for key in catalog.tiers if key[0] != first), (first, stylizer.style.tier)}
        lacking = [name for name in styles.names if (name, options["tier"]) not in have]
        if lacking:
            notify(another_tier(options["tier"], lacking))
    return styles


def _chosen(catalog: StyleCatalog, given: str | None, tier: str) -> list[str]:
    """The styles of --styles, else all. Raises `StyleError` for one that there is not."""
    from stylecam.realtime.painting.named_styles import find_style

    names = [name.strip() for name in (given or "").split(",") if name.strip()]
    for name in names:
        find_style(catalog, name, tier)
    return list(dict.fromkeys(names)) or catalog.names or ["hokusai"]


def _list_cameras(as_json: bool) -> int:
    from stylecam.realtime.sources.connected_cameras import list_cameras

    cameras = list_cameras()
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(c) for c in cameras]))
    for camera in () if as_json else cameras:
        click.echo(f"{camera.index}  {camera.path}  {camera.name}  ({camera.bus})")
    if not cameras:
        notify("no camera found: plug one in, or try `realtime --camera demo`")
    return 0


def _microphone(name: str | None, source: FrameSource, stack: ExitStack) -> Microphone | None:
    if name is None:
        return None
    from stylecam.realtime.live.microphone import Microphone

    if source.sound is not None:
        notify(f"{source.name} keeps its own sound: the microphone is not recorded with it")
    return stack.enter_context(Microphone(name or None))


def _list_microphones(as_json: bool) -> int:
    from stylecam.realtime.live.microphone import list_microphones

    microphones = list_microphones()
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(one) for one in microphones]))
    for one in () if as_json else microphones:
        click.echo(f"{one.index}  {one.name}  ({one.interface}){'  the usual one' if one.default else ''}")
    if not microphones:
        notify("no microphone found: plug one in")
    return 0


def _print_report(report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report))
        return
    latency, inference = report["latency_ms"], report["inference_ms"]
    width, height = report["size"]
    rows = [
        ("style", f"{report['style']} ({report['tier']}, {report['provider']})"),
        ("source", f"{report['source']}, {width}x{height}"),
        ("frames", f"{report['frames_shown']} shown, {report['frames_dropped']} dropped"),
        ("rate", f"{report['fps']:.1f} frames per second"),
    ]
    if latency["p50"] is not None:
        rows.append(("latency", f"{latency['p50']:.1f} ms, 95 % within {latency['p95']:.1f} ms"))
    if inference["p50"] is not None:
        rows.append(("inference", f"{inference['p50']:.1f} ms, 95 % within {inference['p95']:.1f} ms"))
    if report["first_frame_ms"] is not None:
        rows.append(("first frame", f"{report['first_frame_ms'] / 1000:.2f} s after the start"))
    rows.append(("peak memory", f"{report['peak_rss_mb']:.0f} MB"))
    rows += [("switched to", f"{s['to']} in {s['ms']:.0f} ms") for s in report["switches"]]
    rows += [("saved", path) for path in report["saved"]]
    for name, value in rows:
        click.echo(f"{name:12} {value}")
    sys.stdout.flush()
