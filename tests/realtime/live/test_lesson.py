"""A painting learnt beside a session: what the session does with it."""

import itertools
import threading
from pathlib import Path

import numpy as np
import pytest

from stylecam.models.catalog import Style
from stylecam.models.errors import StyleError
from stylecam.realtime.live.drops import Drops
from stylecam.realtime.live.frame_sink import Dropped, View
from stylecam.realtime.live.hotkeys import Key, parse_keys
from stylecam.realtime.live.lesson import Lesson, News
from stylecam.realtime.live.lesson_panel import LessonPanels
from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.painting.loaded_styles import LoadedStyles
from stylecam.realtime.painting.stylizer import Stylizer

from ...live_session import FakeWindow, ScriptedSource

MANY = 8000
PAINTING = np.full((60, 90, 3), 77, np.uint8)


def _level(window, number):
    return int(window.pictures[number][0, 0, 0])


class FakeTeacher:
    """Keeps what it is told; `script` has the news after each frame."""

    def __init__(self, script=()):
        self.script, self.frames, self.until = list(script), [], None

    def give(self, frame):
        self.frames.append(frame)

    def news(self):
        return self.script.pop(0) if self.script else None

    def go_on_until(self, seconds):
        self.until = seconds


@pytest.fixture
def learnt(tmp_path, make_style):
    """One style, `same`, that is learnt; the bytes b"new" stand for `negative`."""
    same, negative = make_style(tmp_path / "a.onnx", "same", "identity"), make_style(tmp_path / "b.onnx")

    def load(data):
        if data != b"new":
            raise StyleError("what was learnt cannot be used")
        return Stylizer.load(negative)

    with LoadedStyles(["mine"], "mine", lambda _: Stylizer.load(same)) as styles:
        yield styles, load


def _run(learnt, teacher, until=lambda window, said: False, **options):
    """Of so many frames that what is done beside them has long been done, where `until` waits for that."""
    styles, load = learnt
    lesson = Lesson(teacher, load, PAINTING, 10.0, lambda: ("kept mine", styles.get(0)), alone=True).joined(styles, 0)
    said, window = [], FakeWindow()
    source = ScriptedSource([n % 40 for n in range(MANY)], live=True)
    report = run_live(
        source, styles, [window], LiveOptions(**options), said.append, lambda: until(window, said), lesson=lesson
    )
    assert report["frames_shown"] < MANY, said
    return lesson, window, report, said


def test_what_is_learnt_paints_from_a_frame_on_and_none_is_dropped(learnt):
    teacher = FakeTeacher([None, News(1.0, [5.0, 4.0], b"new")])
    _, window, report, _ = _run(learnt, teacher, lambda window, said: window.pictures and _level(window, -1) > 200)
    assert _level(window, 0) == 10
    assert report["frames_dropped"] == 0
    assert report["frames_shown"] == len(window.pictures)
    assert report["switches"] == []  # it is the same style


def test_frames_are_given_now_and_then_while_it_learns(learnt):
    styles, load = learnt
    teacher = FakeTeacher([None] * 20 + [News(10.0)])
    lesson = Lesson(teacher, load, PAINTING, 10.0, lambda: ("kept mine", styles.get(0)), alone=True).joined(styles, 0)
    for n in range(40):
        lesson.give(PAINTING, n / 4)
        lesson.follow()
    assert len(teacher.frames) == 11  # of the 21 until its time was over: none within 0.4 s of another


def test_enter_keeps_and_q_leaves(learnt):
    lesson, _, _, said = _run(learnt, FakeTeacher([News(1.0)]), keys=parse_keys("4:enter"))
    assert lesson.kept
    assert said == ["measuring the new style", "kept mine"]  # and then the session is over
    lesson, _, report, _ = _run(learnt, FakeTeacher(), keys=parse_keys("4:enter,6:q"))
    assert not lesson.kept  # nothing has been learnt yet
    assert report["frames_shown"] == 6
    lesson, _, report, said = _run(learnt, FakeTeacher([News(1.0)]), keys=parse_keys("4:q,7:q"))
    assert not lesson.kept
    assert said == ["enter keeps what is learnt; press q again to leave without it"]
    assert report["frames_shown"] == 7


def test_plus_goes_on_for_a_minute(learnt):
    teacher = FakeTeacher([News(8.0)])
    lesson, _, _, _ = _run(learnt, teacher, keys=parse_keys("3:+,5:+"), frames=9)
    assert lesson.until == teacher.until == 130.0
    teacher = FakeTeacher([News(20.0)])  # it has come further than it was to
    _run(learnt, teacher, keys=parse_keys("3:+"), frames=9)
    assert teacher.until == 80.0


def test_these_keys_do_nothing_in_another_session(styles):
    report = run_live(ScriptedSource(range(9)), styles, [], LiveOptions(keys=parse_keys("2:enter,3:+")))
    assert report["frames_shown"] == 9


def test_why_it_cannot_go_on_is_said_once_and_the_picture_goes_on(learnt):
    teacher = FakeTeacher([News(1.0, problem="the VGG is missing"), News(1.0, problem="the VGG is missing")])
    lesson, _, report, said = _run(learnt, teacher, frames=30)
    assert said == ["the VGG is missing"]
    assert report["frames_shown"] == 30
    assert not lesson.learning


def test_what_the_user_is_to_know_is_said_once_and_it_goes_on(learnt):
    teacher = FakeTeacher([News(1.0, said="this looks like a photograph"), News(2.0)])
    lesson, _, _, said = _run(learnt, teacher, frames=9)
    assert said == ["this looks like a photograph"]
    assert lesson.learning


