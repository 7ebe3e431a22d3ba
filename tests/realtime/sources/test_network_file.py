"""A URL of a video file: it plays like a file, to its end, and is not taken for a camera."""

import contextlib
import re
import threading
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from stylecam.models.errors import SourceError
from stylecam.realtime.cli import main
from stylecam.realtime.sources.camera_option import open_source
from stylecam.realtime.video.frame import EndOfSource
from stylecam.realtime.video.libraries import av

FRAMES = 60


class FileServer:
    """Serves `files`, name to bytes; of those in `broken_off`, it closes the connection after so many bytes."""

    def __init__(self):
        self.files, self.broken_off = {}, {}
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.strip("/").partition("?")[0]
                if name not in server.files:
                    self.send_error(404)
                    return
                data = server.files[name]
                start = int(re.match(r"bytes=(\d+)-", self.headers.get("Range", "bytes=0-"))[1])
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
                self.send_header("Content-Length", str(len(data) - start))
                self.end_headers()
                with contextlib.suppress(OSError):  # the viewer left
                    self.wfile.write(data[start : server.broken_off.get(name)])

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server(tmp_path):
    server = FileServer()
    for name in ("film.mp4", "film.mkv"):
        with av.open(str(tmp_path / name), "w") as container:
            stream = container.add_stream("libx264", rate=25, options={"g": "5"})
            stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
            for n in range(FRAMES):
                noise = np.random.default_rng(n).integers(0, 255, (240, 320, 3), np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(noise, "bgr24")))
            container.mux(stream.encode(None))
        server.files[name] = (tmp_path / name).read_bytes()
    yield server
    server.close()


def _read(source):
    frames = []
    with contextlib.suppress(EndOfSource):
        while True:
            frames.append(source.read(timeout=20))
    return frames


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])
def test_a_film_behind_a_url_gives_every_frame_and_ends(server, name):
    with open_source(f"{server.url}/{name}?token=secret") as source:
        frames = _read(source)
        assert (source.live, source.mirrors, source.dropped, source.damaged) == (False, False, 0, None)
        assert source.name == f"{server.url}/{name}?…"
    assert [f.index for f in frames] == list(range(FRAMES))
    assert [f.pts - frames[0].pts for f in frames] == [Fraction(n, 25) for n in range(FRAMES)]


def test_the_command_ends_with_the_film(server, tiny_style, capsys):
    assert main(["--camera", f"{server.url}/film.mp4", "--style", str(tiny_style), "--no-window"]) == 0
    assert f"{FRAMES} shown, 0 dropped" in capsys.readouterr().out


def test_a_film_that_breaks_off_is_said_to_be_damaged(server):
    server.broken_off["film.mkv"] = len(server.files["film.mkv"]) // 2
    with open_source(f"{server.url}/film.mkv") as source:
        frames = _read(source)
        assert 0 < len(frames) < FRAMES
        assert "film.mkv" in source.damaged


def test_a_film_that_is_not_there_is_said_without_its_token(server):
    with (
        pytest.raises(SourceError, match=r"none\.mp4.* sends no video") as error,
        open_source(f"{server.url}/none.mp4?token=secret"),
    ):
        pass
    assert "secret" not in str(error.value)
