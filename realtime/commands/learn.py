"""`realtime learn`: a new style while you watch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stylecam.models.errors import PictureError, StylecamError, VGGWeightsError
from stylecam.realtime.commands.learn_sessions import learn_unseen, learn_watched
from stylecam.realtime.commands.learn_style import check_learning, keep_style, learn_task
from stylecam.realtime.commands.live import large_enough
from stylecam.realtime.commands.options import FiniteRange, device_option, parse_size, vgg_option
from stylecam.realtime.commands.saying import notify
from stylecam.realtime.commands.vgg_progress import fetch_vgg
from stylecam.realtime.common.interrupts import Interrupts
from stylecam.realtime.painting.usual import STEADY

if TYPE_CHECKING:
    import numpy as np

    from stylecam.models.catalog import Style
    from stylecam.realtime.commands.learn_teacher import ProcessTeacher
    from stylecam.realtime.video.frame import FrameSource

__all__ = ["learn_command"]

_PATH = click.Path(path_type=Path)


@click.command("learn")
@click.argument("painting", type=_PATH)
@click.option(
    "--camera",
    metavar="SRC",
    help="Camera, video or picture to watch.  [default: the first camera, else demo]",
)
@click.option("--name", help="The style's name: one word.  [default: the file's name]")
@click.option("--title", help="The painting's title.  [default: the name]")
@click.option("--artist", default="", help="The painter.")
@click.option("--year", default="", help="When it was painted.")
@click.option("--minutes", type=FiniteRange(0.05, 600), default=1.0, show_default=True, help="Minutes to learn.")
@click.option("--content", type=_PATH, help="Learn on the photographs in this folder instead of the camera's frames.")
@click.option("--size", metavar="WxH", help="Frame size to request from the camera or the demo scene.")
@click.option("--steady", type=FiniteRange(0, 1), default=STEADY, show_default=True, help="How steady the strokes are.")
@device_option()
@vgg_option()
@click.option("--fullscreen", is_flag=True, help="Start in full screen.")
@click.option("--display", type=click.IntRange(0), metavar="N", help="Monitor to open the window on, from 0.")
@click.option("--no-window", is_flag=True, help="Learn without a window and keep the style.")
@click.option("--snapshot", type=_PATH, metavar="FILE.png", help="Save the last picture at the end.")
@click.option("--keys", metavar="N:KEY,...", default="", help="Press keys at these frames, for example 900:enter.")
@click.option("--overwrite", is_flag=True, help="Replace your style of the same name.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def learn_command(painting: Path, as_json: bool, **options: Any) -> int:
    """Learn a new style from PAINTING, a picture file, while you watch.

    The camera's picture is painted at once, and better every few seconds. Press enter to keep the style, q to leave
    without it, + to learn for a minute more.

    \b
    Examples:
      realtime learn wave.jpg
      realtime learn wave.jpg --camera demo --name wave
      realtime learn wave.jpg --content photos/ --minutes 3 --no-window
    """
    check_learning()
    from stylecam.realtime.commands.learn_teacher import ProcessTeacher

    report, code = _learn(painting, options, ProcessTeacher)
    if as_json:
        click.echo(json.dumps(report))
    return code


def _learn(painting: Path, options: dict[str, Any], teach: Callable[..., ProcessTeacher]) -> tuple[dict[str, Any], int]:
    from stylecam.models.catalog import Style, StyleCatalog
    from stylecam.realtime.commands.learn_input import check_place, read_painting, style_name

    _check(painting, options)
    if not options["no_window"]:
        from stylecam.realtime.live.sdl import check_display

        check_display(options["display"])
    picture = read_painting(painting, notify)
    name = style_name(options["name"], painting, options["overwrite"], StyleCatalog().names)
    options["title"] = options["title"] or name
    check_place(name, options["overwrite"])
    with ExitStack() as stack:
        interrupts = stack.enter_context(Interrupts())
        options["vgg_weights"] = fetch_vgg(options["vgg_weights"])
        source = stack.enter_context(_source(options)) if _wants_frames(options) else None
        task = learn_task(
            name, picture, 60 * options["minutes"], options["title"], options["artist"], options["year"],
            vgg_weights=options["vgg_weights"], content=options["content"], spare_core=not options["no_window"],
        )  # fmt: skip
        teacher = stack.enter_context(teach(task))
        if options["no_window"] or source is None:
            learnt = learn_unseen(source, teacher, options, interrupts)
        else:
            learnt = learn_watched(name, picture, source, teacher, options, interrupts)
        if not learnt.kept:
            notify(f"{name} was not kept")
            return {"style": name, "kept": False, "interrupted": interrupts.asked}, learnt.code
        if learnt.finished is None:
            notify("measuring the new style")
        data, said = learnt.finished or teacher.finish()
        if said is not None:
            notify(said)
        style = Style.from_bytes(Path(name), data)
    saved, failures = [*learnt.saved], [*learnt.failures]
    report = {**keep_style(style, options["overwrite"]), "interrupted": interrupts.asked, "saved": saved}
    if learnt.last is not None and options["snapshot"]:
        try:
            _save_picture(options["snapshot"], style, options["device"], learnt.last)
            saved.append(str(options["snapshot"]))
        except StylecamError as error:
            notify(str(error))
            failures.append(str(error))
    return {**report, "failures": failures}, learnt.code or (1 if said or failures else 0)


def _wants_frames(options: dict[str, Any]) -> bool:
    """Whether somebody sees or learns from frames; a camera that nobody wants is left alone."""
    return not options["no_window"] or options["content"] is None or options["snapshot"] is not None


def _check(painting: Path, options: dict[str, Any]) -> None:
    """Refuses at once what would fail after minutes. Raises `StylecamError`."""
    from stylecam.realtime.common.targets import check_target
    from stylecam.realtime.live.hotkeys import parse_keys

    parse_keys(options["keys"])
    if options["snapshot"] is not None:
        check_target(options["snapshot"], (painting,), ".png")
    if options["content"] is not None and not options["content"].is_dir():
        raise PictureError(f"there is no folder {options['content']}: give a folder of photographs with --content")
    if options["vgg_weights"] is not None and not options["vgg_weights"].is_file():
        raise VGGWeightsError(f"there is no VGG weights file {options['vgg_weights']}: give another one")


def _save_picture(path: Path, style: Style, device: str, frame: np.ndarray) -> None:
    from stylecam.realtime.painting.stylizer import Stylizer
    from stylecam.realtime.video.png_file import save_png

    save_png(path, Stylizer(style, device)(frame))


@contextmanager
def _source(options: dict[str, Any]) -> Iterator[FrameSource]:
    """The source that was named; without a name the first camera, and where there is none the demo scene."""
    from stylecam.realtime.sources.camera_option import open_source

    camera, size = options["camera"], parse_size(options["size"])
    if camera is None:
        from stylecam.realtime.sources.connected_cameras import list_cameras

        cameras = list_cameras()
        camera = str(cameras[0].index) if cameras else "demo"
        if not cameras:
            notify("no camera found, so the demo scene is used")
    with large_enough(open_source(camera, size)) as source:
        yield source
