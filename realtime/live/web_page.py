"""Serves the page that paints in the browser, to this machine alone: the built files of ``web/dist`` and no others."""

from __future__ import annotations

import errno
import http.server
import os
import urllib.parse
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from stylecam.models.errors import OptionsError, StylecamError

__all__ = ["PAGE", "WebPageServer"]

PAGE = Path(__file__).parents[2] / "web" / "dist"
HOST = "127.0.0.1"  # the browser asks for the camera on safe addresses only, and this is one
# Named here and not by the system's tables, which may know neither of the last three.
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".wasm": "application/wasm",
    ".onnx": "application/octet-stream",
}
# The page holds it too, for hosts that send no headers; but workers, where the painters are, heed the header alone.
_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; "
    "media-src 'self' blob: mediastream:; object-src 'none'; base-uri 'none'; form-action 'none'"
)
_HEADERS = {
    # These two isolate the page, without which browsers give no threads to WebAssembly.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": f"{_POLICY}; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",  # kept, but asked for again: a new version shows at once
}


class WebPageServer(http.server.ThreadingHTTPServer):
    """A server of the page on this machine; `serve_forever` runs it, `shutdown` from another thread ends that.

    `port` 0 takes a free one. Raises `StylecamError` where the page was not built, `OptionsError` where the port cannot
    be had.
    """

    daemon_threads = True  # a browser keeps its connections open; nothing is lost with them

    def __init__(self, port: int, folder: Path = PAGE) -> None:
        self.files = _files(folder)
        if "index.html" not in self.files:
            raise StylecamError(
                "the page is not part of this installation: run `make web` in a copy of the repository (it needs npm)"
            )
        try:
            super().__init__((HOST, port), _Answer)
        except (OSError, OverflowError) as error:
            used = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
            why = "is in use" if used else "cannot be had"
            raise OptionsError(f"port {port} {why}: choose another one with --port, or 0 for any") from error

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.server_port}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that leaves in the middle of a file is no failure."""


def _files(folder: Path) -> Mapping[str, Path]:
    """All files by the path under which they are served. What is no file of the folder has no path at all."""
    folder = folder.resolve()
    inside = (path for path in folder.rglob("*") if path.resolve().is_relative_to(folder))  # no link leads out
    found = (path for path in inside if path.is_file() and path.suffix in _KINDS)
    return {path.relative_to(folder).as_posix(): path for path in found}


class _Answer(http.server.BaseHTTPRequestHandler):
    server: WebPageServer
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds, after which a silent connection is closed

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def version_string(self) -> str:
        """What the answers call the server."""
        return "stylecam"

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the terminal is the user's."""

    def _answer(self, with_body: bool) -> None:
        asked = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path).removeprefix("/") or "index.html"
        path = self.server.files.get(asked)
        try:
            file = path.open("rb") if path else None
        except OSError:
            file = None
        if file is None or path is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        with file:
            state = os.fstat(file.fileno())
            tag = f'"{state.st_mtime_ns:x}-{state.st_size:x}"'
            if self.headers.get("If-None-Match") == tag:
                self._head(HTTPStatus.NOT_MODIFIED, {"ETag": tag})
                return
            start, end = _range(self.headers.get("Range"), state.st_size)
            if start >= end and state.st_size:
                self._head(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, {"Content-Range": f"bytes */{state.st_size}"}, 0)
                return
            part = end - start < state.st_size
            headers = {"Content-Type": _KINDS[path.suffix], "ETag": tag, "Accept-Ranges": "bytes"}
            if part:
                headers["Content-Range"] = f"bytes {start}-{end - 1}/{state.st_size}"
            self._head(HTTPStatus.PARTIAL_CONTENT if part else HTTPStatus.OK, headers, end - start)
            if with_body:
                self._body(file, start, end)

    def _head(self, status: HTTPStatus, headers: Mapping[str, str], length: int | None = None) -> None:
        self.send_response(status)
        sized = {} if length is None else {"Content-Length": str(length)}
        for name, value in (_HEADERS | dict(headers) | sized).items():
            self.send_header(name, value)
        self.end_headers()

    def _body(self, file: BinaryIO, start: int, end: int) -> None:
        file.seek(start)
        while start < end and (part := file.read(min(1 << 18, end - start))):
            self.wfile.write(part)
            start += len(part)


def _range(asked: str | None, size: int) -> tuple[int, int]:
    """The bytes of ``Range: bytes=first-last``, end exclusive; all where it is absent or not of this form."""
    kind, _, span = (asked or "").partition("=")
    first, dash, last = span.partition("-")
    if (
        kind != "bytes"
        or not dash
        or not all(part == "" or (part.isascii() and part.isdigit()) for part in (first, last))
    ):
        return 0, size
    if not first:
        return (max(0, size - int(last[:18])), size) if last else (0, size)
    return int(first[:18]), min(size, int(last[:18]) + 1 if last else size)