def test_a_style_that_cannot_be_loaded_is_said(learnt):
    lesson, _, _, said = _run(learnt, FakeTeacher([News(1.0, style=b"bad")]), lambda window, said: said)
    assert said == [lesson.problem] == ["what was learnt cannot be used"]


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (1280, 800)])
@pytest.mark.parametrize("losses", [[], [3.0], [5.0, 4.0, 3.5, 3.4], list(np.linspace(5, 1, 1000))])
def test_the_painting_the_curve_and_the_words_lie_inside_above_each_other(learnt, size, losses):
    lesson = Lesson(FakeTeacher(), learnt[1], PAINTING, 30.0, lambda: None)
    lesson.losses, lesson.seconds = losses, 4.2
    panels = LessonPanels(lesson)(View(size, 16))
    assert len(panels) == 3
    edges = [(panel.top, panel.top + panel.image.shape[0]) for panel in panels]
    assert edges[0][0] >= 0
    assert all(above[1] <= below[0] for above, below in itertools.pairwise(edges))
    assert all(panel.left >= 0 and panel.left + panel.image.shape[1] <= size[0] for panel in panels)
    painting = panels[0].image
    assert (painting[painting.shape[0] // 2, painting.shape[1] // 2] == (77, 77, 77, 255)).all()


class Session:
    """A session in which a picture that is dropped can be learnt; it ends once `until(said)` holds."""

    def __init__(self, styles, tmp_path, make_style, refused=None):
        self.styles, self.refused, self.left = styles, refused, 0
        self.start = make_style(tmp_path / "start.onnx", "mine", "identity")
        self.kept = make_style(tmp_path / "kept.onnx", "mine")
        self.teacher = FakeTeacher([None, News(1.0, [5.0])])
        self.prepared = []

    def prepare(self, path):
        self.prepared.append(path)
        if self.refused:
            raise StyleError(self.refused)

        def leave():
            self.left += 1

        def keep():
            return "kept mine", Stylizer.load(self.kept)

        return Lesson(self.teacher, lambda data: None, PAINTING, 60.0, keep, leave), Stylizer.load(self.start)

    def run(self, press, until, shift=False):
        window, said = FakeWindow(), []
        files, pause = [Dropped(Path("wave.jpg"), shift)], threading.Event()

        def keys(wait_ms=0):
            pause.wait(0.002)  # as a window does, which leaves the processor to what is done beside the frames
            if len(window.pictures) == 3 and files:
                window.files = [files.pop()]
            return press(said, self)

        window.keys = keys
        source = ScriptedSource([n % 40 for n in range(MANY)], live=True)
        arrivals = [False] * 5 + [True] * (not shift)
        drops = Drops(
            lambda path: None, lambda: None, lambda: arrivals.pop(0) if arrivals and not files else False, None,
            self.prepare,
        )  # fmt: skip
        report = run_live(
            source,
            self.styles,
            [window],
            LiveOptions(),
            said.append,
            lambda: until(said, self) or len(window.pictures) >= MANY,
            drops=drops,
        )
        assert report["frames_shown"] < MANY, said
        return window, said


def test_a_dropped_picture_is_learnt_by_a_key_and_kept_while_the_session_goes_on(styles, tmp_path, make_style):
    session, before = Session(styles, tmp_path, make_style), list(styles.names)

    def press(said, session):
        if said[-1:] == ["wave.jpg: b goes back, l learns it as a painting"]:
            return [Key("l")]
        return [Key("enter")] if not session.teacher.script and "measuring the new style" not in said else []

    _, said = session.run(press, lambda said, session: "kept mine" in said)
    assert said[0] == "wave.jpg: b goes back, l learns it as a painting"
    assert said[1:] == ["getting ready to learn wave.jpg", "measuring the new style", "kept mine"]
    assert styles.names == [*before, "mine"]
    assert styles.get(len(before)).style.sha256 == Style.read(session.kept).sha256
    assert session.teacher.frames
    assert session.left == 1


def test_shift_has_it_learnt_at_once_and_the_key_gives_it_up(styles, tmp_path, make_style):
    session, before = Session(styles, tmp_path, make_style), list(styles.names)

    def press(said, session):
        return [] if session.teacher.script or "stopped learning" in said else [Key("l")]

    window, said = session.run(press, lambda said, session: "stopped learning" in said, shift=True)
    assert said == ["getting ready to learn wave.jpg", "stopped learning"]
    assert styles.names == before
    assert session.left == 1
    assert styles.get(0).style.name == "negative"
    assert _level(window, -1) > 100  # which was there before, and paints again


def test_a_session_that_ends_lets_the_teacher_go(styles, tmp_path, make_style):
    session = Session(styles, tmp_path, make_style)
    _, said = session.run(lambda said, session: [], lambda said, session: bool(session.prepared), shift=True)
    assert said[0] == "getting ready to learn wave.jpg"
    assert session.left == 1


def test_what_cannot_be_learnt_is_said_and_the_session_goes_on(styles, tmp_path, make_style):
    session = Session(styles, tmp_path, make_style, "wave.jpg is no picture")
    _, said = session.run(lambda said, session: [], lambda said, session: len(said) > 1, shift=True)
    assert said == ["getting ready to learn wave.jpg", "wave.jpg is no picture"]
    assert session.left == 0


def test_without_a_dropped_picture_the_key_says_what_to_do(styles):
    said = []
    run_live(ScriptedSource(range(9)), styles, [], LiveOptions(keys=parse_keys("3:l")), said.append)
    assert said == ["drop a painting on the window first, then press l to learn it"]
