"""The runs of a benchmark, in turns: bare inference, the live command in its own process, the reference network."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from stylecam.models.catalog import REFERENCE, Style
from stylecam.models.errors import StylecamError
from stylecam.realtime.live.recorder import RecorderSink
from stylecam.realtime.painting.compute_devices import DEVICES
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.sources.demo_scene import draw_scene

__all__ = ["Measured", "devices_of", "long_run_peak", "rounds"]

ROUNDS = 3
CLIP_FRAMES = 200
LOADING = 3.0  # seconds within which the next style is loaded beside the first
MOST_FRAMES = 5000


@dataclass(frozen=True)
class Measured:
    """Milliseconds of each call by the device's name, and reports of the live command."""

    bare: dict[str, list[float]]
    reference: dict[str, list[float]]
    live: list[dict[str, Any]] = field(default_factory=list)
    switching: list[dict[str, Any]] = field(default_factory=list)


def rounds(
    style: Style,
    size: tuple[int, int],
    devices: list[str],
    steady: float,
    folder: Path,
    progress: Callable[[str], None],
) -> Measured:
    """All that takes turns; the live command runs on the first of the devices."""
    measured = Measured({name: [] for name in devices}, {name: [] for name in devices})
    frames = np.stack([draw_scene(7 * n, size) for n in range(4)])
    clip, long_enough = folder / "demo.mp4", folder / "switches.mp4"
    progress("drawing the demo clip")
    _write_clip(clip, size, CLIP_FRAMES)
    switches: list[str] = []
    for number in range(1, ROUNDS + 1):
        progress(f"round {number} of {ROUNDS}: bare inference")
        for name, times in measured.bare.items():
            times += _time(style, frames, name, calls=40)
        switches = switches or _switches(long_enough, size, float(np.median(measured.bare[devices[0]])) / 1e3)
        progress(f"round {number} of {ROUNDS}: the live command")
        measured.live.append(_live(style, clip, devices[0], steady))
        measured.switching.append(_live(style, long_enough, devices[0], steady, switches))
        progress(f"round {number} of {ROUNDS}: the reference network")
        for name, times in measured.reference.items():
            times += _time(Style.read(REFERENCE), frames, name, calls=4)
    return measured


def devices_of(style: Style, device: str) -> dict[str, str]:
    """The device that was asked for and its provider; where that is the processor, its other engines too."""
    first = Stylizer(style, device)
    devices = {device: first.provider}
    for name in (name for name, other in DEVICES.items() if first.on_cpu and other.on_cpu):
        try:
            provider = Stylizer(style, name).provider
        except StylecamError:  # OpenVINO has no wheel for this machine
            continue
        if provider not in devices.values():
            devices[name] = provider
    return devices


def _time(style: Style, frames: np.ndarray, device: str, calls: int) -> list[float]:
    """Milliseconds of each call after two to warm up."""
    stylizer = Stylizer(style, device)
    times = []
    for number in range(calls + 2):
        start = time.perf_counter()
        stylizer(frames[number % len(frames)])
        times.append(1e3 * (time.perf_counter() - start))
    del stylizer  # its threads would spin beside the next measurement
    gc.collect()
    return times[2:]


def _switches(clip: Path, size: tuple[int, int], seconds: float) -> list[str]:
    """Writes a clip, and gives the options that switch there and back in it: to the next style, once it is loaded.

    `seconds` are what a frame takes.
    """
    first = min(MOST_FRAMES, max(100, round(LOADING / seconds)))
    _write_clip(clip, size, first + 50)
    keys = ",".join(f"{first + 10 * number}:{'np'[number % 2]}" for number in range(5))
    return ["--keys", keys, "--frames", str(first + 42)]


def long_run_peak(
    style: Style,
    clip: Path,
    size: tuple[int, int],
    device: str,
    steady: float,
    progress: Callable[[str], None],
    frames: int | None,
) -> float | None:
    """The peak memory, in MB, of the live command over `frames` frames."""
    if frames is None:
        return None
    progress(f"drawing a clip of {frames} frames")
    _write_clip(clip, size, frames)
    progress(f"the live command over {frames} frames")
    return float(_live(style, clip, device, steady)["peak_rss_mb"])


def _write_clip(path: Path, size: tuple[int, int], frames: int) -> None:
    rate = Fraction(30)
    with RecorderSink(path, 1 / rate, rate) as recorder:
        for number in range(frames):
            recorder.show(draw_scene(number, size), number / rate)


def _live(style: Style, clip: Path, device: str, steady: float, more: Sequence[str] = ()) -> dict[str, Any]:
    command = [sys.executable, "-m", "stylecam.realtime.cli", "--camera", str(clip), "--style", str(style.path)]
    command += [
        "--device",
        device,
        "--steady",
        str(steady),
        "--no-window",
        "--json",
        "--paint-lines",
        "native",
        "--tier",
        style.tier,
        *more,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StylecamError(f"the live command failed: {done.stderr.strip() or done.returncode}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report
