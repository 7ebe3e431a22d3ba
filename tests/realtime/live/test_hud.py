"""What is drawn over a picture in the window."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from stylecam.realtime.live import overlay as overlays
from stylecam.realtime.live.frame_sink import View
from stylecam.realtime.live.hud import Hud
from stylecam.realtime.live.level_meter import level_meter
from stylecam.realtime.live.overlay import Overlay
from stylecam.realtime.live.text import WEIGHT, wrapped
from stylecam.realtime.pictures.lettering import text_width

SIZES = [(320, 240), (640, 480), (1280, 800), (3840, 2160)]
TITLES = [f"A painting called number {number}" for number in range(1, 13)]
HUD = Hud("The Shipwreck of the Minotaur", 1.0, "OpenVINO CPU bfloat16", 29.97, 31.0, (640, 480), steady=0.9)


class Styles:
    """What an overlay asks of the loaded styles."""

    def __init__(self, titles=TITLES):
        self.titles = titles

    def __len__(self):
        return len(self.titles)

    def title(self, number):
        return self.titles[number]

    def titled(self, number):
        return self.titles[number]

    def thumbnail(self, number):
        return b""


@pytest.fixture
def overlay():
    figures = SimpleNamespace(hud=HUD)
    made = Overlay(Styles(), lambda: figures.hud, lambda: 2)
    made.figures = figures
    return made


def _inside(panel, size):
    height, width = panel.image.shape[:2]
    return panel.left >= 0 and panel.top >= 0 and panel.left + width <= size[0] and panel.top + height <= size[1]


def _apart(first, second):
    def spans(panel):
        return (panel.left, panel.left + panel.image.shape[1]), (panel.top, panel.top + panel.image.shape[0])

    return any(one[1] <= other[0] or other[1] <= one[0] for one, other in zip(spans(first), spans(second), strict=True))


@pytest.mark.parametrize("size", SIZES)
def test_all_that_is_drawn_lies_inside_and_hides_no_other(overlay, size):
    overlay.help = True
    overlay.figures.hud = dataclasses.replace(HUD, recording=True, flags=("original", "auto"))
    view = View(size, max(16, size[1] // 56))
    panels = overlay.panels(view)
    assert len(panels) == (2 if size == (320, 240) else 4)  # figures, the dot of the recording, keys, styles
    assert all(_inside(panel, size) for panel in panels)
    assert all(_apart(a, b) for n, a in enumerate(panels) for b in panels[:n])
    covered = sum(panel.image.shape[0] * panel.image.shape[1] for panel in panels[-2:])
    assert size[0] < 1000 or covered < 0.5 * size[0] * size[1]  # the picture stays to be seen


@pytest.mark.parametrize("size", SIZES)
def test_thumbnails_and_a_message_lie_inside_above_each_other(overlay, size):
    overlay.hud, overlay.thumbnails = False, True
    overlay.say("camera 0 is gone; waiting for it to come back " * 3, loss=True)
    strip, message = overlay.panels(View(size, 16))
    assert _inside(strip, size)
    assert _inside(message, size)
    assert _apart(strip, message)


@pytest.mark.parametrize("size", SIZES)
def test_each_thumbnail_is_found_where_it_is_drawn(overlay, size):
    overlay.hud = False
    assert overlay.style_at((size[0] // 2, size[1] - 60)) is None
    overlay.thumbnails = True
    (strip,) = overlay.panels(View(size, 16))
    found = [
        overlay.style_at((x, y)) for x in range(0, size[0], size[0] // 100) for y in range(0, size[1], size[1] // 75)
    ]
    counts = [found.count(number) for number in range(len(TITLES))]
    assert min(counts) > 0.6 * max(counts) > 3  # squares of one size
    high, wide = strip.image.shape[:2]
    outside = [(strip.left - 1, strip.top + 9), (strip.left + wide + 1, strip.top + 9), (strip.left + 9, strip.top - 1)]
    assert [overlay.style_at(point) for point in (*outside, (strip.left + 9, strip.top + high - 1))] == [None] * 4


def test_text_has_the_size_of_its_view_and_not_of_the_picture(overlay):
    small, large = (overlay.panels(View((2000, 1500), text))[0].image.shape[0] for text in (16, 48))
    assert 2.5 < large / small < 3.5


def test_h_hides_messages_and_not_losses(overlay):
    view = View((640, 480), 16)
    overlay.say("saved a.png")
    assert len(overlay.panels(view)) == 2
    overlay.hud = False
    assert overlay.panels(view) == []
    overlay.say("camera 0 is gone", loss=True)
    assert len(overlay.panels(view)) == 1


def test_a_message_goes_after_its_time(overlay, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(overlays.time, "monotonic", lambda: now[0])
    overlay.say("saved a.png", seconds=2.0)
    now[0] += 1.9
    assert len(overlay.panels(View((640, 480), 16))) == 2
    now[0] += 0.2
    assert len(overlay.panels(View((640, 480), 16))) == 1


def test_figures_that_change_with_every_frame_are_drawn_a_few_times_a_second(overlay, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(overlays.time, "monotonic", lambda: now[0])
    images = []
    for frame in range(30):
        now[0] += 1 / 30
        overlay.figures.hud = dataclasses.replace(HUD, fps=25 + frame / 7)
        images.append(overlay.panels(View((640, 480), 16))[0].image)
    assert 3 <= len({id(image) for image in images}) <= 5
    overlay.figures.hud = dataclasses.replace(overlay.figures.hud, strength=0.4)
    assert overlay.panels(View((640, 480), 16))[0].image is not images[-1]  # what a key changes is seen at once


@pytest.mark.parametrize("size", SIZES)
def test_the_recordings_sign_and_the_level_are_beside_the_figures(overlay, size):
    overlay.figures.hud = dataclasses.replace(HUD, recording=True, level=-12.0)
    panels = overlay.panels(View(size, max(16, size[1] // 56)))
    assert len(panels) == 3
    assert all(_inside(panel, size) for panel in panels)
    assert all(_apart(a, b) for n, a in enumerate(panels) for b in panels[:n])
    overlay.figures.hud = dataclasses.replace(HUD, recording=False, level=-90.0)
    assert len(overlay.panels(View(size, 16))) == 2


def test_a_louder_sound_lights_more():
    def lit(level):
        return int((level_meter(level, (20, 100))[..., :3].max(axis=2) > 150).sum())

    levels = [-90.0, -50.0, -40.0, -30.0, -20.0, -10.0, 0.0]
    assert [lit(level) for level in levels] == sorted(lit(level) for level in levels)
    assert lit(-90.0) == lit(-50.0) == 0
    assert level_meter(-20.0, (20, 100)) is level_meter(-20.4, (20, 100))
    red = level_meter(0.0, (20, 100)).reshape(-1, 4)
    assert (red[:, 2].astype(int) - red[:, 1] > 100).any()  # too loud
    loud = level_meter(-10.0, (20, 100)).reshape(-1, 4)
    assert not (loud[:, 2].astype(int) - loud[:, 1] > 100).any()


def test_the_hud_says_what_is_on():
    lines = Hud("Scream", 0.5, "ONNX Runtime CUDA float32", 30.0, 12.3, (640, 480), flags=("original",)).lines()
    text = " ".join(lines)
    assert all(part in text for part in ("Scream", "50%", "CUDA", "30.0 fps", "12 ms", "640x480", "original"))
    assert "steady" not in text
    assert "steady 70%" in Hud("Scream", 0.5, "", 30.0, 12.3, (640, 480), steady=0.7).lines()[0]


def test_figures_of_another_time_are_not_shown():
    lines = dataclasses.replace(HUD, waiting=3.2).lines()
    assert lines[1] == "no picture for 3 s"
    assert not any("fps" in line for line in lines)


def test_lines_are_wrapped_to_their_width_and_keep_all_words():
    text = "the camera went away and nobody knows when it will be back again"
    lines = wrapped(text, 20, 200)
    assert " ".join(lines) == text
    assert all(text_width(line, 20, WEIGHT) <= 200 for line in lines)
    assert wrapped("", 20, 200) == [""]


def test_panels_let_the_picture_through_beside_their_letters(overlay):
    image = overlay.panels(View((640, 480), 16))[0].image
    assert image.dtype == np.uint8
    assert 100 < np.median(image[..., 3]) < 220
    assert image[..., 3].max() == 255
