"""The process that learns, as a session sees it: what becomes of what was learnt when it dies or falls silent."""

import multiprocessing
import os
import threading
import time
from multiprocessing.connection import Connection

import numpy as np
import pytest

from stylecam.models.errors import StylecamError
from stylecam.realtime.commands import learn_teacher
from stylecam.realtime.commands.learn_teacher import ProcessTeacher
from stylecam.training.live_process import Failed, Finish, Frame, Progress, StyleNow, Subject, Task, Until

FRAME = np.zeros((480, 640, 3), np.uint8)
TASK = Task(Subject(FRAME, "mine"), [], 60.0)


class Threads:
    """A `multiprocessing` context whose processes are threads of ours, which the pipe's end tells to stop."""

    Pipe = staticmethod(multiprocessing.Pipe)

    class Process:
        def __init__(self, target, args, **_):
            theirs, task = args
            own = Connection(os.dup(theirs.fileno()))  # as a process has it, who starts it closes `theirs`
            self.thread = threading.Thread(target=target, args=(own, task), daemon=True)
            self.start, self.is_alive = self.thread.start, self.thread.is_alive

        def terminate(self):
            pass

        def join(self):
            self.thread.join(0.2)  # what waits for a message ends when our end of the pipe is closed


@pytest.fixture
def teacher(monkeypatch):
    """`teacher(work)`: entered, with `work(pipe)` in place of the process; its own end of the pipe stays open in it."""
    entered = []

    def start(work, task=TASK):
        def run(pipe, task):
            try:
                work(pipe)
            except (EOFError, OSError):
                pass
            finally:
                pipe.close()

        monkeypatch.setattr(learn_teacher, "work", run)
        made = ProcessTeacher(task, Threads)
        entered.append(made)
        return made.__enter__()

    yield start
    for made in entered:
        made.__exit__(None, None, None)


def _until(teacher, wanted):
    """The news once `wanted(news)`."""
    came = []
    wait_for(lambda: (news := teacher.news()) is not None and (came.append(news) or wanted(news)))
    return came[-1]


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)  # the pause of a poll with a deadline, not a synchronisation


def test_progress_and_styles_come_together(teacher):
    def work(pipe):
        for step in (1, 2):
            pipe.send(Progress(step / 2, step, {"total": 5.0 - step}))
        pipe.send(StyleNow(b"style"))
        pipe.recv()

    made = teacher(work)
    losses = []
    news = _until(made, lambda news: losses.extend(news.losses) or news.style)
    assert news.style == b"style"
    assert losses == [4.0, 3.0]
    assert made.steps == 2


def test_nobody_waits_however_much_is_told(teacher):
    told, go = [], threading.Event()

    def work(pipe):
        go.wait(60)
        while True:
            told.append(pipe.recv())

    made = teacher(work)
    for n in range(20):  # the pipe holds less than one frame, and nobody reads
        made.give(FRAME)
        made.go_on_until(float(n))
    go.set()
    wait_for(lambda: len(told) == 21)
    assert sum(isinstance(one, Frame) for one in told) == 1
    assert [one.seconds for one in told if isinstance(one, Until)] == list(range(20))


def test_photographs_take_the_place_of_frames(teacher, tmp_path):
    told = []

    def work(pipe):
        while True:
            told.append(pipe.recv())

    made = teacher(work, Task(Subject(FRAME, "mine"), [], 60.0, content=tmp_path))
    made.give(FRAME)
    made.go_on_until(1.0)
    wait_for(lambda: told)
    assert not any(isinstance(one, Frame) for one in told)


def test_the_measured_style_is_the_last(teacher):
    def work(pipe):
        pipe.send(StyleNow(b"early"))
        assert isinstance(pipe.recv(), Finish)
        pipe.send(StyleNow(b"measured", last=True))

    assert teacher(work).finish() == (b"measured", None)


def test_what_was_learnt_before_it_died_is_kept_and_that_is_said(teacher):
    def work(pipe):
        pipe.send(StyleNow(b"early"))

    data, said = teacher(work).finish()
    assert data == b"early"
    assert "stopped unexpectedly" in said
    assert "without figures" in said


def test_what_was_learnt_before_it_fell_silent_is_kept(teacher, monkeypatch):
    monkeypatch.setattr(learn_teacher, "PATIENCE", 0.05)

    def work(pipe):
        pipe.send(StyleNow(b"early"))
        while True:
            pipe.recv()

    data, said = teacher(work).finish()
    assert data == b"early"
    assert "does not answer" in said


@pytest.mark.parametrize(("sent", "sentence"), [([], "stopped unexpectedly"), ([Failed("no VGG here")], "no VGG here")])
def test_where_nothing_was_learnt_the_reason_is_said(teacher, sent, sentence):
    def work(pipe):
        for message in sent:
            pipe.send(message)

    with pytest.raises(StylecamError, match=f"{sentence}.*nothing was learnt"):
        teacher(work).finish()
