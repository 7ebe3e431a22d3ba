"""Every sink keeps the contract, and a session shows its pictures to all of them. The window: tests/system."""

import errno
import json
from fractions import Fraction

import numpy as np
import pytest

from stylecam.models.errors import DeviceError
from stylecam.realtime.cli import main
from stylecam.realtime.live.frame_sink import Controller
from stylecam.realtime.live.hotkeys import parse_keys
from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.live.recorder import RecorderSink
from stylecam.realtime.live.virtual_camera import VirtualCameraSink

from ...live_session import FakeWindow, ScriptedSource
from ...sink_contract import CHECKS, Case
from ...virtual_cameras import KeepingDevice


class KeepingSink:
    """Keeps the pictures it is shown and their times; `lost_after` so many."""

    saved = ()

    def __init__(self, lost_after=None):
        self.shown, self.closed, self.lost_after = [], 0, lost_after

    @property
    def lost(self):
        return None if self.lost_after is None or len(self.shown) < self.lost_after else "the projector is gone"

    def show(self, picture, seconds=0):
        self.shown.append((None if picture is None else int(picture[20, 50, 0]), seconds))

    def close(self):
        self.closed += 1


def _full_disk(recorder):
    def fail(packets):
        raise OSError(errno.ENOSPC, "No space left on device")

    recorder._mux = fail


def _gone(window):
    window.lost = "the window is gone"


def _recorder(folder):
    return Case(lambda: RecorderSink(folder / "a.mp4", Fraction(1, 25), Fraction(25)), _full_disk)


def _virtual_camera(folder):
    def unplug(sink):
        sink._device.broken = DeviceError("the virtual camera /dev/video9 is gone")

    return Case(lambda: VirtualCameraSink(KeepingDevice(), (64, 48), 200.0), unplug)


def _window_of_the_tests(folder):
    return Case(FakeWindow, _gone)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", [_recorder, _virtual_camera, _window_of_the_tests])
def test_contract(case, check, tmp_path):
    check(case(tmp_path))


def test_only_a_window_is_a_controller(tmp_path):
    assert isinstance(FakeWindow(), Controller)
    assert not isinstance(KeepingSink(), Controller)
    with RecorderSink(tmp_path / "a.mp4", Fraction(1, 25)) as recorder:
        recorder.show(np.zeros((48, 64, 3), np.uint8))
        assert not isinstance(recorder, Controller)


def test_all_sinks_are_shown_all_pictures_and_only_the_window_what_is_drawn_over_them(styles):
    sink, window = KeepingSink(), FakeWindow({2: ["?"]})
    report = run_live(ScriptedSource(range(6)), styles, [sink, window], LiveOptions())
    assert sink.shown == [(255 - 10 - n, Fraction(n, 25)) for n in range(6)]
    assert len(window.pictures) == 6
    assert [len(np.unique(picture)) for picture in window.pictures] == [1] * 6
    assert [len(panels) for panels in window.panels] == [2, 2, 4, 4, 4, 4]  # the figures and a hint, then the help too
    assert (report["failures"], sink.closed) == ([], 0)  # who made it closes it


def test_sinks_are_told_that_the_camera_gives_nothing(styles):
    sink = KeepingSink()
    run_live(ScriptedSource([0, None, None], live=True), styles, [sink], LiveOptions())
    assert [level for level, _ in sink.shown] == [255 - 10, None, None]


def test_a_lost_sink_is_said_once_and_ends_the_session_where_nobody_is_at_a_window(styles):
    sink, said = KeepingSink(lost_after=3), []
    report = run_live(ScriptedSource(range(9)), styles, [sink], LiveOptions(), said.append)
    assert report["failures"] == said == ["the projector is gone"]
    assert (report["frames_shown"], len(sink.shown), sink.closed) == (3, 3, 1)


def test_a_session_in_a_window_goes_on_without_a_lost_sink(styles):
    sink, window = KeepingSink(lost_after=3), FakeWindow()
    report = run_live(ScriptedSource(range(9)), styles, [sink, window], LiveOptions())
    assert report["failures"] == ["the projector is gone"]
    assert (report["frames_shown"], len(sink.shown), len(window.pictures)) == (9, 3, 9)


def test_a_lost_window_ends_the_session_and_a_recording_is_whole(styles, tmp_path):
    window, sink = FakeWindow(), KeepingSink()
    show = window.show

    def show_four(picture, seconds):
        show(picture, seconds)
        window.lost = "the window is gone" if len(window.pictures) == 4 else None

    window.show = show_four
    options = LiveOptions(keys=parse_keys("0:r"), folder=tmp_path)
    report = run_live(ScriptedSource(range(9)), styles, [window, sink], options)
    assert (report["failures"], report["frames_shown"]) == (["the window is gone"], 4)
    assert [path.endswith(".mp4") for path in report["saved"]] == [True]


def test_what_a_sink_saved_is_in_the_report_of_the_command(monkeypatch, tmp_path, make_style, capsys):
    kept, last = tmp_path / "kept", tmp_path / "last.png"

    class SavingWindow(FakeWindow):
        def close(self):
            super().close()
            kept.write_text("all of it")
            self.saved = [str(kept)]

    monkeypatch.setattr("stylecam.realtime.live.sdl.check_display", lambda number: None)
    monkeypatch.setattr("stylecam.realtime.live.window.WindowSink", lambda *_, **__: SavingWindow())
    style = make_style(tmp_path / "same.onnx", "same", "identity")
    arguments = ["--camera", "demo", "--size", "64x48", "--frames", "2", "--snapshot", str(last), "--json"]
    assert main([*arguments, "--style", str(style)]) == 0
    assert json.loads(capsys.readouterr().out)["saved"] == [str(last), str(kept)]
