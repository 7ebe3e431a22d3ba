"""`realtime doctor`: what this machine can do, and how to fix what it cannot."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import click

__all__ = ["doctor_command"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `needed` ones that are not ok make the command fail."""

    what: str
    ok: bool
    found: str
    remedy: str = ""
    needed: bool = False


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def doctor_command(as_json: bool) -> int:
    """Check what works on this machine, and how to fix what does not. The exit code is 1 if no style works.

    \b
    Example:
      realtime doctor
    """
    findings = [
        *_versions(),
        *_styles(),
        *_engines(),
        *_display(),
        *_cameras(),
        *_encoder(),
        *_virtual_camera(),
        *_microphones(),
        *_extras(),
    ]
    if as_json:
        click.echo(json.dumps([asdict(f) for f in findings]))
    for finding in () if as_json else findings:
        mark = "ok" if finding.ok else "FAIL" if finding.needed else "--"
        remedy = f"; {finding.remedy}" if finding.remedy and not finding.ok else ""
        click.echo(f"{mark:4} {finding.what:14} {finding.found}{remedy}")
    return 1 if any(f.needed and not f.ok for f in findings) else 0


def _versions() -> Iterator[Finding]:
    yield Finding("python", True, f"{platform.python_version()} on {platform.platform()}")
    names = ("stylecam", "numpy", "opencv-python", "av", "onnxruntime-gpu", "onnxruntime", "openvino")
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    yield Finding("packages", True, ", ".join(f"{k} {v}" for k, v in found.items()))


def _styles() -> Iterator[Finding]:
    from stylecam.models.catalog import StyleCatalog
    from stylecam.models.errors import StylecamError
    from stylecam.realtime.painting.stylizer import Stylizer

    catalog = StyleCatalog()
    working, providers = [], set()
    for style in catalog.styles:
        try:
            stylizer = Stylizer(style)
        except StylecamError as error:
            yield Finding("style", False, str(error), "remove it or export it again")
        else:
            working.append(f"{style.name} ({style.tier})")
            providers.add(stylizer.provider)
    for broken in catalog.broken:
        yield Finding("style", False, str(broken), "remove it or export it again")
    folders = ", ".join(map(str, catalog.folders))
    found = f"{', '.join(working)}; {', '.join(sorted(providers))}" if working else "none"
    yield Finding("styles", bool(working), found, f"put style files in one of {folders}", True)


def _engines() -> Iterator[Finding]:
    from stylecam.models.catalog import REFERENCE, Style
    from stylecam.models.errors import StylecamError
    from stylecam.realtime.painting.compute_devices import DEVICES, OPENVINO
    from stylecam.realtime.painting.engines.engine import EngineMissingError
    from stylecam.realtime.painting.engines.onnx_runtime import lacking, nvidia_gpus
    from stylecam.realtime.painting.engines.openvino import openvino_devices
    from stylecam.realtime.painting.stylizer import Stylizer

    gpus = nvidia_gpus()
    yield Finding("nvidia gpu", gpus > 0, str(gpus) if gpus else "none with a working driver", "the CPU is used")
    try:
        of_openvino = openvino_devices()
    except EngineMissingError as error:
        of_openvino = ()
        yield Finding("openvino", False, str(error), "pip install openvino: most processors are faster with it")
    for name, device in DEVICES.items():
        offered = device.target in of_openvino if device.engine == OPENVINO else not lacking(device.target)
        if not offered or name == "cpu" or device.precision:  # its other precision works where the usual one does
            continue
        try:
            provider = Stylizer(Style.read(REFERENCE), name).provider
        except StylecamError as error:
            remedy = (
                "install a current driver, then pip install 'stylecam[cuda]'"
                if name == "cuda"
                else f"use another --device than {name}"
            )
            yield Finding(name, False, str(error), remedy)
        else:
            yield Finding(name, True, f"{provider} works")


def _display() -> Iterator[Finding]:
    from stylecam.models.errors import DisplayError
    from stylecam.realtime.live import sdl

    try:
        sdl.start_video()
    except DisplayError as error:
        yield Finding("display", False, str(error))
        return
    monitors = [f"{n} {one.name}, {one.area[2]}x{one.area[3]}" for n, one in enumerate(sdl.displays())]
    sdl.stop_video()
    yield Finding("display", True, f"a window can be opened; monitors: {'; '.join(monitors)}")


def _cameras() -> Iterator[Finding]:
    from stylecam.realtime.sources.connected_cameras import list_cameras

    cameras = [f"{c.index} ({c.name})" for c in list_cameras()]
    remedy = "plug one in, or use a file, a URL or --camera demo"
    if sys.platform == "linux":
        remedy += "; if a camera is plugged in, add your user to the group `video`"
    yield Finding("cameras", bool(cameras), ", ".join(cameras) or "none found", remedy)


def _encoder() -> Iterator[Finding]:
    from stylecam.realtime.video.libraries import av

    found = "libx264" in av.codecs_available
    yield Finding("recording", found, "H.264 encoder " + ("found" if found else "missing"), "pip install -U av")


def _virtual_camera() -> Iterator[Finding]:
    from stylecam.realtime.live.virtual_device import doctor_finding

    state = doctor_finding()
    yield Finding("virtual camera", state.ok, state.found, state.remedy)


def _microphones() -> Iterator[Finding]:
    from stylecam.models.errors import StylecamError
    from stylecam.realtime.live.microphone import list_microphones

    try:
        names = [one.name + (" (the usual one)" if one.default else "") for one in list_microphones()]
    except StylecamError as error:
        found, _, remedy = str(error).partition(": ")
        yield Finding("microphones", False, found, remedy)
        return
    yield Finding("microphones", bool(names), ", ".join(names) or "none found", "plug one in")


# The extra: what it is for, and the modules that it brings.
_EXTRAS = {
    "train": ("training", ("torch", "torchvision", "lightning_fabric", "safetensors", "matplotlib")),
    "export": ("exporting", ("torch", "safetensors", "onnx", "onnxscript")),
    "remote": ("page and OSC", ("aiohttp", "pythonosc", "segno")),
    "midi": ("MIDI", ("mido", "rtmidi")),
    "heic": ("HEIC photos", ("pillow_heif",)),
}


def _extras() -> Iterator[Finding]:
    for extra, (purpose, modules) in _EXTRAS.items():
        missing = [name for name in modules if importlib.util.find_spec(name) is None]
        found = f"not installed: {', '.join(missing)}" if missing else "installed"
        yield Finding(purpose, not missing, found, f"pip install 'stylecam[{extra}]'")
