"""RecorderSink: exact frames and times, whole files or none."""

import signal
import subprocess
import sys
import threading
from fractions import Fraction

import numpy as np
import pytest

from stylecam.models.errors import RecordError
from stylecam.realtime.live.recorder import RecorderSink
from stylecam.realtime.video.colours import to_bgr
from stylecam.realtime.video.libraries import av, cv2


def _picture(value, size=(64, 48)):
    picture = np.full((size[1], size[0], 3), value, np.uint8)
    picture[: size[1] // 2] = 255 - value
    return picture


def _decode(path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        return stream, frames, [Fraction(f.pts) * f.time_base for f in frames]


def test_a_recording_holds_every_picture_at_its_time(tmp_path):
    rate = Fraction(30000, 1001)
    path = tmp_path / "a.mp4"
    with RecorderSink(path, 1 / rate, rate) as recorder:
        for n in range(40):
            recorder.show(_picture(5 * n), n / rate)
    stream, frames, times = _decode(path)
    assert times == [n / rate for n in range(40)]
    assert stream.average_rate == rate
    for n in (0, 17, 39):
        assert abs(int(frames[n].to_ndarray(format="bgr24")[40, 30].mean()) - 5 * n) <= 6
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_camera_times_are_kept_and_never_go_back(tmp_path):
    path = tmp_path / "a.mp4"
    with RecorderSink(path, Fraction(1, 90000)) as recorder:
        for seconds in (0.0, 0.05, 0.05, 0.2, 0.9):
            recorder.show(_picture(9), seconds)
    _, _, times = _decode(path)
    assert [round(float(t), 3) for t in times] == [0.0, 0.05, 0.05, 0.2, 0.9]
    assert sorted(set(times)) == times


@pytest.mark.parametrize("height", [480, 720])
def test_colours_of_a_recording_are_those_that_were_shown(tmp_path, height):
    path = tmp_path / "a.mp4"
    wanted = np.full((height, 96, 3), (60, 120, 200), np.uint8)
    wanted[:, 48:] = 110
    with RecorderSink(path, Fraction(1, 25), Fraction(25)) as recorder:
        recorder.show(wanted, 0)
    _, (frame,), _ = _decode(path)
    assert (frame.colorspace, frame.color_range) == (1 if height == 720 else 6, 1)
    assert np.abs(to_bgr(frame).astype(int) - wanted).mean() < 2


def test_odd_sizes_are_recorded(tmp_path):
    path = tmp_path / "odd.mp4"
    with RecorderSink(path, Fraction(1, 25), Fraction(25)) as recorder:
        recorder.show(_picture(60, (101, 77)), 0)
    stream, _, _ = _decode(path)
    assert (stream.width, stream.height) == (102, 78)


def test_an_exception_leaves_no_file(tmp_path):
    def record_and_fail():
        with RecorderSink(tmp_path / "a.mp4", Fraction(1, 25)) as recorder:
            recorder.show(_picture(1), 0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record_and_fail()
    assert list(tmp_path.iterdir()) == []


def test_a_recording_without_frames_is_an_error_and_leaves_no_file(tmp_path):
    recorder = RecorderSink(tmp_path / "a.mp4", Fraction(1, 25))
    with pytest.raises(RecordError, match="nothing to record"):
        recorder.close()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def held_encoder(monkeypatch):
    """An event: until it is set, encoding a picture with odd sides does not go on."""
    gate, make_even = threading.Event(), cv2.copyMakeBorder

    def held(*args):
        assert gate.wait(60)
        return make_even(*args)

    monkeypatch.setattr(cv2, "copyMakeBorder", held)
    return gate


@pytest.mark.skipif(sys.platform == "win32", reason="alarms of POSIX")
def test_ctrl_c_while_a_full_recorder_is_closed_keeps_what_is_encoded(tmp_path, held_encoder):
    before, closing = set(threading.enumerate()), threading.Event()

    def press(number, frame):
        if not closing.is_set():
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            return
        held_encoder.set()
        raise KeyboardInterrupt

    default = signal.signal(signal.SIGALRM, press)
    try:
        recorder = RecorderSink(tmp_path / "a.mp4", Fraction(1, 25), Fraction(25))
        for n in range(9):  # one is being encoded, eight wait: the queue is full
            recorder.show(_picture(n, (65, 49)), Fraction(n, 25))
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(KeyboardInterrupt):
            closing.set() or recorder.close()
    finally:
        signal.signal(signal.SIGALRM, default)
    for thread in set(threading.enumerate()) - before:
        thread.join(20)
        assert not thread.is_alive()
    assert 1 <= len(_decode(tmp_path / "a.mp4")[1]) <= 9
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_a_recorder_that_nobody_closed_does_not_keep_the_program_from_ending(tmp_path):
    program = """
from fractions import Fraction
from pathlib import Path
import numpy as np
from stylecam.realtime.video.colours import to_bgr
from stylecam.realtime.live.recorder import RecorderSink
RecorderSink(Path("a.mp4"), Fraction(1, 25)).show(np.zeros((48, 64, 3), np.uint8), 0)
"""
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, timeout=120)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["missing/a.mp4", "file/a.mp4"])
def test_a_path_that_cannot_be_written_is_an_error_at_once(tmp_path, name):
    (tmp_path / "file").touch()
    before = threading.active_count()
    with pytest.raises(RecordError, match=r"cannot record to .*a\.mp4"):
        RecorderSink(tmp_path / name, Fraction(1, 25))
    assert threading.active_count() == before


def test_an_existing_file_is_replaced_only_when_the_new_one_is_complete(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")
    recorder = RecorderSink(path, Fraction(1, 25))
    recorder.show(_picture(3), 0)
    recorder.abort()
    assert path.read_bytes() == b"old"
