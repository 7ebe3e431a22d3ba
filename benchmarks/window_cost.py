"""What the window takes for a frame, beside OpenCV's: milliseconds until the screen has it, and processor time.

Needs a display; without one: xvfb-run -s "-screen 0 1280x800x24" python benchmarks/window_cost.py
"""

import os
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from stylecam.realtime.live.canvas import CanvasError
from stylecam.realtime.live.renderer_canvas import RendererCanvas
from stylecam.realtime.live.surface_canvas import SurfaceCanvas
from stylecam.realtime.live.window import WindowSink
from stylecam.realtime.video.libraries import cv2

CASES = [((640, 480), False), ((640, 480), True), ((1920, 1080), True)]
FRAMES, ROUNDS = 60, 3


class OpenCvWindow:
    """OpenCV's own window, for comparison."""

    def __init__(self, size, fullscreen):
        cv2.namedWindow("opencv", cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        cv2.resizeWindow("opencv", *size)
        if fullscreen:
            cv2.setWindowProperty("opencv", cv2.WND_PROP_FULLSCREEN, cv2.WINDOW_FULLSCREEN)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        cv2.destroyAllWindows()
        cv2.pollKey()

    def show(self, picture):
        """Shows it."""
        cv2.imshow("opencv", picture)

    def keys(self):
        """Asks for keys, which is when it draws."""
        cv2.pollKey()


def measured(window, frames):
    """(milliseconds, processor milliseconds) of a frame: medians over rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began, cpu = time.perf_counter(), sum(os.times()[:2])
        for n in range(FRAMES):
            window.show(frames[n % len(frames)])
            window.keys()
        rounds.append((time.perf_counter() - began, sum(os.times()[:2]) - cpu))
    return [1e3 * statistics.median(values) / FRAMES for values in zip(*rounds, strict=True)]


def main():
    """Prints one line for each size and window."""
    os.environ.setdefault("QT_QPA_PLATFORM", "xcb")
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder) / "window.json")


def measure(place):
    """Prints the lines; `place` is for the window to remember where it was."""
    kinds = {
        "processor": lambda size, full: WindowSink("a", size, full, place=place, canvas=SurfaceCanvas),
        "SDL's renderer": lambda size, full: WindowSink(
            "b", size, full, place=place, canvas=partial(RendererCanvas, in_software=True)
        ),
        "OpenCV": OpenCvWindow,
    }
    for size, fullscreen in CASES:
        noise = np.random.default_rng(0)
        frames = [
            cv2.GaussianBlur(noise.integers(0, 255, (size[1], size[0], 3), np.uint8), (0, 0), 3) for _ in range(4)
        ]
        for name, make in kinds.items():
            try:
                with make(size, fullscreen) as window:
                    measured(window, frames)
                    wall, cpu = measured(window, frames)
            except CanvasError as error:
                print(f"{name}: {error}", file=sys.stderr)
                continue
            where = "full screen" if fullscreen else "window"
            print(f"{size[0]}x{size[1]} {where:12} {name:15} {wall:6.2f} ms  {cpu:6.2f} ms of processor")


if __name__ == "__main__":
    main()
