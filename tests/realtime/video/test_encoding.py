"""Encoders: no setting is lost on the way to one, and none takes the machine."""

import os
import sys
import threading
from contextlib import suppress
from fractions import Fraction

import pytest

from stylecam.models.errors import RecordError
from stylecam.realtime.convert.assembly import check_encoder
from stylecam.realtime.convert.pixel_shape import tells_shape
from stylecam.realtime.video import encoding
from stylecam.realtime.video.colours import usual_tags
from stylecam.realtime.video.encoding import Encoder, Encoding, VideoFormat
from stylecam.realtime.video.priority import priority_kept

from ...films import write_film

VIDEO = VideoFormat(64, 48, Fraction(1, 25), Fraction(25), Fraction(1), usual_tags(48))


def test_a_setting_that_an_encoder_does_not_know_is_no_silence(monkeypatch):
    Encoder(Encoding("h264", crf=30), VIDEO)
    monkeypatch.setitem(encoding.QUALITY, "libx264", ("no_such_setting", 20, "preset", "superfast"))
    with pytest.raises(RecordError, match="libx264 does not know no_such_setting: try another --codec"):
        Encoder(Encoding("h264", crf=30), VIDEO)


def test_apples_scale_is_turned_round(monkeypatch):
    """Its encoder is on no machine that tests, but libx264 takes the same two general settings."""
    monkeypatch.setattr(encoding, "_is_video_encoder", lambda name: True)
    monkeypatch.setattr(encoding.av, "codecs_available", {"h264_videotoolbox"})
    options = [Encoding("h264_videotoolbox", crf).options() for crf in (0, None, 100)]
    assert [int(o["global_quality"]) / encoding.QP_TO_LAMBDA for o in options] == [100, 65, 1]
    monkeypatch.undo()
    monkeypatch.setattr(Encoding, "options", lambda self: options[1])
    Encoder(Encoding("h264"), VIDEO)


def _real_time():
    """The real-time threads of this process."""
    found = set()
    for thread in map(int, os.listdir("/proc/self/task")):
        with suppress(ProcessLookupError):  # it has ended
            if os.sched_getscheduler(thread) in (os.SCHED_FIFO, os.SCHED_RR):
                found.add(thread)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no encoder asks for it")
def test_no_encoder_makes_real_time_threads(convert, tmp_path):
    """Where it may, SVT-AV1 gives them all, and the thread that opens it, the highest priority of the machine."""
    encoder = Encoder(Encoding("av1"), VIDEO)  # kept, so that its threads live
    assert _real_time() == set()
    check_encoder(Encoding("av1"), ".mkv")
    assert _real_time() == set()
    assert not tells_shape(Encoding("av1"), ".mkv", (64, 48), Fraction(4, 3))
    assert _real_time() == set()
    film = write_film(tmp_path / "in.mkv", codec="libsvtav1")
    assert convert(film, tmp_path / "out.mkv", "--codec", "av1")[0] == 0
    assert _real_time() == set()
    encoder.finish()


def _may_raise_priorities():
    """As root, unless a container forbids it."""
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        return False
    os.sched_setscheduler(0, *before)
    return True


@pytest.mark.skipif(sys.platform != "linux" or not _may_raise_priorities(), reason="it may not raise a priority")
def test_threads_that_had_a_priority_before_keep_it():
    mine, going, ended = os.sched_getscheduler(0), threading.Event(), threading.Event()

    def real_time():
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(5))
        going.set()
        ended.wait()

    other = threading.Thread(target=real_time)
    other.start()
    going.wait()
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    try:
        with priority_kept():
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99))
        assert os.sched_getscheduler(0) == os.SCHED_BATCH
        assert _real_time() == {other.native_id}
    finally:
        os.sched_setscheduler(0, mine, os.sched_param(0))
        ended.set()
        other.join()
