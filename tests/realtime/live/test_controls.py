"""Changes to a live session: none lost, those that mean nothing refused, each kind carried out."""

import threading

import numpy as np
import pytest

from stylecam.models.errors import OptionsError
from stylecam.realtime.live.control_queue import ControlQueue, Press, Set, Step
from stylecam.realtime.live.control_table import CONTROLS
from stylecam.realtime.live.controls import Controls
from stylecam.realtime.live.lessons import Lessons
from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.live.overlay import Overlay
from stylecam.realtime.painting.glide import Glide
from stylecam.realtime.painting.painter import Painter

from ...live_session import FakeWindow, ScriptedSource, last


@pytest.fixture
def queue():
    return ControlQueue({"style": ["negative", "same"]})


def _drain(queue):
    return [queue.take() for _ in range(len(queue))]


def test_changes_of_many_threads_all_arrive_and_each_thread_s_in_its_order(queue):
    count, threads = 4000, 6
    start = threading.Barrier(threads + 1)

    def put(number):
        start.wait(60)
        for n in range(count):
            queue.put(Set("strength", (number * count + n) / (threads * count)))

    workers = [threading.Thread(target=put, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    start.wait(60)
    taken = []
    while any(worker.is_alive() for worker in workers) or len(queue):
        taken += _drain(queue)  # while they still put
    for worker in workers:
        worker.join()
    numbers = [round(change.value * threads * count) for change in taken]
    assert sorted(numbers) == list(range(threads * count))
    for number in range(threads):
        own = [n for n in numbers if n // count == number]
        assert own == sorted(own)


def test_a_style_is_its_name_or_its_number(queue):
    for value in ("same", 2, "negative", 1):
        queue.put(Set("style", value))
    assert [change.value for change in _drain(queue)] == [2, 2, 1, 1]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (Set("strenght", 1.0), "there is no control 'strenght': want one of style, next-style, "),
        (Set("strength", 1.5), "strength: want a number from 0 to 1, not 1.5"),
        (Set("strength", -0.1), "strength: want a number from 0 to 1, not -0.1"),
        (Set("strength", float("nan")), "strength: want a number from 0 to 1, not nan"),
        (Set("strength", True), "strength: want a number from 0 to 1, not True"),
        (Set("strength", "1"), "strength: want a number from 0 to 1, not '1'"),
        (Set("mirror", 1), "mirror: want True or False, not 1"),
        (Set("style", "scream"), "style: want one of negative, same, or a number from 1 to 2, not 'scream'"),
        (Set("style", 3), "style: want one of negative, same, or a number from 1 to 2, not 3"),
        (Set("style", 0), "style: want one of negative, same, or a number from 1 to 2, not 0"),
        (Set("style", True), "style: want one of negative, same, or a number from 1 to 2, not True"),
        (Set("quit", True), "quit is an action: it can be pressed, not set or stepped"),
        (Step("snapshot"), "snapshot is an action: it can be pressed, not set or stepped"),
        (Step("strength", 2), "strength: want a step of 1 or -1, not 2"),
        (Press("strength"), "strength is a number: it can be set and stepped, not pressed"),
        (Press("style"), "style is a choice: it can be set and stepped, not pressed"),
    ],
)
def test_what_means_nothing_is_refused_at_once_in_one_sentence(queue, change, sentence):
    with pytest.raises(OptionsError) as refused:
        queue.put(change)
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)
    assert len(queue) == 0


class FakeSaver:
    """Counts snapshots, and is or is not recording."""

    def __init__(self):
        self.recording, self.snapshots = False, 0

    def snapshot(self, picture, style):
        self.snapshots += 1

    def toggle(self, style):
        self.recording = not self.recording


class FakeBroadcast:
    """A virtual camera that is on or not."""

    on = False

    def set(self, on):
        self.on = on


@pytest.fixture
def session(styles, queue):
    """Controls over a painter that has painted, and what they steer."""
    painter, saver, window = Painter(styles, 1.0, False, False), FakeSaver(), FakeWindow()
    painter.paint(np.zeros((40, 56, 3), np.uint8))
    lessons, overlay = Lessons(painter, str, str), Overlay(styles, lambda: None, lambda: 0)
    glide = Glide(painter, 20.0)
    controls = Controls(painter, saver, overlay, lessons, window, (), 10.0, queue, glide, broadcast=FakeBroadcast())

    def tell(*changes):
        for change in changes:
            queue.put(change)
        controls.poll()
        return controls.values()

    controls.tell, controls.saver, controls.window = tell, saver, window
    return controls


