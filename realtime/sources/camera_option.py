"""From what the user typed after --camera to the source of frames."""

from __future__ import annotations

import os
import re
from contextlib import AbstractContextManager

from stylecam.models.errors import OptionsError
from stylecam.realtime.sources.camera import CameraSource
from stylecam.realtime.sources.demo_scene import DemoSource
from stylecam.realtime.sources.file_source import FileSource
from stylecam.realtime.sources.network_camera import SCHEMES, without_credentials
from stylecam.realtime.sources.network_file import NetworkSource
from stylecam.realtime.sources.webcam import Webcam
from stylecam.realtime.video.frame import FrameSource

__all__ = ["differences", "open_source"]


def open_source(
    spec: str, size: tuple[int, int] | None = None, fps: float | None = None
) -> AbstractContextManager[FrameSource]:
    """The source that `spec` names, opened by `with open_source(spec) as source`.

    `spec` is a camera's number ("0") or device ("/dev/video2"), a path, a URL ("http://...", "rtsp://...") or
    "demo". `size` (width, height) and `fps` are asked of a camera, see `differences`, and obeyed by the demo. Raises
    `OptionsError` where they are given for a file or a network camera.
    """
    if spec == "demo":
        return DemoSource(size or (640, 480), fps)
    if spec.isdecimal() or re.match(r"/dev/(video\d|v4l/)", spec):
        return CameraSource(Webcam(spec, size, fps))
    network = spec.partition("://")[0].lower() in SCHEMES and "://" in spec
    if size or fps:
        name = without_credentials(spec) if network else spec
        raise OptionsError(f"--size and --fps are only for webcams and the demo: leave them out for {name}")
    return NetworkSource(spec) if network else FileSource(os.path.expanduser(spec), ", or try --camera demo")


def differences(source: FrameSource, size: tuple[int, int] | None, fps: float | None) -> list[str]:
    """A sentence for each thing that an opened source was asked for and gives otherwise."""
    said = []
    if size and source.size != size:
        (width, height), (wanted_width, wanted_height) = source.size, size
        said.append(f"{source.name} gives {width}x{height} px, not the {wanted_width}x{wanted_height} of --size")
    if fps and source.fps and abs(source.fps - fps) > 0.5:
        said.append(f"{source.name} gives {float(source.fps):g} frames per second, not the {fps:g} of --fps")
    return said
