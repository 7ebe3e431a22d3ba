"""A network camera in the real window: it flows, stalls, closes and returns, and the keys always work."""

import cv2

from ..mjpeg_server import MjpegServer
from .conftest import wait_for


def _snapshot(desktop, tmp_path):
    before = set(tmp_path.glob("stylecam-*.png"))
    desktop.key("s")
    return wait_for(lambda: set(tmp_path.glob("stylecam-*.png")) - before, "a snapshot")


def _moves(desktop, tmp_path):
    """Whether two snapshots differ: the server's pictures change 50 times a second."""
    pictures = [cv2.imread(str(*_snapshot(desktop, tmp_path))) for _ in range(2)]
    return (pictures[0] != pictures[1]).any()


def test_a_camera_that_stalls_and_returns_never_takes_the_keys_away(windowed, desktop, tmp_path):
    with MjpegServer(size=(160, 120)) as server:
        app = windowed("--camera", server.url, "--style", "negative")
        assert _snapshot(desktop, tmp_path)
        server.flowing.clear()
        said = app.process.stderr.readline()
        while "is gone; waiting for it" not in said:
            said = app.process.stderr.readline()
        assert _snapshot(desktop, tmp_path)
        server.flowing.set()
        wait_for(lambda: _moves(desktop, tmp_path), "the picture to move again")
        server.close()
        said = app.process.stderr.readline()
        while "is gone; waiting for it" not in said:
            said = app.process.stderr.readline()
        desktop.key("q")
        report = app.report()
    assert report["source"] == server.url
    assert report["frames_shown"] > 0
    assert report["frames_captured"] >= report["frames_shown"]
