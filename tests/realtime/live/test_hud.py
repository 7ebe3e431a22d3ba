"""What is drawn over a picture in the window."""

import numpy as np
import pytest

from stylecam.realtime.live import hud
from stylecam.realtime.live.hud import Hud


@pytest.mark.parametrize("size", [(32, 32), (240, 320), (1080, 1920)])
def test_overlays_draw_inside_any_picture(size):
    picture = np.full((*size, 3), 200, np.uint8)
    hud.draw_hud(picture, Hud("The Great Wave", 0.7, "OpenVINO CPU bfloat16", 29.97, 31.0, size[::-1], True, ("auto",)))
    assert (picture != 200).any()
    before = picture.copy()
    hud.draw_help(picture, ["hokusai", "scream"])
    assert (picture != before).any()
    before = picture.copy()
    hud.draw_message(picture, "camera 0 is gone; waiting for it to come back " * 3)
    assert (picture != before).any()


@pytest.mark.parametrize("size", [(480, 640), (720, 1280), (1080, 1920)])
def test_the_help_hides_no_figures(size):
    figures, both = np.full((2, *size, 3), 200, np.uint8)
    shown = Hud("The Shipwreck of the Minotaur", 1.0, "OpenVINO CPU bfloat16", 29.97, 31.0, size[::-1], True)
    end = hud.draw_hud(figures, shown)
    hud.draw_help(both, ["hokusai"] * 9, hud.draw_hud(both, shown))
    assert (figures[:, :end] != 200).any()
    assert (both[:, :end] == figures[:, :end]).all()
    assert (both[:, end:] != figures[:, end:]).any()


def test_the_hud_says_what_is_on():
    lines = Hud("Scream", 0.5, "ONNX Runtime CUDA float32", 30.0, 12.3, (640, 480), flags=("original",)).lines()
    text = " ".join(lines)
    assert all(part in text for part in ("Scream", "50%", "CUDA", "30.0 fps", "12 ms", "640x480", "original"))
    assert "steady" not in text
    assert "steady 70%" in Hud("Scream", 0.5, "", 30.0, 12.3, (640, 480), steady=0.7).lines()[0]