def test_every_control_has_the_handler_of_its_kind_and_every_handler_a_control(session):
    assert list(session.handlers) == list(CONTROLS)
    for name, control in CONTROLS.items():
        handler, others = session.handlers[name], {"action": "set step", "number": "press", "choice": "press"}
        able = {part for part in ("press", "set", "step") if getattr(handler, part).__name__ != "_nothing"}
        assert able == {"press", "set", "step"} - set(others.get(control.kind, "").split()), name
        assert (handler.get is None) == (control.kind == "action"), name


def test_values_are_those_at_the_start(session, queue):
    assert session.values() == queue.values() == {
        "style": "negative", "original": False, "split": False, "strength": 1.0, "steady": 0.0, "mix": False,
        "mix-share": 0.5, "preserve-color": False,
        "mirror": False, "record": False, "virtual-camera": False,
        "fullscreen": False, "fill": False, "thumbnails": False, "hud": True, "help": False,
        "auto-cycle": False, "auto-glide": False,
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name, control in CONTROLS.items() if control.kind == "switch"])
def test_a_switch_is_set_turned_over_and_pressed(session, name):
    assert session.tell(Set(name, True))[name] is True
    assert session.tell(Set(name, True))[name] is True
    assert session.tell(Step(name))[name] is False
    assert session.tell(Step(name, -1))[name] is True
    assert session.tell(Press(name))[name] is False
    assert session.tell(Set(name, False))[name] is False


@pytest.mark.parametrize("name", [name for name, control in CONTROLS.items() if control.kind == "number"])
def test_a_number_is_set_and_steps_to_its_ends(session, name):
    control = CONTROLS[name]
    low, high = control.range
    assert session.tell(Set(name, low))[name] == low
    assert session.tell(Step(name), Step(name), Step(name, -1))[name] == pytest.approx(low + control.step)
    count = round((high - low) / control.step) + 2
    assert session.tell(*[Step(name)] * count)[name] == high
    assert session.tell(*[Step(name, -1)] * count)[name] == low


def test_a_style_is_set_and_stepped(session):
    assert session.tell(Set("style", "same"))["style"] == "same"
    assert session.tell(Step("style"))["style"] == "negative"
    assert session.tell(Step("style", -1))["style"] == "same"
    assert session.tell(Press("next-style"))["style"] == "negative"
    assert session.tell(Press("previous-style"))["style"] == "same"


def test_actions_are_done(session):
    session.tell(Press("snapshot"), Press("snapshot"))
    assert session.saver.snapshots == 2
    assert not session.quit
    session.tell(Press("quit"))
    assert session.quit


def test_changes_put_in_meanwhile_wait_for_the_next_time(session, queue):
    original = session.handlers["quit"]
    session.handlers["split"] = type(original)(set=lambda value: queue.put(Set("split", value)))
    session.tell(Set("split", True))
    assert len(queue) == 1  # whoever never stops putting does not hold the frames


def test_a_session_without_a_window_is_steered_from_outside(styles, tmp_path):
    queue = ControlQueue({"style": styles.names})
    source, seen = ScriptedSource(range(12)), []
    read = source.read

    def read_and_tell(timeout):
        seen.append(queue.values()["strength"])
        if source.captured == 4:
            other = threading.Thread(target=lambda: (queue.put(Set("strength", 0.0)), queue.put(Step("split"))))
            other.start()
            other.join()
        return read(timeout)

    source.read = read_and_tell
    assert queue.values() == {}
    run_live(source, styles, [], LiveOptions(snapshot=tmp_path / "last.png"), controls=queue)
    assert seen == [1.0] * 5 + [0.0] * 8
    assert last(tmp_path) == 21  # the last frame as it was
    assert queue.values()["split"] is True


def test_a_change_is_carried_out_while_the_camera_gives_nothing(styles):
    queue = ControlQueue({"style": styles.names})
    source = ScriptedSource([0, *[None] * 40], live=True)
    read = source.read

    def read_and_tell(timeout):
        if len(source.script) == 30:
            queue.put(Press("quit"))
        return read(timeout)

    source.read = read_and_tell
    assert run_live(source, styles, [], LiveOptions(), controls=queue)["frames_shown"] == 1
    assert len(source.script) == 29
