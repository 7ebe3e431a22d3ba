"""Every source keeps the same promises; then what is particular to cameras, networks and the demo."""

import itertools
import threading
import time
from fractions import Fraction

import numpy as np
import pytest

from stylecam.models.errors import OptionsError, SourceError
from stylecam.realtime.sources import connected_cameras
from stylecam.realtime.sources.camera import CameraSource
from stylecam.realtime.sources.camera_option import open_source
from stylecam.realtime.sources.connected_cameras import CameraInfo, Identity
from stylecam.realtime.sources.looped_source import LoopedSource
from stylecam.realtime.sources.network_camera import without_credentials
from stylecam.realtime.sources.replaceable_source import ReplaceableSource
from stylecam.realtime.video.frame import rate
from stylecam.realtime.video.libraries import cv2

from ...mjpeg_server import MjpegServer
from ...source_frames import SIZE, read_frames, write_video


class FakeCapture:
    """An open camera whose frames count up; `gone` makes it fail as an unplugged one does."""

    fps = Fraction(30)

    def __init__(self, gone):
        self.gone, self.closed, self.number = gone, False, 0

    def read(self):
        if self.gone.wait(0.01):
            return None
        self.number += 1
        return np.full((SIZE[1], SIZE[0], 3), self.number % 250, np.uint8)

    def close(self):
        self.closed = True


class FakeDevice:
    """A camera that can be unplugged; its captures are kept in `captures`."""

    name, advice, mirrors = "camera 0", "plug it in again", True

    def __init__(self):
        self.gone, self.captures = threading.Event(), []

    def open(self):
        if self.gone.is_set():
            raise SourceError("there is no camera 0")
        self.captures.append(FakeCapture(self.gone))
        return self.captures[-1]

    def present(self):
        return not self.gone.is_set()


@pytest.fixture
def network_camera():
    with MjpegServer(size=SIZE) as server:
        yield server


@pytest.fixture(params=["file", "picture", "demo", "network", "camera", "replaceable", "looped camera"])
def source(request, tmp_path):
    match request.param:
        case "file":
            return open_source(str(write_video(tmp_path / "a.mp4")))
        case "picture":
            cv2.imwrite(str(tmp_path / "a.png"), np.zeros((SIZE[1], SIZE[0], 3), np.uint8))
            return open_source(str(tmp_path / "a.png"))
        case "demo":
            return open_source("demo", SIZE)
        case "replaceable":
            return ReplaceableSource(lambda: open_source(str(write_video(tmp_path / "a.mp4"))))
        case "looped camera":
            return LoopedSource(lambda: CameraSource(FakeDevice()))
        case "network":
            return open_source(request.getfixturevalue("network_camera").url)
        case "camera":
            return CameraSource(FakeDevice())
        case other:
            raise ValueError(other)


def test_frames_are_bgr_bytes_in_order_and_counted(source):
    with source as source:  # what a URL is shows when it is opened
        frames = read_frames(source)
        assert source.captured >= len(frames) > 0
        assert source.size == SIZE
        assert source.problem is None
        assert source.fps is None or isinstance(source.fps, Fraction)
        assert source.sound is None  # none of these has one
    for frame in frames:
        assert frame.image.dtype == np.uint8
        assert frame.image.shape == (SIZE[1], SIZE[0], 3)
        assert frame.image.flags.c_contiguous
        assert frame.time <= time.monotonic()
    assert all(b.index > a.index for a, b in itertools.pairwise(frames))
    assert all(b.time >= a.time for a, b in itertools.pairwise(frames))
    if not source.live:
        assert [f.index for f in frames] == list(range(len(frames)))
        assert source.dropped == 0


def test_a_source_says_whether_it_stays_and_what_is_not_as_it_was(source, request):
    with source as source:
        read_frames(source, 25)  # those that end have ended by then
        assert source.still == (request.node.callspec.params["source"] == "picture")
        assert (list(source.notes), source.damaged) == ([], None)


def test_leaving_a_source_ends_its_threads_even_when_nobody_read(source):
    before = set(threading.enumerate())
    with source:
        pass
    ours = [t for t in set(threading.enumerate()) - before if t.name.startswith(("capture", "decode"))]
    assert ours == []


def test_a_live_source_gives_the_newest_frame_and_counts_the_others():
    device = FakeDevice()
    with CameraSource(device) as source:
        first = read_frames(source, 1)[0]
        deadline = time.monotonic() + 20
        while source.captured < first.index + 12 and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        late = source.read(timeout=1)
        assert late.index >= first.index + 10
        assert source.dropped >= 10
        assert source.dropped <= source.captured


def test_an_unplugged_camera_is_said_within_two_seconds_and_comes_back():
    device = FakeDevice()
    with CameraSource(device) as source:
        before = read_frames(source, 3)
        device.gone.set()
        lost = time.monotonic()
        while source.problem is None and time.monotonic() < lost + 5:
            source.read(timeout=0.05)
        assert time.monotonic() - lost < 2
        assert source.problem == "camera 0 is gone; waiting for it"
        assert source.read(timeout=0.05) is None
        device.gone.clear()
        after = read_frames(source, 3)
        assert source.problem is None
        assert after[0].index > before[-1].index
        assert device.captures[0].closed


