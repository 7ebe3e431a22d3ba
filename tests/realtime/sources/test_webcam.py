"""The machine's own cameras, with OpenCV's capture and the list of cameras replaced by fakes."""

import threading
import time

import numpy as np
import pytest

from stylecam.models.errors import SourceError
from stylecam.realtime.cli import main
from stylecam.realtime.sources import camera, webcam
from stylecam.realtime.sources.camera_option import differences, open_source
from stylecam.realtime.sources.connected_cameras import CameraInfo
from stylecam.realtime.video.libraries import cv2

from ...mjpeg_server import MjpegServer

PROPERTIES = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FPS, cv2.CAP_PROP_FOURCC)


class Machine:
    """What is plugged into it is in `cameras`; `busy` ones do not open, `silent` ones give no frame.

    A grab waits until `grabbing` is set, as with a driver that blocks.
    """

    def __init__(self):
        self.cameras, self.silent, self.busy = [], False, False
        self.grabbing = threading.Event()
        self.grabbing.set()
        self.opened, self.asked = [], {}
        self.size, self.fps, self.noise = (64, 48), 29.97, 0
        self.random = np.random.default_rng(0)

    def capture(self, index, backend):
        return FakeCapture(self, index)

    def has(self, index):
        return any(camera.index == index for camera in self.cameras)


class FakeCapture:
    """The part of cv2.VideoCapture that is used."""

    def __init__(self, machine, index):
        self.machine, self.camera = machine, next((c for c in machine.cameras if c.index == index), None)
        if machine.busy:
            self.camera = None
        if self.camera:
            machine.opened.append(index)

    def isOpened(self):  # noqa: N802 - OpenCV's name
        return self.camera is not None

    def set(self, key, value):
        self.machine.asked[key] = value
        return False

    def get(self, key):
        return self.machine.fps if key == cv2.CAP_PROP_FPS else 0

    def read(self):
        self.machine.grabbing.wait()
        if self.machine.silent or self.camera not in self.machine.cameras:
            return False, None
        threading.Event().wait(0.005)
        width, height = self.machine.size
        image = np.full((height, width, 3), self.camera.index, np.uint8)
        image[:, -1] = 255
        noise = self.machine.random.normal(0, self.machine.noise, image.shape)
        return True, np.clip(image + noise, 0, 255).astype(np.uint8)

    def release(self):
        self.camera = None


@pytest.fixture
def machine(monkeypatch):
    machine = Machine()
    monkeypatch.setattr(webcam.sys, "platform", "linux")
    monkeypatch.setattr(webcam.cv2, "VideoCapture", machine.capture)
    monkeypatch.setattr(webcam, "list_cameras", lambda: list(machine.cameras))
    monkeypatch.setattr(webcam, "is_connected", machine.has)
    yield machine
    machine.grabbing.set()


def _camera(index, bus, name="Cam A"):
    return CameraInfo(index, f"/dev/video{index}", name, bus)


def _wait(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert condition()


def test_a_camera_tells_what_it_really_gave(machine):
    machine.cameras = [_camera(0, "usb-1")]
    with open_source("0", (1280, 720), 60) as source:
        assert source.size == (64, 48)
        assert str(source.fps) == "30000/1001"
        assert differences(source, (1280, 720), 60) == [
            "camera 0 gives 64x48 px, not the 1280x720 of --size",
            "camera 0 gives 29.97 frames per second, not the 60 of --fps",
        ]
        assert differences(source, (64, 48), 30) == differences(source, None, None) == []
    assert [machine.asked[key] for key in PROPERTIES[:3]] == [1280, 720, 60]
    assert machine.asked[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")


def test_a_small_picture_is_asked_for_uncompressed(machine):
    machine.cameras = [_camera(0, "usb-1")]
    with open_source("0", (320, 240)):
        assert cv2.CAP_PROP_FOURCC not in machine.asked


@pytest.mark.parametrize("bus", ["usb-1", "usb-7"], ids=["same port", "another port"])
def test_a_camera_that_returns_under_another_number_is_found(machine, bus):
    twin = _camera(2, "usb-2")
    machine.cameras = [_camera(0, "usb-1"), twin]
    with open_source("/dev/video0") as source:
        machine.cameras = [twin]
        _wait(lambda: source.problem == "/dev/video0 is gone; waiting for it")
        source.read(timeout=0)
        machine.cameras = [twin, _camera(4, bus)]
        frame = source.read(timeout=20)
        assert frame.image[0, 0, 0] == 4
        assert source.problem is None
    # Its twin of the same make, which was there all along, was never taken for it.
    assert machine.opened == [0, 4]


def test_a_grab_that_blocks_does_not_hide_the_loss(machine):
    machine.cameras = [_camera(0, "usb-1")]
    with open_source("0") as source:
        machine.grabbing.clear()
        blocked = time.monotonic()
        _wait(lambda: source.problem is not None)
        assert time.monotonic() - blocked >= camera.LOST_AFTER / 2
        machine.grabbing.set()
        _wait(lambda: source.problem is None)


def test_a_camera_without_frames_is_said(machine, monkeypatch):
    monkeypatch.setattr(camera, "FIRST_FRAME_TIMEOUT", 0.1)
    machine.cameras, machine.silent = [_camera(0, "usb-1")], True
    with pytest.raises(
        SourceError, match=r"camera 0 opened but sent no picture within 0.1 s; .*--camera demo"
    ) as error:
        open_source("0").__enter__()
    assert error.value.exit_code == 4


def test_a_missing_camera_names_those_that_are_there(machine):
    machine.cameras = [_camera(2, "usb-1", "Cam B")]
    with pytest.raises(SourceError, match=r"camera 0 not found: connected are 2 \(Cam B\); choose one with --camera"):
        open_source("0").__enter__()
    machine.cameras = []
    for spec in ("/dev/video3", "/dev/v4l/by-id/usb-nothing"):
        with pytest.raises(SourceError, match="no camera found: plug one in, or try --camera demo"):
            open_source(spec).__enter__()


def test_a_camera_that_another_program_holds_is_said(machine):
    machine.cameras, machine.busy = [_camera(0, "usb-1")], True
    with pytest.raises(SourceError, match=r"camera 0 cannot be opened; close other programs"):
        open_source("0").__enter__()


@pytest.mark.parametrize(("option", "lit"), [([], 0), (["--no-mirror"], -1)])
def test_a_webcam_is_a_mirror_unless_that_is_refused(machine, tmp_path, make_style, option, lit):
    machine.cameras = [_camera(0, "usb-1")]
    style, picture = make_style(tmp_path / "same.onnx", "same", "identity"), tmp_path / "last.png"
    args = ["--camera", "0", "--style", str(style), "--no-window", "--frames", "1", "--snapshot", str(picture)]
    assert main([*args, *option]) == 0
    assert (cv2.imread(str(picture))[:, lit] == 255).all()


def test_only_a_webcam_is_a_mirror(machine):
    specs = ("0", "/dev/video2", "/dev/shm/x.mp4", "film.mp4", "demo")
    assert [open_source(spec).mirrors for spec in specs] == [True, True, False, False, False]
    with MjpegServer() as server, open_source(server.url) as source:
        assert not source.mirrors
