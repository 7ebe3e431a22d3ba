"""The frame rate that was asked for is held by painting at fewer lines, and the lines come back without hunting."""

from fractions import Fraction

import numpy as np
import pytest

from stylecam.realtime.live import frame_rate
from stylecam.realtime.live.frame_rate import ArrivalRate, FrameRate, FrameRateGovernor
from stylecam.realtime.live.loop import LiveOptions, run_live

from ...live_session import HEIGHT, WIDTH, FakeWindow, ScriptedSource


class Machine:
    """A computer on which a frame takes `fixed` seconds and `painting` at full lines, times what else it does."""

    def __init__(self, painting, fixed=0.004, fps=30.0, noise=0.0):
        self.painting, self.fixed, self.fps = painting, fixed, fps
        self.governor, self.now, self.random, self.noise = FrameRateGovernor(), 0.0, np.random.default_rng(0), noise
        self.changes, self.shares = [], []

    def run(self, seconds, busy=1.0):
        """The frames shown a second over the last half of the time."""
        end, times = self.now + seconds, []
        while self.now < end:
            share = self.governor.share
            work = busy * (self.fixed + self.painting * share**2) * np.exp(self.noise * self.random.normal())
            self.now += max(work, 1 / self.fps)
            times.append(self.now)
            self.shares.append(share)
            if self.governor.after_frame(work, self.fps, self.now):
                self.changes.append(self.now)
        late = [time for time in times if time > end - seconds / 2]
        return (len(late) - 1) / (late[-1] - late[0])


def test_where_there_is_time_all_lines_are_painted():
    machine = Machine(painting=0.022, noise=0.1)
    assert machine.run(60) == pytest.approx(30, abs=0.3)
    assert set(machine.shares) == {1.0}


@pytest.mark.parametrize("busy", [1.3, 1.7, 2.0])
def test_a_busy_machine_holds_the_rate_within_two_seconds_and_returns_to_all_lines(busy):
    machine = Machine(painting=0.022, noise=0.05)
    machine.run(5)
    machine.run(2, busy)
    assert machine.run(20, busy) >= 28
    machine.run(40)
    assert machine.governor.share == 1.0


@pytest.mark.parametrize("painting", [0.028, 0.031, 0.034, 0.04, 0.06])
def test_it_does_not_hunt(painting):
    machine = Machine(painting, noise=0.08)
    machine.run(300)
    assert len(machine.changes) <= 40
    before = len(machine.changes)
    machine.run(300)
    assert len(machine.changes) - before <= 25  # less than one change in ten seconds


def test_a_single_slow_frame_changes_nothing():
    machine = Machine(painting=0.02)
    for _ in range(10):
        machine.run(2)
        machine.governor.after_frame(0.5, 30, machine.now)
    assert machine.changes == []


def test_what_no_lines_can_hold_stays_at_the_fewest():
    machine = Machine(painting=0.5)
    machine.run(60)
    assert machine.governor.share == min(machine.shares) == pytest.approx(0.53, abs=0.01)


def test_the_rate_of_a_camera_is_counted():
    arrivals = ArrivalRate()
    rates = [arrivals(number, number / 15) for number in range(200)]
    assert rates[0] is None
    assert rates[30:] == pytest.approx([15] * 170)
    assert arrivals(199, 1000.0) is None or arrivals(199, 1000.0) < 1


def test_what_is_disturbed_is_not_believed():
    source = ScriptedSource([], live=True, fps=10**9)
    for believed in (False, True):
        rate = FrameRate(source, "auto")
        for _ in range(40):
            rate.begin()
            share = rate.share_after_frame(believed)
        assert (share < 1) is believed


def test_no_more_is_held_than_is_allowed(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(frame_rate.time, "monotonic", lambda: now[0])
    rate = FrameRate(ScriptedSource(range(9), fps=Fraction(30)), "auto")
    rate.at_most = 20.0

    def work(seconds):
        rate.begin()
        now[0] += seconds
        return rate.share_after_frame()

    assert {work(0.045) for _ in range(40)} == {1.0}  # too slow for 30 a second, not for 20
    rate.at_most = None
    assert min(work(0.045) for _ in range(40)) < 1


def test_a_session_goes_down_and_says_at_which_size_it_paints(styles):
    assert styles.wait(20)
    for target, smaller in (("auto", True), (None, False), (0.001, False)):
        source = ScriptedSource(range(40), live=True, fps=1_000_000)
        report = run_live(source, styles, [], LiveOptions(target_fps=target))
        assert report["frames_shown"] == 40
        assert (report["painted_size"] < [WIDTH, HEIGHT]) == smaller
        assert report["size"] == [WIDTH, HEIGHT]


def test_a_film_without_a_window_is_painted_as_it_is(styles):
    assert styles.wait(20)
    source = ScriptedSource(range(40), fps=1_000_000)
    assert run_live(source, styles, [], LiveOptions(target_fps="auto"))["painted_size"] == [WIDTH, HEIGHT]
    source, window = ScriptedSource(range(40), fps=1_000_000), FakeWindow()
    report = run_live(source, styles, [window], LiveOptions(target_fps="auto"))
    assert report["painted_size"] < [WIDTH, HEIGHT]
    assert {picture.shape[:2] for picture in window.pictures} == {(HEIGHT, WIDTH)}
