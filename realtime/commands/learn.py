"""`realtime learn`: a new style while you watch."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stylecam.models.errors import StylecamError
from stylecam.realtime.commands.live import large_enough
from stylecam.realtime.commands.options import FiniteRange, parse_size
from stylecam.realtime.common.extras import needs_extra
from stylecam.realtime.common.interrupts import Interrupts
from stylecam.realtime.painting.compute_devices import DEVICE_CHOICES
from stylecam.realtime.painting.usual import STEADY

if TYPE_CHECKING:
    import numpy as np

    from stylecam.models.catalog import Style
    from stylecam.realtime.commands.learn_teacher import ProcessTeacher
    from stylecam.realtime.painting.stylizer import Stylizer
    from stylecam.realtime.video.frame import FrameSource

__all__ = ["learn_command"]

_PATH = click.Path(path_type=Path)
TIER = "fast"
SCENES = 16  # pictures of the demo scene to learn on too
SCENE_SECONDS = 7.0  # between them
LINE_SECONDS = 10.0  # between two lines of progress without a window


@click.command("learn")
@click.argument("painting", type=_PATH)
@click.option("--camera", metavar="SRC", help="Where frames come from.  [default: camera 0, or demo without one]")
@click.option("--name", help="The style's name: one word.  [default: the file's name]")
@click.option("--title", help="The painting's title.  [default: the name]")
@click.option("--artist", default="", help="The painter.")
@click.option("--year", default="", help="When it was painted.")
@click.option("--minutes", type=FiniteRange(0.05, 600), default=1.0, show_default=True, help="How long to learn.")
@click.option("--content", type=_PATH, help="Folder of photographs to learn on, in place of the camera's frames.")
@click.option("--size", metavar="WxH", help="Frame size to ask of the camera, or of the demo.")
@click.option("--steady", type=FiniteRange(0, 1), default=STEADY, show_default=True, help="How steady the strokes are.")
@click.option("--device", type=click.Choice(DEVICE_CHOICES), default="auto", show_default=True, help="What paints.")
@click.option("--vgg-weights", type=_PATH, help="VGG-16 in torchvision's layout.  [default: download, 528 MB]")
@click.option("--fullscreen", is_flag=True, help="Start in full screen.")
@click.option("--display", type=click.IntRange(0), metavar="N", help="Monitor to open the window on, from 0.")
@click.option("--no-window", is_flag=True, help="Learn without a display, and keep the style.")
@click.option("--snapshot", type=_PATH, metavar="FILE.png", help="Save the last picture at the end.")
@click.option("--keys", metavar="N:KEY,...", default="", help="Press keys at given frames: 900:enter.")
@click.option("--overwrite", is_flag=True, help="Replace a style of that name.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def learn_command(painting: Path, as_json: bool, **options: Any) -> int:
    """Learn a new style from PAINTING, any picture file, while you watch.

    The camera's picture is painted from the start, and better every few seconds. Enter keeps the style, q leaves, +
    goes on for a minute more.

    \b
    Examples:
      realtime learn wave.jpg
      realtime learn wave.jpg --camera demo --name wave
      realtime learn wave.jpg --content photos/ --minutes 3 --no-window
    """
    with needs_extra("train", "learning needs torch"):
        import lightning_fabric  # noqa: F401
        import safetensors  # noqa: F401

        from stylecam.realtime.commands.learn_teacher import ProcessTeacher
    report, code = _learn(painting, options, ProcessTeacher)
    if as_json:
        click.echo(json.dumps(report))
    return code


def _notify(sentence: str) -> None:
    click.echo(f"realtime: {sentence}", err=True)


def _learn(painting: Path, options: dict[str, Any], teach: Callable[..., ProcessTeacher]) -> tuple[dict[str, Any], int]:
    from stylecam.models.catalog import StyleCatalog
    from stylecam.realtime.commands.learn_input import read_painting, style_name

    if not options["no_window"]:
        from stylecam.realtime.live.sdl import check_display

        check_display()
    picture = read_painting(painting, _notify)
    name = style_name(options["name"], painting, options["overwrite"], StyleCatalog())
    with ExitStack() as stack:
        interrupts = stack.enter_context(Interrupts())
        source = stack.enter_context(_source(options["camera"], parse_size(options["size"])))
        teacher = stack.enter_context(teach(_task(name, picture, options)))
        session = _unseen if options["no_window"] else _watched
        kept, code = session(name, picture, source, teacher, options, interrupts)
        if not kept:
            _notify(f"{name} was not kept")
            return {"style": name, "kept": False, "interrupted": interrupts.asked}, code
        _notify("measuring what was learnt")
        data = teacher.finish()
    return _keep(name, data, options), code


@contextmanager
def _source(camera: str | None, size: tuple[int, int] | None) -> Iterator[FrameSource]:
    """The source that was named; without a name camera 0, and where there is none the demo scene."""
    from stylecam.realtime.sources.camera_option import open_source

    if camera is None:
        from stylecam.realtime.sources.connected_cameras import list_cameras

        camera = "0" if list_cameras() else "demo"
        if camera == "demo":
            _notify("no camera found: the demo scene is painted")
    with large_enough(open_source(camera, size)) as source:
        yield source


def _task(name: str, picture: np.ndarray, options: dict[str, Any]) -> Any:
    import numpy as np

    from stylecam.realtime.painting.engines.engine import cores
    from stylecam.realtime.sources.demo_scene import draw_scene
    from stylecam.training.live_process import Task
    from stylecam.training.live_training import Subject

    scene = [draw_scene(30 * SCENE_SECONDS * n, (640, 480)) for n in range(SCENES)]
    subject = Subject(
        np.ascontiguousarray(picture[..., ::-1]), name, options["title"] or name, options["artist"], options["year"]
    )
    return Task(
        subject,
        [np.ascontiguousarray(one[..., ::-1]) for one in scene],
        60 * options["minutes"],
        options["vgg_weights"],
        # One core paints where somebody watches.
        0 if options["no_window"] else max(1, cores() - 1),
        options["content"],
    )


def _watched(
    name: str,
    picture: np.ndarray,
    source: FrameSource,
    teacher: ProcessTeacher,
    options: dict[str, Any],
    interrupts: Interrupts,
) -> tuple[bool, int]:
    """A live session in a window; (whether the style is to be kept, the exit code)."""
    from stylecam.models.catalog import base_style
    from stylecam.realtime.live.hotkeys import parse_keys
    from stylecam.realtime.live.lesson import Lesson
    from stylecam.realtime.live.live_options import LiveOptions
    from stylecam.realtime.live.loop import run_live
    from stylecam.realtime.live.window import WindowSink
    from stylecam.realtime.painting.loaded_styles import LoadedStyles
    from stylecam.realtime.painting.stylizer import Stylizer

    def load(data: bytes) -> Stylizer:
        return Stylizer(_as_style(name, data), options["device"])

    start = base_style(TIER).with_metadata(name=name, title=options["title"] or name)
    styles = LoadedStyles([name], name, lambda _: Stylizer(start, options["device"]))
    live = LiveOptions(
        mirror=source.mirrors,
        steady=options["steady"],
        target_fps="auto",
        keys=parse_keys(options["keys"]),
        snapshot=options["snapshot"],
    )
    lesson = Lesson(teacher, styles, 0, load, picture, 60 * options["minutes"])
    with styles, WindowSink("stylecam", source.size, options["fullscreen"], options["display"]) as window:
        interrupts.graceful = True
        report = run_live(source, styles, [window], live, _notify, lambda: interrupts.asked, lesson=lesson)
    if lesson.problem is not None:
        return False, 1
    return lesson.kept, 130 if report["interrupted"] else 0


def _as_style(name: str, data: bytes) -> Style:
    from stylecam.models.catalog import Style

    return Style.from_bytes(Path(name), data)


def _unseen(
    name: str,
    picture: np.ndarray,
    source: FrameSource,
    teacher: ProcessTeacher,
    options: dict[str, Any],
    interrupts: Interrupts,
) -> tuple[bool, int]:
    """Learns until the time is over; Ctrl-C keeps what was learnt by then."""
    from stylecam.realtime.video.frame import EndOfSource

    until, seconds, said, given = 60 * options["minutes"], 0.0, time.monotonic(), 0.0
    interrupts.graceful = True
    while seconds < until and not interrupts.asked:
        try:
            frame = source.read(timeout=0.1)
        except EndOfSource:
            frame = None
        if frame is not None and time.monotonic() - given > 0.4:
            teacher.give(frame.image)
            given = time.monotonic()
        time.sleep(0.05)
        news = teacher.news()
        if news is not None and news.problem:
            raise StylecamError(news.problem)
        seconds = max(seconds, news.seconds if news else 0.0)
        if seconds and (time.monotonic() - said > LINE_SECONDS or seconds >= until):
            said = time.monotonic()
            parts = ", ".join(f"{part} {value:.3g}" for part, value in teacher.losses.items() if value)
            click.echo(f"{seconds:.0f} of {until:.0f} s, {teacher.steps} steps: {parts}", err=True)
    return seconds > 0, 130 if interrupts.asked else 0


def _keep(name: str, data: bytes, options: dict[str, Any]) -> dict[str, Any]:
    """Verifies the style and puts it among the user's own; returns the report."""
    from stylecam.models.catalog import user_folder
    from stylecam.realtime.painting.user_styles import add_style

    style = _as_style(name, data)
    path = add_style(style, user_folder(), options["overwrite"])
    training, metrics = style.record("training"), style.record("metrics")
    figures = ", ".join(f"{key} {metrics[key]:.3g}" for key in ("content", "style", "swd", "sharp") if key in metrics)
    click.echo(f"kept {path} ({training['step']} steps in {training['seconds']:.0f} s; {figures})", err=True)
    click.echo(f"next: realtime --style {name}", err=True)
    return {
        "style": name,
        "kept": True,
        "path": str(path),
        "seconds": training["seconds"],
        "steps": training["step"],
        "metrics": metrics,
        "sha256": style.sha256,
        "interrupted": False,
    }
