"""Measures a style's speed on this machine, against the reference network, in one run."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from stylecam.models.catalog import REFERENCE, Style
from stylecam.models.errors import StylecamError
from stylecam.realtime.demo_scene import draw_scene
from stylecam.realtime.sinks import RecorderSink
from stylecam.realtime.stylizer import Stylizer

__all__ = ["BenchResult", "run_bench"]

ROUNDS = 3
CLIP_FRAMES = 200


@dataclass(frozen=True)
class BenchResult:
    """One run's figures; all times are medians, in milliseconds."""

    style: str
    tier: str
    provider: str
    size: tuple[int, int]
    inference_ms: float
    inference_fps: float
    reference_ms: float
    times_faster: float  # reference_ms / inference_ms
    end_to_end_fps: float  # decode, stylize, show, in the live command without a window
    end_to_end_ratio: float  # end_to_end_fps / inference_fps
    first_frame_ms: float  # from the start of the process
    peak_rss_mb: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {k: float(f"{v:.5g}") if isinstance(v, float) else v for k, v in asdict(self).items()}


def run_bench(
    style: Style, size: tuple[int, int], device: str = "auto", progress: Callable[[str], None] = lambda text: None
) -> BenchResult:
    """Runs the benchmark at (width, height); about half a minute on two cores.

    Rounds of bare inference, the live command and the reference network alternate, so that a machine
    that slows down slows all of them. Raises `StylecamError` when the live command fails.
    """
    frames = np.stack([draw_scene(7 * n, size) for n in range(4)])
    bare: list[float] = []
    reference: list[float] = []
    live: list[dict[str, Any]] = []
    provider = ""
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "demo.mp4"
        progress("drawing the demo clip")
        _write_clip(clip, size)
        for number in range(1, ROUNDS + 1):
            progress(f"round {number} of {ROUNDS}: bare inference")
            bare_times, provider = _time(style, frames, device, calls=40)
            progress(f"round {number} of {ROUNDS}: the live command")
            live.append(_live(style, clip, device))
            progress(f"round {number} of {ROUNDS}: the reference network")
            reference_times, _ = _time(Style.read(REFERENCE), frames, device, calls=4)
            bare += bare_times
            reference += reference_times
    inference, slow = float(np.median(bare)), float(np.median(reference))
    fps = float(np.median([report["fps"] for report in live]))
    return BenchResult(
        style=style.name,
        tier=style.tier,
        provider=provider,
        size=size,
        inference_ms=inference,
        inference_fps=1e3 / inference,
        reference_ms=slow,
        times_faster=slow / inference,
        end_to_end_fps=fps,
        end_to_end_ratio=fps * inference / 1e3,
        first_frame_ms=float(np.median([report["first_frame_ms"] for report in live])),
        peak_rss_mb=float(max(report["peak_rss_mb"] for report in live)),
    )


def _time(style: Style, frames: np.ndarray, device: str, calls: int) -> tuple[list[float], str]:
    """Milliseconds of each call after two to warm up, and the provider that really ran."""
    stylizer = Stylizer(style, device)
    times = []
    for number in range(calls + 2):
        start = time.perf_counter()
        stylizer(frames[number % len(frames)])
        times.append(1e3 * (time.perf_counter() - start))
    provider = stylizer.provider
    del stylizer  # its threads would spin beside the next measurement
    gc.collect()
    return times[2:], provider


def _write_clip(path: Path, size: tuple[int, int]) -> None:
    rate = Fraction(30)
    with RecorderSink(path, 1 / rate, rate) as recorder:
        for number in range(CLIP_FRAMES):
            recorder.add(draw_scene(number, size), number / rate)


def _live(style: Style, clip: Path, device: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "stylecam.realtime.cli", "--camera", str(clip), "--style", str(style.path)]
    command += ["--device", device, "--no-window", "--json", "--paint-lines", "native"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StylecamError(f"the live command failed: {done.stderr.strip() or done.returncode}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report
