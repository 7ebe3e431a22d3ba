"""run_live: styles that fail, that load slowly, and keys held down."""

import itertools
import threading
from contextlib import contextmanager

import pytest

from stylecam.models.errors import StyleError
from stylecam.realtime.live.control_queue import ControlQueue
from stylecam.realtime.live.hotkeys import parse_keys
from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.painting.loaded_styles import LoadedStyles
from stylecam.realtime.painting.stylizer import Stylizer

from ...live_session import FakeWindow, ScriptedSource


@pytest.fixture
def mixed_styles(make_style, tmp_path):
    """Makes styles by name, entered: those that begin with "bad" fail, "late" ones wait for `gate`."""
    gate = threading.Event()

    def load(name):
        assert "late" not in name or gate.wait(30)
        if name.startswith("bad"):
            raise StyleError(f"{name} is not a style file")
        return Stylizer.load(make_style(tmp_path / f"{name}.onnx", name))

    @contextmanager
    def make(*names):
        with LoadedStyles(list(names), names[0], load) as styles:
            styles.gate = gate
            try:
                assert any("late" in name for name in names) or styles.wait(30)
                yield styles
            finally:
                gate.set()

    return make


def _keys_on(styles, keys, count=20, **options):
    said = []
    options = LiveOptions(keys=parse_keys(keys), **options)
    report = run_live(ScriptedSource(range(count)), styles, [], options, said.append)
    assert report["frames_shown"] == count
    return [s["to"] for s in report["switches"]], said


def test_a_number_key_of_a_style_that_fails_to_load_leaves_the_old_one_and_says_why(mixed_styles):
    with mixed_styles("good", "bad") as styles:
        assert _keys_on(styles, "3:2,5:2") == ([], ["bad is not a style file"] * 2)


def test_next_and_previous_step_over_styles_that_fail_and_say_each_once(mixed_styles):
    with mixed_styles("one", "bad1", "bad2", "two", "three") as styles:
        switched, said = _keys_on(styles, "2:n,4:p,6:n,8:n,10:n,12:p,14:p,16:p")
    assert switched == ["two", "one", "two", "three", "one", "three", "two", "one"]
    assert said == ["bad1 is not a style file", "bad2 is not a style file"]


def test_a_style_that_fails_after_the_key_is_stepped_over_in_the_same_direction(mixed_styles):
    with mixed_styles("one", "two", "bad-late", "three") as styles:
        source, said = ScriptedSource(range(30)), []
        read = source.read

        def read_and_load(timeout):
            if source.captured == 15:
                styles.gate.set()
                assert styles.wait(30)
            return read(timeout)

        source.read = read_and_load
        keys = parse_keys("2:p,4:p")  # to "three", which has to wait too, and on to the one that will fail
        report = run_live(source, styles, [], LiveOptions(keys=keys), said.append)
    assert [s["to"] for s in report["switches"]] == ["two"]
    assert said == ["bad-late is not a style file"]


def test_where_every_other_style_fails_the_keys_and_the_cycle_stay(mixed_styles):
    with mixed_styles("good", "bad1", "bad2") as styles:
        switched, said = _keys_on(styles, "2:n,4:p,6:a", 30, cycle_seconds=0.0)
    assert switched == []
    assert sorted(said) == ["bad1 is not a style file", "bad2 is not a style file"]


def test_the_cycle_steps_over_styles_that_fail(mixed_styles):
    with mixed_styles("one", "bad", "two") as styles:
        switched, said = _keys_on(styles, "0:a", cycle_seconds=0.0)
    assert switched[:4] == ["two", "one", "two", "one"]
    assert said == ["bad is not a style file"]


def test_a_style_still_loading_does_not_hold_the_frames(tiny_style):
    gate = threading.Event()

    def load(name):
        if name == "slow":
            assert gate.wait(30)
        return Stylizer.load(tiny_style)

    with LoadedStyles(["fast", "slow"], "fast", load) as styles:
        report = run_live(ScriptedSource(range(9)), styles, [], LiveOptions(keys=parse_keys("3:n")))
        gate.set()
    assert report["frames_shown"] == 9
    assert report["switches"] == []


def test_a_click_on_a_thumbnail_chooses_its_style(mixed_styles):
    with mixed_styles("one", "two") as styles:
        window, points = FakeWindow({2: ["t"]}), [(x, y) for y in range(480, 240, -12) for x in range(0, 640, 12)]
        shown = window.show

        def show(picture, seconds=0):
            shown(picture, seconds)
            if len(window.pictures) > 4 and points:
                window.clicks = [points.pop()]

        window.show = show
        report = run_live(ScriptedSource([n % 40 for n in range(2000)], live=True), styles, [window], LiveOptions())
    assert [s["to"] for s in report["switches"]][:1] == ["two"]
    assert {s["to"] for s in report["switches"]} == {"one", "two"}


def test_a_session_that_glides_goes_on_by_itself(mixed_styles):
    with mixed_styles("one", "two", "three") as styles:
        queue, asked = ControlQueue({"style": styles.names}), []

        def four():
            asked.append(queue.values()["style"])
            return len([one for one, other in itertools.pairwise(asked) if one != other]) > 3

        source = ScriptedSource([n % 40 for n in range(60000)], live=True)
        report = run_live(
            source, styles, [], LiveOptions(glide_seconds=0.02, gliding=True), should_stop=four, controls=queue
        )
    assert [s["to"] for s in report["switches"]][:3] == ["two", "three", "one"]
