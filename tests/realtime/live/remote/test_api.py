"""The HTTP API and the video: what is asked for happens to the picture, and who looks sees it."""

import asyncio
import socket
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from stylecam.realtime.live.control_queue import ControlQueue
from stylecam.realtime.live.control_table import CONTROLS
from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.live.remote.addresses import Address
from stylecam.realtime.live.remote.limits import Limits
from stylecam.realtime.live.remote.server import PageServer
from stylecam.realtime.live.remote.session_view import SessionView
from stylecam.realtime.live.remote.steering import BusyError, Steering

from ....live_session import ScriptedSource
from ....sink_contract import CHECKS, Case
from .conftest import HEIGHT, LEVEL, WIDTH, with_pages


def _corners(jpeg):
    """The levels on the left and on the right of a picture that the camera of these tests gives, as it is painted."""
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (HEIGHT, WIDTH, 3)
    return round(float(picture[20, 4].mean())), round(float(picture[20, -4].mean()))


def _shows(page, left, right):
    def close():
        found = _corners(page.ask("GET", "/picture.jpg").body)
        return abs(found[0] - left) < 4 and abs(found[1] - right) < 4

    page.until(close, f"a picture with {left} and {right}")


@pytest.fixture
def with_window(session, fake_window):
    return session(window=fake_window)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_server_is_a_sink(open_page, check):
    def lose(server):
        server.lost = "the page is gone: it fell over"

    check(Case(lambda: PageServer(open_page.server._given, open_page.view), lose))


def test_the_list_is_the_table(with_window):
    listed = with_window.ask("GET", "/api").json
    rows = {row["name"]: row for row in listed["controls"]}
    assert list(rows) == [name for name, control in CONTROLS.items() if not control.offered]
    for name, row in rows.items():
        control = CONTROLS[name]
        assert (row["kind"], row["help"]) == (control.kind, control.help)
        assert ("value" in row) == (control.kind != "action")
        assert row == with_window.ask("GET", f"/api/{name}").json
    assert rows["strength"]["range"] == [0, 1]
    assert rows["style"]["choices"] == ["negative", "same"]
    assert listed["values"] == {name: row["value"] for name, row in rows.items() if "value" in row}
    assert [style["title"] for style in listed["styles"]] == ["The negative", "The same"]


def test_without_a_window_nothing_of_a_window_is_offered(page):
    names = {row["name"] for row in page.ask("GET", "/api").json["controls"]}
    assert not names & {"fullscreen", "fill", "hud", "help", "thumbnails"}
    assert page.ask("PUT", "/api/fullscreen", {"value": True}).status == 404


PAINTED, PLAIN = 255 - LEVEL, LEVEL


# The style is the negative: the left of the picture is dark once it is painted, and the right is bright.
@pytest.mark.parametrize(
    ("name", "value", "corners"),
    [
        ("style", "same", (PLAIN, PAINTED)),
        ("style", 2, (PLAIN, PAINTED)),
        ("strength", 0.5, (127, 127)),
        ("strength", 0, (PLAIN, PAINTED)),
        ("original", True, (PLAIN, PAINTED)),
        ("mirror", True, (PLAIN, PAINTED)),
        ("split", True, (PLAIN, PLAIN)),
    ],
)
def test_a_value_that_is_set_changes_the_picture(page, name, value, corners):
    _shows(page, PAINTED, PLAIN)
    assert page.ask("PUT", f"/api/{name}", {"value": value}).json == {}
    _shows(page, *corners)
    assert page.ask("GET", f"/api/{name}").json["value"] == ("same" if name == "style" else value)


@pytest.mark.parametrize(
    "control",
    [c for c in CONTROLS.values() if not c.offered and c.kind != "action" and c.name != "virtual-camera"],
    ids=str,
)
def test_every_control_can_be_set_and_read(with_window, control):
    value = {"switch": True, "number": 0.3, "choice": "same"}[control.kind]
    if control.kind == "switch":
        value = not with_window.queue.values()[control.name]
    assert with_window.ask("PUT", f"/api/{control.name}", {"value": value}).status == 200
    with_window.until_value(control.name, value)
    assert with_window.ask("GET", f"/api/{control.name}").json["value"] == value


def test_steps_and_presses(page):
    page.ask("POST", "/api/strength/step", {"direction": -1})
    page.ask("POST", "/api/strength/step", {"direction": -1})
    page.until_value("strength", 0.8)
    page.ask("POST", "/api/strength/step", {})
    page.until_value("strength", 0.9)
    page.ask("POST", "/api/next-style/press")
    page.until_value("style", "same")
    page.ask("POST", "/api/split/press", {})
    page.until_value("split", True)
    for path in ("/api/strength/press", "/api/snapshot/step", "/api/style/press"):
        assert page.ask("POST", path, {}).status == 400
    for direction in (0, 2, "1", None, True, 1.0):
        answer = page.ask("POST", "/api/strength/step", {"direction": direction})
        assert answer.status == 400
        assert answer.json["error"] == f"strength: want a step of 1 or -1, not {direction!r}"


def test_quit_ends_the_session(page):
    page.ask("POST", "/api/quit/press", {})
    page.until(lambda: page.report is not None, "the end")
    assert page.report["failures"] == []


