"""An installation that nobody touches glides through its painters; whoever touches it has it for himself."""

import numpy as np
import pytest

from stylecam.models.catalog import StyleCatalog
from stylecam.realtime.live.attract import GLIDE_SECONDS, Attract
from stylecam.realtime.live.control_queue import ControlQueue
from stylecam.realtime.live.hotkeys import Key
from stylecam.realtime.live.kiosk import HOLD_SECONDS, LOCKED, QuitKeys
from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.painting.glide import Glide
from stylecam.realtime.painting.loaded_styles import LoadedStyles
from stylecam.realtime.painting.painter import Painter
from stylecam.realtime.painting.stylizer import Stylizer

from ...live_session import FakeWindow, ScriptedSource

IDLE, REST = 60.0, 10.0


class Show:
    """A painter whose clock the test turns; each `pass_` paints a frame."""

    def __init__(self, styles):
        self.now = 1000.0
        self.painter = Painter(styles, 1.0, False, False)
        self.attract = Attract(self.painter, IDLE, Glide(self.painter, GLIDE_SECONDS, REST), lambda: self.now)
        self.problems = []

    def pass_(self, seconds):
        self.now += seconds
        self.attract.after_frame()
        self.problems += self.painter.switch()[1]
        self.painter.paint(np.zeros((40, 56, 3), np.uint8))

    @property
    def shown(self):
        return self.painter.styles.names[self.painter.current]


@pytest.fixture
def show(styles):
    show = Show(styles)
    yield show
    show.painter.close()


def test_nothing_happens_before_its_time_and_then_one_painter_after_the_other(show):
    names = show.painter.styles.names
    show.pass_(IDLE - 1)
    assert show.shown == names[0] == "negative"
    for n in range(1, 4):
        show.pass_(1.5)
        show.pass_(REST + GLIDE_SECONDS - 0.1)
        assert show.shown == names[(n - 1) % len(names)]
        show.pass_(0.2)
        assert show.shown == names[n % len(names)]
    assert show.problems == []  # these cannot be mixed, and nobody wants to know


def test_a_touch_gives_the_time_anew(show):
    show.pass_(IDLE - 1)
    show.attract.touched()
    show.pass_(IDLE - 1)
    assert show.shown == "negative"
    show.pass_(2)
    show.pass_(REST + GLIDE_SECONDS)
    assert show.shown == "same"


@pytest.fixture(scope="module")
def painters():
    """Two painters that were trained from one network."""
    names = ["hokusai", "scream"]
    with LoadedStyles(
        names, "hokusai", lambda name: Stylizer.load(name, catalog=StyleCatalog(), device="cpu")
    ) as styles:
        assert styles.wait(60)
        yield styles


def _glide(show):
    """Begins one and goes nearly to its middle."""
    show.pass_(IDLE + 1)
    show.pass_(REST)
    assert not show.painter.mix.on
    show.pass_(GLIDE_SECONDS * 0.4)


def test_painters_of_one_origin_are_mixed_on_the_way(painters):
    show = Show(painters)
    _glide(show)
    assert show.painter.mix.on
    assert show.painter.mix.share == 0.25
    assert show.shown == "hokusai"
    show.pass_(GLIDE_SECONDS)
    show.pass_(0)
    assert (show.shown, show.painter.mix.on) == ("scream", False)
    show.painter.close()
    assert show.problems == []


@pytest.mark.parametrize(("more", "name"), [(0.0, "hokusai"), (0.2, "scream")])
def test_a_touch_on_the_way_ends_it_with_the_nearer_painter(painters, more, name):
    show = Show(painters)
    _glide(show)
    show.pass_(GLIDE_SECONDS * more)
    show.attract.touched()
    show.pass_(0.1)
    assert (show.shown, show.painter.mix.on) == (name, False)
    show.painter.close()


def test_keys_that_quit_must_be_held():
    now = [0.0]
    keys = QuitKeys(lambda: now[0])
    assert not keys.held
    keys.take(Key("q"))
    now[0] = HOLD_SECONDS - 0.1
    keys.take(Key("q", "repeat"))
    assert not keys.held
    keys.take(Key("q", "up"))
    now[0] = 100
    assert not keys.held
    keys.take(Key("esc"))
    now[0] += HOLD_SECONDS
    assert keys.held


def test_visitors_of_a_kiosk_neither_quit_nor_leave_full_screen_nor_see_the_help(styles):
    window = FakeWindow({2: ["q", "esc", "?", "f", "v"], 4: [Key("q", "up"), Key("esc", "up")]})
    window.full = True
    source = ScriptedSource(range(12))
    queue = ControlQueue({"style": styles.names}, LOCKED)
    report = run_live(source, styles, [window], LiveOptions(kiosk=True, frames=12), controls=queue)
    assert report["frames_shown"] == 12
    assert window.full
    assert window.panels == [[]] * 12
    assert queue.values()["split"]
    window = FakeWindow()
    window.closed = True
    assert run_live(ScriptedSource(range(5)), styles, [window], LiveOptions(kiosk=True))["frames_shown"] == 5


def test_the_key_that_is_held_is_known_for_a_knob_to_be_learnt(styles):
    queue = ControlQueue({"style": styles.names})
    held = []

    class Window(FakeWindow):
        def show(self, picture, seconds=0):
            held.append(queue.held)
            super().show(picture, seconds)

    window = Window({2: ["]"], 4: [Key("]", "up")]})
    run_live(ScriptedSource(range(6)), styles, [window], LiveOptions(), controls=queue)
    assert held == [None, None, "strength", "strength", None, None]


def test_every_key_and_click_counts_as_a_touch(styles, monkeypatch):
    touched = []
    monkeypatch.setattr(Attract, "touched", lambda self: touched.append(True))
    window = FakeWindow({1: [Key("9")], 2: [Key("9", "up")]})
    queue = ControlQueue({"style": styles.names}, locked=LOCKED)
    run_live(ScriptedSource([0] * 4), styles, [window], LiveOptions(attract_seconds=60.0), controls=queue)
    assert len(touched) == 2  # though there is no ninth style, and its key that is let go does nothing
