"""The options of the live command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stylecam.realtime.commands.live_remote import REMOTE_OPTIONS
from stylecam.realtime.commands.options import FiniteRange
from stylecam.realtime.live.control_table import CONTROLS
from stylecam.realtime.painting.compute_devices import DEVICE_CHOICES
from stylecam.realtime.painting.usual import STEADY

__all__ = ["LIVE_OPTIONS"]


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
            help="Network of the style; full: finer, four times the work; auto: full on a GPU, else fast."),
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
    _control("fill", more=", from the start"),
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
    *REMOTE_OPTIONS,
    _option("--attract", "attract_seconds", type=FiniteRange(1), metavar="SECONDS",
            help="Glide from style to style when nobody has touched anything for so long."),
    _option("--kiosk", is_flag=True,
            help="For exhibitions: full screen, keys that quit must be held, faults start it again."),
    _option("--list-cameras", is_flag=True, help="List the cameras and exit."),
    _option("--list-microphones", is_flag=True, help="List the microphones and exit."),
    _option("--json", "as_json", is_flag=True, help="Print the report as one JSON object."),
]  # fmt: skip
