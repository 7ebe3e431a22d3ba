"""The server of the browser's page: what it gives, with which headers, and what it does not give."""

import http.client
import socket
import threading

import pytest

from stylecam.models.errors import OptionsError, StylecamError
from stylecam.realtime.live.web_page import WebPageServer

FILES = {"index.html": b"<title>page</title>", "js/main.js": b"start()", "ort/run.wasm": b"\0asm" + bytes(96),
         "ort/run.mjs": b"run()", "styles/a b.onnx": b"style"}  # fmt: skip


@pytest.fixture
def ask(tmp_path):
    """ask(path, **headers) -> (status, headers, body) of a small page."""
    folder = tmp_path / "dist"
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / "notes.md").write_text("not of the page")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    with WebPageServer(0, folder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()

        def request(path, method="GET", **headers):
            connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            body = answer.read()
            connection.close()
            return answer.status, answer.headers, body

        yield request
        server.shutdown()
        thread.join()


def test_the_page_has_the_headers_that_threads_need(ask):
    status, headers, body = ask("/?a=b")
    assert (status, body) == (200, FILES["index.html"])
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/index.html", "text/html"), ("/js/main.js", "text/javascript"), ("/ort/run.mjs", "text/javascript"),
     ("/ort/run.wasm", "application/wasm"), ("/styles/a%20b.onnx", "application/octet-stream")],
)  # fmt: skip
def test_every_file_comes_with_its_kind(ask, path, kind):
    status, headers, body = ask(path)
    assert status == 200
    assert headers["Content-Type"].startswith(kind)
    assert int(headers["Content-Length"]) == len(body)


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/..%2fsecret.txt", "/js/../../secret.txt", "/%2e%2e/secret.txt", "//etc/passwd", "/js", "/js/",
     "/styles/", "/notes.md", "/nothing", "/index.html%00.txt", "/js\\main.js"],
)  # fmt: skip
def test_nothing_else_is_there(ask, path):
    status, _, body = ask(path)
    assert status == 404
    assert b"secret" not in body
    assert b"main.js" not in body


def test_a_link_out_of_the_page_leads_nowhere(ask):
    assert ask("/link.txt")[0] == 404


def test_parts_of_a_file(ask):
    whole = FILES["ort/run.wasm"]
    parts = {"bytes=0-9": (0, 10), "bytes=90-": (90, 100), "bytes=-7": (93, 100), "bytes=95-500": (95, 100)}
    for asked, (start, end) in parts.items():
        status, headers, body = ask("/ort/run.wasm", Range=asked)
        assert (status, body) == (206, whole[start:end])
        assert headers["Content-Range"] == f"bytes {start}-{end - 1}/100"
    assert ask("/ort/run.wasm", Range="bytes=100-")[0] == 416
    for odd in ("bytes=", "lines=1-2", "bytes=a-b", "bytes=1-2,4-5", "bytes=-"):
        assert ask("/ort/run.wasm", Range=odd)[::2] == (200, whole)


def test_a_browser_that_has_a_file_is_told_so(ask):
    _, headers, _ = ask("/ort/run.wasm")
    status, again, body = ask("/ort/run.wasm", If_None_Match=headers["ETag"])
    assert (status, body) == (304, b"")
    assert again["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert again["Cache-Control"] == "no-cache"


def test_other_methods_change_nothing(ask):
    status, headers, body = ask("/", method="HEAD")
    assert (status, body, headers["Content-Length"]) == (200, b"", str(len(FILES["index.html"])))
    assert ask("/", method="POST")[0] == 501


def test_a_page_that_was_not_built_is_told_with_the_remedy(tmp_path):
    with pytest.raises(StylecamError, match="run `make web`"):
        WebPageServer(0, tmp_path)


def test_a_port_in_use_is_told(tmp_path):
    (tmp_path / "index.html").write_text("page")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OptionsError, match=rf"port {port} is in use: choose another one with --port, or 0 for any"):
            WebPageServer(port, tmp_path)