def test_what_was_saved_can_be_fetched(page, tmp_path):
    page.ask("POST", "/api/snapshot/press", {})
    page.ask("PUT", "/api/record", {"value": True})
    page.until_value("record", True)
    page.until(lambda: page.ask("GET", "/api").json["figures"]["recording"], "the recording")
    page.ask("PUT", "/api/record", {"value": False})
    page.until(lambda: len(page.view.files) == 2, "two files")
    saved = page.ask("GET", "/api").json["saved"]
    assert [Path(file["name"]).suffix for file in saved] == [".png", ".mp4"]
    for file, kind in zip(saved, ("image/png", "video/mp4"), strict=True):
        answer = page.ask("GET", file["address"])
        assert answer.body == (tmp_path / file["name"]).read_bytes()
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{file["name"]}"'
    part = page.ask("GET", saved[1]["address"], Range="bytes=4-7")
    assert (part.status, part.body) == (206, b"ftyp")
    assert page.ask("GET", "/api").json["said"]["sentence"].startswith("recorded ")
    (tmp_path / saved[0]["name"]).unlink()
    assert page.ask("GET", saved[0]["address"]).status == 404


def test_thumbnails(page):
    answer = page.ask("GET", "/thumbnails/1.png")
    assert answer.body.startswith(b"\x89PNG")
    assert answer.headers["Content-Type"] == "image/png"


def test_more_than_the_session_carries_out_is_refused(page):
    page.steering.put = _full
    for ask in (("PUT", "/api/strength", {"value": 0.1}), ("POST", "/api/snapshot/press", {})):
        assert page.ask(*ask).status == 503


def _full(change):
    raise BusyError("too many changes wait: ask less often")


def test_only_so_many_changes_wait(page):
    page.close()  # nobody takes them any more
    for _ in range(500):
        page.steering.set("strength", 0.5)
    with pytest.raises(BusyError, match="ask less often"):
        page.steering.press("snapshot")


async def _parts(stream, count):
    """The pictures of the stream's next `count` parts."""
    found = []
    for _ in range(count):
        line = await stream.readline()
        while not line.startswith(b"Content-Length"):
            line = await stream.readline()
        await stream.readline()
        found.append(await stream.readexactly(int(line.split()[1])))
    return found


def test_the_video_follows_the_picture(page):
    async def work(pages):
        async with pages._client.get(f"http://127.0.0.1:{page.port}/video.mjpg") as video:
            assert video.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=stylecam-frame"
            (first,) = await _parts(video.content, 1)
            assert abs(_corners(first)[0] - PAINTED) < 4
            page.steering.set("original", True)
            while abs(_corners((await _parts(video.content, 1))[0])[0] - PLAIN) > 4:
                pass

    with_pages(page, work)


def test_opencv_reads_the_video(page):
    video = cv2.VideoCapture(f"http://127.0.0.1:{page.port}/video.mjpg", cv2.CAP_FFMPEG)
    read, picture = video.read()
    video.release()
    assert read
    assert picture.shape == (HEIGHT, WIDTH, 3)


def test_one_who_looks_and_takes_nothing_holds_nobody_up_and_is_dropped(session):
    page = session(limits=Limits(streams=2, stalled_seconds=0.3, asks_a_second=10_000), noisy=True)
    with socket.socket() as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stalled.connect(("127.0.0.1", page.port))
        stalled.sendall(b"GET /video.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n")

        async def work(pages):
            address = f"http://127.0.0.1:{page.port}/video.mjpg"
            async with pages._client.get(address) as video:
                await _parts(video.content, 10)
                async with pages._client.get(address) as third:
                    assert third.status == 503
            for _ in range(2000):  # until the stalled one is dropped
                async with pages._client.get(address) as first, pages._client.get(address) as second:
                    if first.status == second.status == 200:
                        return
                    await asyncio.sleep(0.01)
            pytest.fail("one who takes nothing keeps his place")

        with_pages(page, work)


def test_nothing_is_encoded_while_nobody_looks(page):
    page.ask("GET", "/picture.jpg")
    encoded, frames = page.server._frames._encoded[0], page.server._frames._newest[0]
    page.until(lambda: page.server._frames._newest[0] > frames + 20, "20 frames")
    assert page.server._frames._encoded[0] <= encoded + 1


def test_a_wide_picture_is_sent_smaller():
    from stylecam.realtime.live.remote.frames import jpeg_of

    jpeg = jpeg_of(np.zeros((1200, 3840, 3), np.uint8))
    assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).shape == (600, 1920, 3)


def test_what_is_watched_plays_at_its_own_pace_and_a_picture_stays(styles, page, tmp_path):
    queue = ControlQueue({"style": styles.names})
    view = SessionView(Steering(queue, {"style": styles.names}, False), styles)
    with PageServer(Address("127.0.0.1", 0), view) as server:
        began = time.monotonic()
        report = run_live(ScriptedSource(range(6)), styles, [server], LiveOptions(), controls=queue)
        assert report["frames_shown"] == 6
        assert time.monotonic() - began > 0.19  # its times, 0.2 s: no less, whatever the machine does
        shown, show = [], server.show
        server.show = lambda *of: (shown.append(of), show(*of))
        report = run_live(
            ScriptedSource([1]), styles, [server], LiveOptions(), should_stop=lambda: len(shown) > 3, controls=queue
        )
        assert report["frames_shown"] == 4
