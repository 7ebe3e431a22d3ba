"""Two painters mixed while a session goes on."""

import time

import cv2
import numpy as np
import pytest

from stylecam.models.errors import StyleError
from stylecam.realtime.painting.glide import Glide
from stylecam.realtime.painting.loaded_styles import LoadedStyles
from stylecam.realtime.painting.painter import Painter
from stylecam.realtime.painting.stylizer import Stylizer

FRAME = cv2.GaussianBlur(np.random.default_rng(4).integers(0, 255, (64, 96, 3), np.uint8), (0, 0), 3)


@pytest.fixture
def painter():
    names = ["hokusai", "scream"]
    with LoadedStyles(names, "hokusai", lambda name: Stylizer.load(name, device="cpu")) as styles:
        assert styles.wait(60)
        made = Painter(styles, 1.0, False, False)
        yield made
        made.close()


def _painted(painter, until=lambda: True):
    """The next picture once `until()`; frames go on meanwhile, as in a session."""
    deadline = time.monotonic() + 60
    while True:
        _, problems = painter.switch()
        painter.paint(FRAME)
        assert problems == []
        if until():
            for _ in range(8):  # a new style fades in
                painter.paint(FRAME)
            return painter.picture.astype(int)
        assert time.monotonic() < deadline


def _far(one, other):
    return np.abs(one - other).mean()


def test_the_style_before_is_mixed_in_and_taken_out_again(painter):
    hokusai = _painted(painter)
    painter.select(1)
    scream = _painted(painter)
    painter.mix.begin(painter.current)
    mixed = _painted(painter, lambda: "+" in painter.name)
    assert _far(mixed, hokusai) < _far(scream, hokusai)
    assert _far(mixed, scream) > 2
    assert painter.stylizer.style.title.count("+") == 1
    painter.mix.end()
    assert _far(_painted(painter), scream) == 0


def test_the_share_slides_from_one_to_the_other(painter):
    painter.select(1)
    scream = _painted(painter)
    painter.mix.begin(painter.current)
    _painted(painter, lambda: "+" in painter.name)
    painter.mix.share = 0.1
    near = _painted(painter, lambda: painter.name.startswith("scream-90"))
    painter.mix.share = 0.9
    far = _painted(painter, lambda: painter.name.startswith("scream-10"))
    assert _far(near, scream) < _far(far, scream)
    painter.mix.share = 0.0
    assert _far(_painted(painter, lambda: painter.name == "scream"), scream) == 0


def test_a_switch_ends_the_mix(painter):
    painter.mix.begin(painter.current)  # with the next one, since none was before
    _painted(painter, lambda: "+" in painter.name)
    painter.select(1)
    _painted(painter, lambda: painter.name == "scream")
    assert not painter.mix.on


def test_what_cannot_be_mixed_is_said_and_the_style_paints_on(tmp_path, make_style):
    style = make_style(tmp_path / "a.onnx")

    def load(name):
        return Stylizer.load(style if name == "a" else name, device="cpu")

    with LoadedStyles(["a", "hokusai"], "a", load) as styles:
        assert styles.wait(60)
        painter = Painter(styles, 1.0, False, False)
        painter.mix.begin(painter.current)
        said, deadline = [], time.monotonic() + 60
        while not said and time.monotonic() < deadline:
            said += painter.switch()[1]
        painter.paint(FRAME)
        painter.close()
    assert len(said) == 1
    assert "cannot be mixed" in said[0]
    assert not painter.mix.on
    assert (painter.picture == 255 - FRAME).all()


class Clock:
    """Seconds that pass when they are told to, while the painter goes on."""

    def __init__(self, painter, glide):
        self.painter, self.glide, self.now = painter, glide, 0.0

    def wait(self, seconds, until=lambda: True):
        self.now += seconds
        self.glide.follow(self.now)
        return _painted(self.painter, until)


def test_a_glide_goes_through_mixes_to_the_next_painter_and_back(painter):
    clock = Clock(painter, Glide(painter, 8.0))
    seen = []
    for _ in range(2):
        seen.append(clock.wait(0.5))  # alone, to begin with
        for share in (0.25, 0.5, 0.75):
            seen.append(clock.wait(2.0, lambda share=share: painter.mix.on and painter.mix.settled))
            assert painter.mix.share == share
        assert clock.wait(2.0, lambda: not painter.mix.on) is not None
    assert painter.name == "hokusai"
    first, _, there = seen[0], seen[2], seen[4]
    ways = [_far(picture, first) for picture in seen[:5]]
    assert ways == sorted(ways)
    assert _far(seen[3], there) < _far(seen[1], there)
    assert _far(clock.wait(0.1), first) == 0


def test_a_glide_switches_to_styles_that_cannot_be_mixed(tmp_path, make_style):
    strange = make_style(tmp_path / "strange.onnx")

    def load(name):
        if name == "broken":
            raise StyleError("broken cannot be read")
        return Stylizer.load(strange if name == "negative" else name, device="cpu")

    with LoadedStyles(["hokusai", "broken", "negative"], "hokusai", load) as styles:
        assert styles.wait(60)
        painter = Painter(styles, 1.0, False, False)
        clock = Clock(painter, Glide(painter, 8.0))
        clock.wait(0.5)
        for _ in range(3):
            clock.wait(2.0)
            assert (painter.name, painter.mix.on) == ("hokusai", False)
        clock.wait(2.0)
        assert painter.name == "negative"
        painter.close()
