"""The live report: counted and timed while the loop runs, never estimated."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stylecam.realtime.live.histogram import Histogram
from stylecam.realtime.painting.painter import Painter
from stylecam.realtime.video.frame import FrameSource

__all__ = ["Meter", "about_source", "about_style", "peak_rss_mb", "seconds_since_process_start"]

_IMPORTED = time.monotonic()
_RECENT = 30
_SWITCHES = 1000


@dataclass
class Meter:
    """Collects what happens to each frame. Times in milliseconds, instants of `time.monotonic()`.

    A session may last for weeks: what is kept does not grow with it.
    """

    shown: int = 0
    first_frame_ms: float | None = None
    switches: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_SWITCHES))
    _first: float = 0.0
    _last: float = 0.0
    _latency: Histogram = field(default_factory=Histogram)
    _inference: Histogram = field(default_factory=Histogram)
    _recent_latency: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))
    _instants: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))

    def frame_shown(self, started: float, inference_ms: float | None) -> None:
        """One picture was handed to the sinks; `started` is when its frame was captured or taken from a file."""
        now = time.monotonic()
        if self.shown == 0:
            self.first_frame_ms = 1e3 * seconds_since_process_start()
            self._first = now
        self.shown += 1
        self._last = now
        latency = 1e3 * (now - started)
        self._latency.add(latency)
        self._recent_latency.append(latency)
        if inference_ms is not None:
            self._inference.add(inference_ms)
        self._instants.append(now)

    def switched(self, name: str, asked: float) -> None:
        """The first frame of another style was shown; `asked` is when the user asked for it."""
        self.switches.append({"to": name, "ms": round(1e3 * (time.monotonic() - asked), 1)})

    @property
    def fps(self) -> float:
        """Frames shown per second, from the first to the last; 0 before the second one."""
        return (self.shown - 1) / (self._last - self._first) if self._last > self._first else 0.0

    @property
    def recent_fps(self) -> float:
        """The same over the last frames, for the HUD."""
        span = self._instants[-1] - self._instants[0] if len(self._instants) > 1 else 0.0
        return (len(self._instants) - 1) / span if span > 0 else 0.0

    @property
    def recent_latency_ms(self) -> float:
        """Median latency of the last frames, for the HUD."""
        return float(np.median(self._recent_latency)) if self._recent_latency else 0.0

    @property
    def seconds_since_last(self) -> float | None:
        """How long ago the last frame was shown; None before the first."""
        return time.monotonic() - self._last if self.shown else None

    def figures(self) -> dict[str, Any]:
        """The report's part that is measured here."""
        return {
            "frames_shown": self.shown,
            "fps": round(self.fps, 2),
            "latency_ms": _percentiles(self._latency),
            "inference_ms": _percentiles(self._inference),
            "first_frame_ms": None if self.first_frame_ms is None else round(self.first_frame_ms, 1),
            "peak_rss_mb": round(peak_rss_mb(), 1),
            "switches": list(self.switches),
        }


def about_style(painter: Painter) -> dict[str, Any]:
    """The report's part on what painted the last frame."""
    stylizer = painter.stylizer
    return {
        "style": painter.name,
        "tier": stylizer.style.tier if stylizer else None,
        "provider": stylizer.provider if stylizer else None,
        "sha256": stylizer.style.sha256 if stylizer else None,
        "painted_size": list(painter.painted_size) if painter.painted_size else None,
    }


def about_source(source: FrameSource) -> dict[str, Any]:
    """The report's part on where the frames came from."""
    return {
        "source": source.name,
        "size": list(source.size),
        "frames_captured": source.captured,
        "frames_dropped": source.dropped,
    }


def _percentiles(values: Histogram) -> dict[str, float | None]:
    found = {f"p{percent}": values.percentile(percent) for percent in (50, 95)}
    return {name: None if value is None else round(value, 3) for name, value in found.items()}


def seconds_since_process_start() -> float:
    """Since the operating system started this process; where it does not say, since this module was imported."""
    try:
        with open("/proc/self/stat", "rb") as file:
            started = int(file.read().rpartition(b")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started
    except (OSError, AttributeError, ValueError, IndexError):
        return time.monotonic() - _IMPORTED


def peak_rss_mb() -> float:
    """The most memory this process held, in MB (10^6 bytes). NaN where the system does not say."""
    if sys.platform == "win32":
        return _windows_peak_mb()
    if sys.platform == "linux":
        # Not getrusage: its maximum includes the memory of the process that started this one.
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            peaks = [line.split()[1] for line in file if line.startswith("VmHWM:")]
        return int(peaks[0]) * 1024 / 1e6 if peaks else float("nan")
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def _windows_peak_mb() -> float:
    import ctypes

    counters = (ctypes.c_size_t * 10)()  # PROCESS_MEMORY_COUNTERS: two DWORDs in the first slot, then sizes
    counters[0] = ctypes.sizeof(counters)
    windll = getattr(ctypes, "windll")  # noqa: B009 (unknown to type checkers elsewhere)
    process = windll.kernel32.GetCurrentProcess()
    if not windll.psapi.GetProcessMemoryInfo(process, ctypes.byref(counters), ctypes.sizeof(counters)):
        return float("nan")
    return float(counters[1] / 1e6)
