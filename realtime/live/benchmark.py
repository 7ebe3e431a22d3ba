"""Measures a style's speed on this machine, against the reference network, in one run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stylecam.models.catalog import Style
from stylecam.realtime.live.benchmark_runs import devices_of, long_run_peak, rounds
from stylecam.realtime.painting.compute_devices import ONNX_RUNTIME
from stylecam.realtime.painting.usual import STEADY

__all__ = ["BenchResult", "EngineTimes", "run_bench"]


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
    """Runs the benchmark at (width, height); about two minutes on two cores.

    Rounds of bare inference, the live command and the reference network alternate, so that a machine
    that slows down slows all of them. `steady`, 0 to 1, is the live command's. `long_run` asks for one more live run of
    so many frames, whose peak memory beside that of the short ones shows a growth. Raises `StylecamError` when the
    live command fails.
    """
    devices = devices_of(style, device)
    with tempfile.TemporaryDirectory() as folder:
        measured = rounds(style, size, list(devices), steady, Path(folder), progress)
        long_peak = long_run_peak(style, Path(folder) / "long.mp4", size, device, steady, progress, long_run)
    engines = tuple(
        EngineTimes(provider, float(np.median(measured.bare[name])), float(np.median(measured.reference[name])))
        for name, provider in devices.items()
    )
    inference = engines[0].inference_ms
    slow = next((e.reference_ms for e in engines if e.provider.startswith(ONNX_RUNTIME)), engines[0].reference_ms)
    fps = float(np.median([report["fps"] for report in measured.live]))
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
        first_frame_ms=float(np.median([report["first_frame_ms"] for report in measured.live])),
        peak_rss_mb=float(max(report["peak_rss_mb"] for report in measured.live)),
        **_switch_times(measured.switching),
        long_run_frames=long_run,
        long_run_peak_rss_mb=long_peak,
    )


def _switch_times(reports: list[dict[str, Any]]) -> dict[str, float | None]:
    """The median over all switches, in milliseconds and in frames of their runs."""
    times = [(switch["ms"], switch["ms"] * report["fps"] / 1e3) for report in reports for switch in report["switches"]]
    ms, in_frames = np.median(times, axis=0).tolist() if times else (None, None)
    return {"switch_ms": ms, "switch_frames": in_frames}
