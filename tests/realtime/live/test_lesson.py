"""A painting learnt beside a session: what the session does with it."""

import itertools

import numpy as np
import pytest

from stylecam.models.errors import StyleError
from stylecam.realtime.live.frame_sink import View
from stylecam.realtime.live.hotkeys import parse_keys
from stylecam.realtime.live.lesson import Lesson, News
from stylecam.realtime.live.lesson_panel import LessonPanels
from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.painting.loaded_styles import LoadedStyles
from stylecam.realtime.painting.stylizer import Stylizer

from ...live_session import FakeWindow, ScriptedSource

PAINTING = np.full((60, 90, 3), 77, np.uint8)


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


def _run(learnt, teacher, count=30, window=None, **options):
    styles, load = learnt
    lesson = Lesson(teacher, styles, 0, load, PAINTING, until=10.0)
    said = []
    window = window or FakeWindow()
    settings = LiveOptions(**{"frames": count, **options})
    report = run_live(ScriptedSource(range(count)), styles, [window], settings, said.append, lesson=lesson)
    return lesson, window, report, said


def test_what_is_learnt_paints_from_a_frame_on_and_none_is_dropped(learnt):
    teacher = FakeTeacher([None, News(1.0, [5.0, 4.0], b"new")])
    _, window, report, _ = _run(learnt, teacher, 60)
    levels = [int(picture[0, 0, 0]) for picture in window.pictures]
    assert levels[0] == 10
    assert levels[-1] == 255 - 69
    assert report["frames_dropped"] == 0
    assert report["frames_shown"] == 60
    assert report["switches"] == []  # it is the same style


def test_frames_are_given_now_and_then_while_it_learns(learnt):
    styles, load = learnt
    teacher = FakeTeacher([None] * 20 + [News(10.0)])
    lesson = Lesson(teacher, styles, 0, load, PAINTING, until=10.0)
    for n in range(40):
        lesson.give(PAINTING, n / 4)
        lesson.follow()
    assert len(teacher.frames) == 11  # of the 21 until its time was over: none within 0.4 s of another


def test_enter_keeps_and_q_leaves(learnt):
    lesson, _, report, _ = _run(learnt, FakeTeacher([News(1.0)]), keys=parse_keys("4:enter"))
    assert lesson.kept
    assert report["frames_shown"] == 4
    lesson, _, report, _ = _run(learnt, FakeTeacher(), keys=parse_keys("4:enter,6:q"))
    assert not lesson.kept  # nothing has been learnt yet
    assert report["frames_shown"] == 6
    lesson, _, report, _ = _run(learnt, FakeTeacher([News(1.0)]), keys=parse_keys("4:q"))
    assert not lesson.kept


def test_plus_goes_on_for_a_minute(learnt):
    teacher = FakeTeacher([News(8.0)])
    lesson, _, _, _ = _run(learnt, teacher, keys=parse_keys("3:+,5:+"))
    assert lesson.until == teacher.until == 130.0
    teacher = FakeTeacher([News(20.0)])  # it has come further than it was to
    _run(learnt, teacher, keys=parse_keys("3:+"))
    assert teacher.until == 80.0


def test_these_keys_do_nothing_in_another_session(styles):
    report = run_live(ScriptedSource(range(9)), styles, [], LiveOptions(keys=parse_keys("2:enter,3:+")))
    assert report["frames_shown"] == 9


def test_why_it_cannot_go_on_is_said_once_and_the_picture_goes_on(learnt):
    teacher = FakeTeacher([News(1.0, problem="the VGG is missing"), News(1.0, problem="the VGG is missing")])
    lesson, _, report, said = _run(learnt, teacher)
    assert said == ["the VGG is missing"]
    assert report["frames_shown"] == 30
    assert not lesson.learning


def test_a_style_that_cannot_be_loaded_is_said(learnt):
    lesson, _, _, said = _run(learnt, FakeTeacher([News(1.0, style=b"bad")]), 60)
    assert said == [lesson.problem] == ["what was learnt cannot be used"]


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (1280, 800)])
@pytest.mark.parametrize("losses", [[], [3.0], [5.0, 4.0, 3.5, 3.4], list(np.linspace(5, 1, 1000))])
def test_the_painting_the_curve_and_the_words_lie_inside_above_each_other(learnt, size, losses):
    styles, load = learnt
    lesson = Lesson(FakeTeacher(), styles, 0, load, PAINTING, until=30.0)
    lesson.losses, lesson.seconds = losses, 4.2
    panels = LessonPanels(lesson)(View(size, 16))
    assert len(panels) == 3
    edges = [(panel.top, panel.top + panel.image.shape[0]) for panel in panels]
    assert edges[0][0] >= 0
    assert all(above[1] <= below[0] for above, below in itertools.pairwise(edges))
    assert all(panel.left >= 0 and panel.left + panel.image.shape[1] <= size[0] for panel in panels)
    painting = panels[0].image
    assert (painting[painting.shape[0] // 2, painting.shape[1] // 2] == (77, 77, 77, 255)).all()
