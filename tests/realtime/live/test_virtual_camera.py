"""The virtual camera of a live session: what is sent to it, and what happens when its device goes or lacks."""

import json
from pathlib import Path

import pytest

from stylecam.models.errors import DeviceError, OptionsError, StylecamError
from stylecam.realtime.cli import main
from stylecam.realtime.live.broadcast import VirtualOptions
from stylecam.realtime.live.hotkeys import Key, parse_keys
from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.live.slate import PAUSED, WAITING
from stylecam.realtime.live.virtual_camera import Program
from stylecam.realtime.live.virtual_device import open_device

from ...live_session import HEIGHT, WIDTH, FakeWindow, ScriptedSource
from ...virtual_cameras import fake_pyvirtualcam, says, without_pyvirtualcam

SIZE = (128, 72)


def _options(keys="", from_start=True, **more):
    return LiveOptions(keys=parse_keys(keys), virtual=VirtualOptions(from_start, None, SIZE), **more)


class Watched(ScriptedSource):
    """A camera; `meanwhile` maps the number of frames read to what happens then."""

    def __init__(self, script, meanwhile, **settings):
        super().__init__(script, live=True, **settings)
        self.meanwhile = meanwhile

    def read(self, timeout):
        self.meanwhile.get(len(self.script), lambda: None)()
        return super().read(timeout)


def test_what_is_shown_is_sent_and_what_is_drawn_over_it_is_not(styles, virtual_cameras):
    def seen():
        virtual_cameras[0].wait(lambda frame: (frame[36, 30:98] == 255 - 10).all())

    window = FakeWindow({0: ["?"]})
    report = run_live(Watched([0, 0, 0], {1: seen}), styles, [window], _options())
    assert report["failures"] == []
    (camera,) = virtual_cameras
    assert camera.asked.size == SIZE
    assert camera.asked.fps == 25.0  # the source's
    assert camera.closed == 1


@pytest.mark.parametrize(("fps", "sent"), [(None, 30.0), (1, 10.0), (240, 60.0), (50, 50.0)])
def test_the_rate_is_the_sources_as_far_as_meetings_take_it(styles, virtual_cameras, fps, sent):
    source = ScriptedSource([0, 0], live=True)
    source.fps = fps
    run_live(source, styles, [], _options())
    assert virtual_cameras[0].asked.fps == sent


def test_a_file_without_a_window_is_shown_to_an_audience_at_its_own_rate(styles, virtual_cameras, monkeypatch):
    now, shown = [100.0], []
    monkeypatch.setattr("stylecam.realtime.live.loop.time.monotonic", lambda: now[0])
    monkeypatch.setattr("stylecam.realtime.live.loop.time.sleep", lambda s: now.__setitem__(0, now[0] + s))
    monkeypatch.setattr(Program, "tell", lambda *_: shown.append(now[0] - 100))
    run_live(ScriptedSource(range(6)), styles, [], _options())
    assert shown == pytest.approx([n / 25 for n in range(6)], abs=0.002)


