"""The real window on a virtual screen: the contract of all sinks, and what is seen of a picture, by both canvases."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from ..sink_contract import CHECKS
from .conftest import wait_for

CONTRACT = Path(__file__).parents[1] / "sink_contract.py"

# Shows a picture whose left half is blue and right half red, with a white panel over it, until its input ends.
SHOW = """
import sys
from functools import partial
from pathlib import Path
import numpy as np
from stylecam.realtime.live.canvas import Panel
from stylecam.realtime.live.renderer_canvas import RendererCanvas
from stylecam.realtime.live.surface_canvas import SurfaceCanvas
from stylecam.realtime.live.window import WindowSink

canvas = {"surface": SurfaceCanvas, "renderer": partial(RendererCanvas, in_software=True)}[sys.argv[1]]
picture = np.zeros((48, 64, 3), np.uint8)
picture[:, :32, 0], picture[:, 32:, 2] = 255, 255
white = np.full((20, 40, 4), 255, np.uint8)
white[..., 3] = 128
with WindowSink("stylecam", (64, 48), fullscreen=True, place=Path(sys.argv[2]), canvas=canvas) as window:
    window.over = lambda view: [Panel(white, 0, 0), Panel(white, view.size[0] - 20, view.size[1] - 10)]
    window.show(picture)
    print(window._canvas.size, flush=True)
    for _ in sys.stdin:
        window.fill = True
        window.show(None)
"""


def _library(name):
    import ctypes.util

    return ctypes.util.find_library(name) is not None


CANVASES = [
    "surface",
    pytest.param("renderer", marks=pytest.mark.skipif(not _library("GL"), reason="there is no OpenGL to draw with")),
]


@pytest.mark.parametrize("canvas", CANVASES)
def test_the_window_keeps_the_contract(desktop, canvas):
    command = [sys.executable, "-W", "error", str(CONTRACT), canvas]
    done = subprocess.run(command, env=desktop.env(), capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [check.__name__ for check in CHECKS]


@pytest.mark.parametrize("canvas", CANVASES)
def test_full_screen_shows_the_picture_smoothly_within_black(desktop, canvas, tmp_path):
    command = [sys.executable, "-W", "error", "-c", SHOW, canvas, str(tmp_path / "window.json")]
    process = subprocess.Popen(
        command, env=desktop.env(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        size = process.stdout.readline().strip()

        def screen():
            picture = cv2.imread(str(desktop.screenshot(tmp_path / "screen.png"))).astype(int)
            return [picture] if picture[400, 300, 0] > 250 else None

        (picture,) = wait_for(screen, "the picture")
        process.stdin.write("fill\n")
        process.stdin.flush()
        filled = wait_for(lambda: [shot] if (shot := screen()) and shot[0][400, 3, 0] > 250 else None, "it filled")[0][
            0
        ]
    finally:
        errors = process.communicate("")[1]
    assert process.returncode == 0, errors
    assert size == "(1280, 800)"
    bars = np.concatenate([picture[30:700, :100], picture[30:700, 1180:]])  # 4:3 on 16:10: 107 px on either side
    assert bars.max() == 0
    assert np.abs(picture[400, 300] - (255, 0, 0)).max() < 6
    assert np.abs(picture[400, 1000] - (0, 0, 255)).max() < 6
    assert np.abs(filled[30:700, :600] - (255, 0, 0)).max() < 6  # and nothing of it is black
    assert np.abs(filled[30:700, 680:] - (0, 0, 255)).max() < 6
    between = picture[400, 620:660, 0]
    assert ((between > 20) & (between < 235)).sum() >= 4  # a mixture of both, and no step
    assert np.abs(picture[5, 5] - 128).max() < 3  # half white over black
    assert np.abs(picture[795, 1275] - 128).max() < 3  # cut off by the edge
