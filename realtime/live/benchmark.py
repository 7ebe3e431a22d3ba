"""Measures a style's speed on this machine, against the reference network, in one run."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from stylecam.models.catalog import REFERENCE, Style
from stylecam.models.errors import StylecamError
from stylecam.realtime.live.recorder import RecorderSink
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.painting.usual import STEADY
from stylecam.realtime.sources.demo_scene import draw_scene

__all__ = ["BenchResult", "EngineTimes", "run_bench"]

ROUNDS = 3
CLIP_FRAMES = 200
LOADING = 3.0  # seconds within which the next style is loaded beside the first
MOST_FRAMES = 5000


@dataclass(frozen=True)
class EngineTimes:
    """What one device takes for a frame of the style and of the reference network; medians, in milliseconds."""

    provider: str
    inference_ms: float
    reference_ms: float


@dataclass(frozen=True)
class BenchResult:
    """One run's figures; all times are medians, in milliseconds."""

    style: str
    tier: str
    provider: str
    size: tuple[int, int]
    inference_ms: float
    inference_fps: float
    reference_ms: float  # of the reference network in ONNX Runtime, as others run it
    times_faster: float  # reference_ms / inference_ms
    engines: tuple[EngineTimes, ...]  # the device that was asked for, then the others that share it
    end_to_end_fps: float  # decode, stylize, show, in the live command without a window
    end_to_end_ratio: float  # end_to_end_fps / inference_fps
    first_frame_ms: float  # from the start of the process
    peak_rss_mb: float
    switch_ms: float | None  # from the key to the first frame of the other style; None where there is no other
    switch_frames: float | None  # the same in frames of that run, whose rate is end to end
    long_run_frames: int | None = None  # of one more run, for its memory
    long_run_peak_rss_mb: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {k: float(f"{v:.5g}") if isinstance(v, float) else v for k, v in asdict(self).items()}


def run_bench(
    style: Style,
    size: tuple[int, int],
    device: str = "auto",
    progress: Callable[[str], None] = lambda text: None,
    long_run: int | None = None,
    steady: float = STEADY,
) -> BenchResult:
    """Runs the benchmark at (width, height); about half a minute on two cores.

    Rounds of bare inference, the live command and the reference network alternate, so that a machine
    that slows down slows all of them. `steady`, 0 to 1, is the live command's. `long_run` asks for one more live run of
    so many frames, whose peak memory beside that of the short ones shows a growth. Raises `StylecamError` when the
    live command fails.
    """
    frames = np.stack([draw_scene(7 * n, size) for n in range(4)])
    devices = _devices(style, device)
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in devices}
    live: list[dict[str, Any]] = []
    switching: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        folder_path = Path(folder)
        clip = folder_path / "demo.mp4"
        progress("drawing the demo clip")
        _write_clip(clip, size, CLIP_FRAMES)
        for number in range(1, ROUNDS + 1):
            progress(f"round {number} of {ROUNDS}: bare inference")
            for name, (bare, _) in times.items():
                bare += _time(style, frames, name, calls=40)
            if number == 1:
                switches = _switches(folder_path / "switches.mp4", size, float(np.median(times[device][0])) / 1e3)
            progress(f"round {number} of {ROUNDS}: the live command")
            live.append(_live(style, clip, device, steady))
            switching.append(_live(style, folder_path / "switches.mp4", device, steady, switches))
            progress(f"round {number} of {ROUNDS}: the reference network")
            for name, (_, reference) in times.items():
                reference += _time(Style.read(REFERENCE), frames, name, calls=4)
        long_peak = _long_run(style, folder_path / "long.mp4", size, device, steady, progress, long_run)
    engines = tuple(
        EngineTimes(devices[name], float(np.median(bare)), float(np.median(reference)))
        for name, (bare, reference) in times.items()
    )
    inference = engines[0].inference_ms
    slow = next((e.reference_ms for e in engines if e.provider.startswith("ONNX Runtime")), engines[0].reference_ms)
    fps = float(np.median([report["fps"] for report in live]))
    return BenchResult(
        style=style.name,
        tier=style.tier,
        provider=engines[0].provider,
        size=size,
        inference_ms=inference,
        inference_fps=1e3 / inference,
        reference_ms=slow,
        times_faster=slow / inference,
        engines=engines,
        end_to_end_fps=fps,
        end_to_end_ratio=fps * inference / 1e3,
        first_frame_ms=float(np.median([report["first_frame_ms"] for report in live])),
        peak_rss_mb=float(max(report["peak_rss_mb"] for report in live)),
        **_switch_times(switching),
        long_run_frames=long_run,
        long_run_peak_rss_mb=long_peak,
    )


def _devices(style: Style, device: str) -> dict[str, str]:
    """The device that was asked for and its provider; where that is the processor, its other engines too."""
    first = Stylizer(style, device)
    devices = {device: first.provider}
    for name in ("cpu", "openvino", "openvino:f32") if first.on_cpu else ():
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


def _switch_times(reports: list[dict[str, Any]]) -> dict[str, float | None]:
    """The median over all switches, in milliseconds and in frames of their runs."""
    times = [(switch["ms"], switch["ms"] * report["fps"] / 1e3) for report in reports for switch in report["switches"]]
    ms, in_frames = np.median(times, axis=0).tolist() if times else (None, None)
    return {"switch_ms": ms, "switch_frames": in_frames}


def _long_run(
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