def test_the_windows_mirror_is_undone(styles, virtual_cameras):
    class Arrow(Watched):
        def read(self, timeout):
            frame = super().read(timeout)
            frame.image[:, : WIDTH // 2], frame.image[:, WIDTH // 2 :] = 0, 255
            return frame

    def seen():
        virtual_cameras[0].wait(lambda frame: frame[36, 30].min() == 255 and frame[36, 97].max() == 0)

    window = FakeWindow()
    run_live(Arrow([0] * 4, {2: seen}), styles, [window], _options(mirror=True))
    assert window.pictures[-1][HEIGHT // 2, 0].max() == 0  # the user sees a mirror: light on the right
    assert window.pictures[-1][HEIGHT // 2, -1].min() == 255
    assert not any(frame[36, 97].min() > 128 for frame in virtual_cameras[0].frames)


def test_the_key_starts_pauses_and_goes_on(styles, virtual_cameras):
    seen = []

    def look(found):
        def wait():
            virtual_cameras[0].wait(found)
            seen.append(len(virtual_cameras))

        return wait

    painted, paused = (lambda frame: (frame[36, 64] == 245).all()), says(PAUSED)
    meanwhile = {9: lambda: seen.append(len(virtual_cameras)), 6: look(painted), 4: look(paused), 2: look(painted)}
    source = Watched([0] * 10, meanwhile)
    run_live(source, styles, [FakeWindow()], _options("2:o,5:o,7:o", from_start=False))
    assert seen == [0, 1, 1, 1]  # it is opened once
    assert virtual_cameras[0].closed == 1


def test_a_lost_camera_is_the_slate_and_a_camera_that_is_back_the_picture(styles, virtual_cameras, monkeypatch):
    monkeypatch.setattr("stylecam.realtime.live.virtual_camera.PATIENCE", 0.0)
    meanwhile = {
        4: lambda: virtual_cameras[0].wait(lambda frame: frame.max() == 245),
        2: lambda: virtual_cameras[0].wait(says(WAITING)),
        0: lambda: virtual_cameras[0].wait(lambda frame: frame.max() == 235),
    }
    run_live(Watched([0, None, None, 10, 10], meanwhile), styles, [FakeWindow()], _options())


class UntilSaid(ScriptedSource):
    """A camera that gives frames until `found` says so, and 5 more."""

    def __init__(self, found):
        super().__init__([0], live=True)
        self.found, self.more = found, 5

    def read(self, timeout):
        self.more -= self.found()
        if self.more > 0:
            self.script.append(0)
        return super().read(timeout)


def test_a_lost_device_is_one_sentence_and_the_session_goes_on(styles, virtual_cameras):
    sentence, said, window = "the virtual camera /dev/video9 failed: unplugged", [], FakeWindow()

    def found():
        virtual_cameras[0].broken = RuntimeError("unplugged\nand more")
        return sentence in said

    report = run_live(UntilSaid(found), styles, [window], _options(), said.append)
    assert report["failures"] == [sentence]
    assert said.count(sentence) == 1
    assert virtual_cameras[0].closed == 1


def test_after_a_loss_the_key_opens_it_again(styles, virtual_cameras):
    sentence, said = "the virtual camera /dev/video9 failed: unplugged", []

    class PressAfterLoss(FakeWindow):
        def keys(self, wait_ms=0):
            return [Key("o")] if sentence in said and len(virtual_cameras) == 1 else []

    def found():
        virtual_cameras[0].broken = RuntimeError("unplugged")
        return len(virtual_cameras) == 2

    run_live(UntilSaid(found), styles, [PressAfterLoss()], _options(), said.append)
    assert [camera.closed for camera in virtual_cameras] == [1, 1]


def test_without_a_window_the_session_ends_when_nothing_is_left_that_shows_it(styles, virtual_cameras, tmp_path):
    def found():
        virtual_cameras[-1].broken = RuntimeError("unplugged")
        return False

    assert run_live(UntilSaid(found), styles, [], _options())["failures"]
    recorded = tmp_path / "a.mp4"
    said = []

    def lost():
        virtual_cameras[-1].broken = RuntimeError("unplugged")
        return any("unplugged" in sentence for sentence in said)

    report = run_live(UntilSaid(lost), styles, [], _options(record=recorded), said.append)
    assert report["saved"] == [str(recorded)]
    assert report["frames_shown"] > 5


BUSY = [
    "could not be configured: Device or resource busy",
    "Device /dev/video9 is not a video output device.",  # with exclusive_caps=1
    "No v4l2 loopback device found at /dev/video[0-99]. Did you run 'modprobe v4l2loopback'?",
]


@pytest.mark.parametrize("reason", BUSY)
@pytest.mark.parametrize("with_window", [True, False])
def test_a_busy_device_is_one_sentence(styles, monkeypatch, tmp_path, with_window, reason):
    fake_pyvirtualcam(monkeypatch, RuntimeError(f"'v4l2loopback' backend: {reason}"))
    monkeypatch.setattr("stylecam.realtime.live.virtual_device.readiness", lambda *_: Ready())
    monkeypatch.setattr("stylecam.realtime.live.virtual_device.loopbacks", lambda: [tmp_path])
    sentence = f"the virtual camera {tmp_path} is used by another program: close it there, then try again"
    if not with_window:
        with pytest.raises(DeviceError) as raised:
            run_live(ScriptedSource([0] * 3), styles, [], _options())
        assert str(raised.value) == sentence
        return
    report = run_live(ScriptedSource([0] * 3), styles, [FakeWindow()], _options())
    assert report["failures"] == [sentence]
    assert report["frames_shown"] == 3


class Ready:
    ok = True


def test_a_missing_extra_is_one_sentence_with_the_line_that_installs_it(monkeypatch, capsys):
    without_pyvirtualcam(monkeypatch)
    assert main(["--camera", "demo", "--virtual-camera", "--no-window", "--frames", "1"]) == 1
    error = capsys.readouterr().err
    assert "pip install 'stylecam[vcam]'" in error
    assert len(error.splitlines()) == 1
    with pytest.raises(StylecamError, match="pyvirtualcam"):
        open_device(SIZE, 30.0)


def test_the_session_without_the_extra_goes_on_after_the_key(styles, monkeypatch):
    without_pyvirtualcam(monkeypatch)
    report = run_live(ScriptedSource([0] * 4), styles, [FakeWindow()], _options("1:o", from_start=False))
    assert "stylecam[vcam]" in report["failures"][0]
    assert report["frames_shown"] == 4


def test_the_camera_itself_is_no_virtual_camera(virtual_cameras):
    with pytest.raises(OptionsError, match="is the camera itself"):
        open_device(SIZE, 30.0, "/dev/video7", "/dev/video7")
    assert virtual_cameras == []


def test_the_only_virtual_camera_is_not_sent_to_where_it_is_the_camera(virtual_cameras, monkeypatch):
    there = [Path("/dev/video7")]
    monkeypatch.setattr("stylecam.realtime.live.virtual_device.loopbacks", lambda: there)
    with pytest.raises(OptionsError, match=r"no other virtual camera: sudo modprobe -r v4l2loopback"):
        open_device(SIZE, 30.0, None, "/dev/video7")
    there.append(Path("/dev/video8"))
    assert open_device(SIZE, 30.0, None, "/dev/video7").name == "/dev/video8"


def test_the_command_sends_what_it_was_asked_for(virtual_cameras, capsys):
    arguments = ["--camera", "demo", "--no-window", "--frames", "3", "--json", "--virtual-size", "320x180"]
    assert main([*arguments, "--virtual-camera", "9"]) == 0
    assert json.loads(capsys.readouterr().out)["frames_shown"] == 3
    (camera,) = virtual_cameras
    assert (camera.asked.size, camera.asked.fps, camera.asked.device) == ((320, 180), 30.0, "/dev/video9")
    assert {frame.shape for frame in camera.frames} == {(180, 320, 3)}
    assert main([*arguments, "--virtual-camera"]) == 0
    assert virtual_cameras[1].asked.device is None


@pytest.mark.parametrize("size", ["1281x720", "640", "0x0"])
def test_an_impossible_size_is_refused(size, capsys):
    assert main(["--camera", "demo", "--no-window", "--virtual-size", size]) == 2
    assert f"--virtual-size {size}" in capsys.readouterr().err
