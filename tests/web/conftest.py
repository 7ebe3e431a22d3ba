"""The page as `make web` builds it, in a headless Chromium whose camera plays a film."""

import functools
import http.server
import itertools
import subprocess
import sys
import threading
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from stylecam.realtime.live.web_page import WebPageServer

from ..browsers import missing
from ..conftest import REPOSITORY

WEB = REPOSITORY / "web"
AUTOPLAY = "--autoplay-policy=no-user-gesture-required"
FAKE_CAMERA = "--use-fake-device-for-media-stream"
CAMERA_SIZE = (320, 240)
CAMERA_FRAMES = 24


@pytest.fixture(scope="session")
def page_folder(tmp_path_factory):
    """The page, built of the files as they are now."""
    if not (WEB / "node_modules").is_dir():
        missing("the page's runtime is missing: run `make web`")
    folder = tmp_path_factory.mktemp("page") / "dist"
    done = subprocess.run([sys.executable, WEB / "build.py", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def site(page_folder):
    """The page's address, as `realtime web` serves it."""
    with WebPageServer(0, page_folder) as server:
        yield from _served(server, server.url)


class _PlainHost(http.server.SimpleHTTPRequestHandler):
    """A static host that knows nothing of the headers which threads need, and lets browsers keep all for an hour."""

    answers = itertools.count()

    def guess_type(self, path):
        known = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm"}
        return known.get(Path(path).suffix) or super().guess_type(path)

    def end_headers(self):
        self.send_header("Cache-Control", "max-age=3600")
        self.send_header("X-Answer", str(next(self.answers)))
        super().end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def plain_site(page_folder):
    """The page's address on a host that sends no headers of its own."""
    handler = functools.partial(_PlainHost, directory=str(page_folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        yield from _served(server, f"http://127.0.0.1:{server.server_port}/")


def _served(server, url):
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield url
    server.shutdown()
    thread.join()


def camera_frame(number):
    """Frame `number` of the film in the camera: colours without edges, and a bright square that goes along."""
    width, height = CAMERA_SIZE
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    frame = np.stack([200 * x + 20, 190 * y + 30, 160 * (1 - x) * y + 50], axis=2)
    left = 40 + 8 * number
    frame[100:140, left : left + 40] = (60, 200, 235)
    return cv2.GaussianBlur(frame, (0, 0), 3).round().astype(np.uint8)


@pytest.fixture(scope="session")
def camera_film(tmp_path_factory):
    """The film in the camera, as raw pictures."""
    path = tmp_path_factory.mktemp("camera") / "camera.y4m"
    with av.open(str(path), "w", format="yuv4mpegpipe") as film:
        stream = film.add_stream("wrapped_avframe", rate=30)
        stream.width, stream.height = CAMERA_SIZE
        stream.pix_fmt = "yuv420p"
        for number in range(CAMERA_FRAMES):
            film.mux(stream.encode(av.VideoFrame.from_ndarray(camera_frame(number), format="bgr24")))
        film.mux(stream.encode(None))
    return path


@pytest.fixture
def film(tmp_path):
    """A film of a second with a tone."""
    path = tmp_path / "film.webm"
    with av.open(str(path), "w") as file:
        video = file.add_stream("libvpx", rate=24)
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        sound = file.add_stream("libopus", rate=48000)
        for number in range(24):
            picture = cv2.resize(camera_frame(number), (160, 120))
            file.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        for start in range(0, 48000, 960):
            tone = np.sin(np.arange(start, start + 960) * 2 * np.pi * 440 / 48000).astype(np.float32)
            part = av.AudioFrame.from_ndarray(tone[None], format="flt", layout="mono")
            part.sample_rate, part.pts = 48000, start
            file.mux(sound.encode(part))
        file.mux(video.encode(None))
        file.mux(sound.encode(None))
    return path


@pytest.fixture(scope="session")
def browser(chromium, camera_film):
    """Chromium with a camera that plays `camera_film`."""
    return chromium(AUTOPLAY, FAKE_CAMERA, f"--use-file-for-fake-video-capture={camera_film}")


class Visitor:
    """Opens the page; errors of its scripts are kept in `errors`."""

    def __init__(self, browser, site):
        self.browser, self.site = browser, site
        self.contexts, self.errors = [], []

    def __call__(self, path="", *, base=None, allowed=(), using=None, paints=True, script="", asked=None, **options):
        """The page, by default once it paints; `asked` is called with each request."""
        context = (using or self.browser).new_context(permissions=[*allowed], accept_downloads=True, **options)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        if asked:
            page.on("request", asked)
        if script:
            page.add_init_script(script)
        page.goto((base or self.site) + path)
        if paints:
            painting(page)
        return page

    def leave(self):
        for context in self.contexts:
            context.close()
        assert self.errors == []


@pytest.fixture
def visit(browser, site):
    """visit(address, ...) -> the open page, see `Visitor`; errors of its scripts fail the test."""
    visitor = Visitor(browser, site)
    yield visitor
    visitor.leave()


@pytest.fixture(scope="module")
def page(browser, site):
    """A page that paints the demo, for the tests of one file: each sets what it needs, and leaves the rest alone."""
    visitor = Visitor(browser, site)
    yield visitor(allowed=["clipboard-write"])
    visitor.leave()


def painting(page):
    """Waits until the page shows its first painting."""
    page.wait_for_selector("body:not(.starting)", timeout=60_000)


def told(page, part):
    """Waits until the page says a sentence with `part`, and returns it whole."""
    box = page.locator("#message[data-shown=true] p", has_text=part)
    box.wait_for(timeout=30_000)
    return box.inner_text()


def shows(page, source, name=""):
    """Waits until the chosen source begins with `source`: "demo", "file" or "camera:"; `name` is in its own name."""
    page.locator(f"#source option:checked[value^='{source}']", has_text=name).wait_for(state="attached")