def test_a_camera_is_recognised_by_its_port_then_by_its_name():
    ours, other = CameraInfo(0, "/dev/video0", "Cam A", "usb-1"), CameraInfo(2, "/dev/video2", "Cam B", "usb-2")
    identity = Identity(0, [ours, other])
    moved = CameraInfo(4, "/dev/video4", "Cam A", "usb-1")
    elsewhere = CameraInfo(5, "/dev/video5", "Cam A", "usb-9")
    assert identity.find([other, moved]) == 4
    assert identity.find([other, elsewhere]) == 5
    assert identity.find([other]) is None
    assert identity.find([]) is None


def test_cameras_are_listed_without_metadata_nodes(tmp_path, monkeypatch):
    for number, name, index in ((0, "Cam A", 0), (1, "Cam A", 1), (10, "Cam B", 0)):
        node = tmp_path / f"video{number}"
        node.mkdir()
        (node / "name").write_text(name + "\n")
        (node / "index").write_text(f"{index}\n")
    monkeypatch.setattr(connected_cameras, "SYSFS", tmp_path)
    monkeypatch.setattr(connected_cameras, "DEV", tmp_path / "none")
    monkeypatch.setattr(connected_cameras.sys, "platform", "linux")
    assert [(c.index, c.name) for c in connected_cameras.list_cameras()] == [(0, "Cam A"), (10, "Cam B")]
    assert connected_cameras.is_connected(10)
    assert not connected_cameras.is_connected(3)


def test_a_network_camera_that_stalls_is_said_and_flows_again(network_camera):
    with open_source(network_camera.url) as source:
        assert len(read_frames(source, 3)) == 3
        network_camera.flowing.clear()
        lost = time.monotonic()
        while source.problem is None and time.monotonic() < lost + 10:
            source.read(timeout=0.05)
        assert "waiting for it" in source.problem
        network_camera.flowing.set()
        deadline = time.monotonic() + 20
        while source.problem is not None and time.monotonic() < deadline:
            source.read(timeout=0.1)
        assert len(read_frames(source, 3)) == 3
        assert source.problem is None


def test_a_network_camera_that_closes_is_found_when_it_returns():
    with MjpegServer(size=SIZE) as server, open_source(server.url) as source:
        assert len(read_frames(source, 2)) == 2
        server.close()
        deadline = time.monotonic() + 10
        while source.problem is None and time.monotonic() < deadline:
            source.read(timeout=0.05)
        assert source.problem is not None
        with MjpegServer(server.port, SIZE) as again:
            deadline = time.monotonic() + 20
            while source.problem is not None and time.monotonic() < deadline:
                source.read(timeout=0.1)
            assert len(read_frames(source, 2)) == 2
            assert again.requests >= 1


def test_credentials_are_never_shown():
    for url in (
        "http://me:secret@host:8080/v",
        "rtsp://me:sec/ret@host/v",
        "rtsp://me:12/ret@host/v",
        "rtsp://me:sec?ret@host/v",
        "http://host/v?user=me&pwd=secret",
    ):
        shown = without_credentials(url)
        assert not any(part in shown for part in ("sec", "ret", "12"))
        assert "host" in shown
    with pytest.raises(SourceError) as error, open_source("http://me:secret@127.0.0.1:9/v"):
        pass
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("given", "exact"), [(29.97, Fraction(30000, 1001)), (25.0, Fraction(25)), (0.0, None), (None, None)]
)
def test_rates_are_exact_fractions(given, exact):
    assert rate(given) == exact


def test_there_is_no_camera_77():
    with (
        pytest.raises(SourceError, match=r"no camera found: .*--camera demo|camera 77 not found: .*--camera INDEX"),
        open_source("77"),
    ):
        pass


def test_the_demo_is_the_same_every_time_and_moves():
    with open_source("demo", (160, 120), 15) as one, open_source("demo", (160, 120), 30) as two:
        slow, fast = read_frames(one, 5), read_frames(two, 9)
    assert (slow[4].image == fast[8].image).all()
    assert (slow[0].image != slow[4].image).any()
    assert one.fps == 15


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (1920, 1080), (1080, 1920)])
def test_the_demo_fills_any_size(size):
    with open_source("demo", size) as source:
        image = read_frames(source, 1)[0].image
    assert image.shape == (size[1], size[0], 3)
    assert len(np.unique(image.reshape(-1, 3), axis=0)) > 100


@pytest.mark.parametrize("spec", ["film.mp4", "rtsp://me:secret@127.0.0.1:9/video"])
@pytest.mark.parametrize("asked", [((640, 480), None), (None, 10.0)])
def test_what_has_a_size_and_a_rate_of_its_own_is_not_asked_for_others(spec, asked):
    with pytest.raises(OptionsError, match=r"--size and --fps are only for webcams and the demo") as error:
        open_source(spec, *asked)
    assert "secret" not in str(error.value)
