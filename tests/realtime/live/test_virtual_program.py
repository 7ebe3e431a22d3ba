"""What an audience sees of a virtual camera: at which size and rate, mirrored or not, and when a slate."""

import numpy as np
import pytest

from stylecam.realtime.live.slate import PAUSED, WAITING, slate
from stylecam.realtime.live.virtual_camera import Beat, Program, VirtualCameraSink

from ...virtual_cameras import KeepingDevice, says

SIZE = (128, 72)


RATE = 200.0  # as fast as a test can wait for


def _sink(device=None, **settings):
    return VirtualCameraSink(device or KeepingDevice(), SIZE, RATE, **settings)


def _arrow(size=(64, 36)):
    """White on the left, black on the right."""
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    picture[:, : size[0] // 2] = 255
    return picture


def test_every_frame_has_the_promised_size_whatever_the_pictures_have():
    device = KeepingDevice()
    with _sink(device) as sink:
        for size in ((640, 480), (33, 200), SIZE, (64, 36)):
            device.show_until(sink, np.full((size[1], size[0], 3), 200, np.uint8), lambda f: f[36, 64].min() >= 199)
    assert {(frame.shape, frame.dtype.name) for frame in device.frames} == {((72, 128, 3), "uint8")}
    assert all(frame.flags.c_contiguous for frame in device.frames)
    assert device.closed == 1


def test_other_proportions_are_shown_with_bars_and_not_stretched():
    program = Program(SIZE)
    program.tell(np.full((100, 100, 3), 255, np.uint8), False, 0.0)
    frame = program.at(0.0)
    assert (frame[:, 28:100] == 255).all()
    assert not frame[:, :28].any()
    assert not frame[:, 100:].any()


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_audience_never_sees_a_mirror(mirrored):
    program = Program(SIZE)
    seen_at_home = _arrow()[:, ::-1] if mirrored else _arrow()
    program.tell(np.ascontiguousarray(seen_at_home), mirrored, 0.0)
    frame = program.at(0.0)
    assert frame[:, :60].min() == 255
    assert not frame[:, 68:].any()


def test_the_last_picture_stays_for_a_moment_and_then_there_is_a_slate():
    program, waiting, paused = Program(SIZE), says(WAITING), says(PAUSED)
    assert waiting(program.at(0.0))  # the device is there before the first picture
    program.tell(_arrow(), False, 1.0)
    program.tell(None, False, 1.2)
    assert program.at(1.9).max() == 255
    program.tell(None, False, 2.2)
    assert waiting(program.at(2.3))  # the camera is gone
    program.tell(_arrow(), False, 3.0)
    assert not waiting(program.at(3.0))  # and back
    assert program.at(12.9).max() == 255  # a file's next picture is far away
    assert paused(program.at(13.1))
    program.tell(_arrow(), False, 14.0)
    program.paused = True
    assert paused(program.at(14.0))
    program.paused = False
    assert program.at(14.0).max() == 255


def test_an_unchanged_picture_is_made_ready_once():
    program = Program(SIZE)
    program.tell(_arrow(), False, 0.0)
    first = program.at(0.0)
    assert program.at(0.1) is first
    program.tell(_arrow(), False, 0.2)
    assert program.at(0.2) is not first


@pytest.mark.parametrize("text", [PAUSED, WAITING])
@pytest.mark.parametrize("size", [(1280, 720), (320, 240), (720, 1280), (32, 32)])
def test_a_slate_is_dark_with_legible_words_in_its_middle(text, size):
    card = slate(text, size)
    assert card.shape == (size[1], size[0], 3)
    assert card is slate(text, size)
    if size[0] > 100:
        assert card.mean() < 60
        rows = np.flatnonzero((card.min(axis=2) > 200).any(axis=1))
        assert size[1] * 0.25 < rows.min() < rows.max() < size[1] * 0.75
        assert not (card[:, : size[0] // 50].max(axis=2) > 60).any()  # nothing is cut off
    assert (slate(PAUSED, (320, 240)) != slate(WAITING, (320, 240))).any()


def test_frames_are_due_at_a_steady_rate_and_missed_ones_are_left_out():
    beat, now, times = Beat(25.0, 100.0), 100.0, []
    for work in [0.001, 0.03, 0.002, 0.001]:
        now += work
        now += beat.wait(now)
        times.append(round(now - 100, 6))
    assert times == [0.04, 0.08, 0.12, 0.16]
    now += 10.0  # the machine slept
    waits = [beat.wait(now) for _ in range(2)]
    assert waits == [0.0, pytest.approx(0.04)]  # no crowd of frames


def test_sending_goes_on_while_the_session_stands_still():
    device = KeepingDevice()
    with _sink(device) as sink:
        device.show_until(sink, _arrow(), lambda frame: frame.max() == 255)
        known = len(device.frames)
        device.wait(lambda frame: len(device.frames) > known + 10)
        assert all((frame == device.frames[-1]).all() for frame in device.frames[known:])


def test_a_closed_one_leaves_the_slate_behind():
    device = KeepingDevice()
    with _sink(device) as sink:
        device.show_until(sink, _arrow(), lambda frame: frame.max() == 255)
    assert says(PAUSED)(device.frames[-1])
