"""The HTTP API of a session, made from the table of controls, and the addresses of all else that the page needs."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterator
from importlib import resources

from aiohttp import web

from stylecam.realtime.live.control_table import CONTROLS, Control
from stylecam.realtime.live.remote.frames import NewestFrame
from stylecam.realtime.live.remote.guard import Guard, RefusedError, json_body
from stylecam.realtime.live.remote.limits import Limits
from stylecam.realtime.live.remote.page_socket import refuse_page, serve_page
from stylecam.realtime.live.remote.session_view import SessionView
from stylecam.realtime.live.remote.steering import BusyError
from stylecam.realtime.live.remote.video_stream import stream

__all__ = ["PUBLIC", "Api"]

# The page's own files, read once: no path from outside ever reaches the disk.
_FILES = {
    "/": ("page.html", "text/html"),
    "/stage": ("stage.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/controls.js": ("controls.js", "text/javascript"),
    "/session.js": ("session.js", "text/javascript"),
    "/stage.js": ("stage.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
_LOGIN = "/api/session"
PUBLIC = frozenset({*_FILES, _LOGIN})
"""What needs no token: there is no secret in it, and without it nobody could show one."""

_KINDS = {".png": "image/png", ".mp4": "video/mp4"}


class Api:
    """Answers the requests that the guard lets through."""

    def __init__(
        self,
        view: SessionView,
        frames: NewestFrame,
        guard: Guard,
        limits: Limits,
        learn: Callable[[str | None], None],
    ) -> None:
        self._view, self._frames, self._guard, self._limits, self._learn = view, frames, guard, limits, learn
        folder = resources.files(__package__).joinpath("page")
        self._files = {path: (folder.joinpath(name).read_bytes(), kind) for path, (name, kind) in _FILES.items()}
        self._streams = self._sockets = 0

    def routes(self) -> list[web.RouteDef]:
        """All there is."""
        return [
            *(web.get(path, self._file) for path in _FILES),
            web.post(_LOGIN, self._log_in),
            web.get("/api", self._list, allow_head=False),
            web.get("/api/page", self._page, allow_head=False),
            web.get("/api/{name}", self._get, allow_head=False),
            web.put("/api/{name}", self._set),
            web.post("/api/{name}/press", self._press),
            web.post("/api/{name}/step", self._step),
            web.get("/video.mjpg", self._video, allow_head=False),
            web.get("/picture.jpg", self._picture, allow_head=False),
            web.get(r"/saved/{number:\d{1,9}}", self._saved),
            web.get(r"/thumbnails/{number:\d{1,4}}.png", self._thumbnail, allow_head=False),
        ]

    async def _file(self, request: web.Request) -> web.Response:
        body, kind = self._files[request.path]
        return web.Response(body=body, content_type=kind, charset="utf-8")

    async def _log_in(self, request: web.Request) -> web.Response:
        """The token of the page's address becomes a cookie that no script can read and no other site sends."""
        given = (await json_body(request, self._limits)).get("token", "")
        self._guard.check_token(given if isinstance(given, str) else "", request.remote)
        response = web.json_response({})
        response.set_cookie(*self._guard.cookie, httponly=True, samesite="Strict", path="/")
        return response

    async def _list(self, request: web.Request) -> web.Response:
        steering = self._view.steering
        controls = [steering.described(control) for control in steering.controls]
        return web.json_response({"controls": controls, **self._view.state()})

    async def _get(self, request: web.Request) -> web.Response:
        return web.json_response(self._view.steering.described(self._control(request)))

    async def _set(self, request: web.Request) -> web.Response:
        control, body = self._control(request), await json_body(request, self._limits)
        if "value" not in body:
            raise RefusedError(400, 'want a body {"value": ...}')
        with _busy():
            self._view.steering.set(control.name, body["value"])
        return web.json_response({})

    async def _press(self, request: web.Request) -> web.Response:
        control = self._control(request)
        await json_body(request, self._limits)
        with _busy():
            self._view.steering.press(control.name)
        return web.json_response({})

    async def _step(self, request: web.Request) -> web.Response:
        control, body = self._control(request), await json_body(request, self._limits)
        with _busy():
            self._view.steering.step(control.name, body.get("direction", 1))
        return web.json_response({})

    def _control(self, request: web.Request) -> Control:
        name = request.match_info["name"]
        control = CONTROLS.get(name)
        if control is None or not self._view.steering.has(control):
            raise RefusedError(404, f"there is no control {name!r} in this session")
        return control

    async def _page(self, request: web.Request) -> web.WebSocketResponse:
        if self._sockets >= self._limits.sockets:
            return await refuse_page(request, "too many pages are open: close one")
        self._sockets += 1
        try:
            return await serve_page(request, self._view, self._limits, self._learn)
        finally:
            self._sockets -= 1

    async def _video(self, request: web.Request) -> web.StreamResponse:
        if self._streams >= self._limits.streams:
            raise RefusedError(503, "too many look at the video: close one")
        self._streams += 1
        try:
            return await stream(request, self._frames, self._limits.stalled_seconds)
        finally:
            self._streams -= 1

    async def _picture(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(self._limits.slow_seconds):
                return web.Response(body=await self._frames.newest(), content_type="image/jpeg")
        except TimeoutError:
            raise RefusedError(503, "there is no picture yet") from None

    async def _saved(self, request: web.Request) -> web.StreamResponse:
        path = self._view.file(int(request.match_info["number"]))
        if path is None or not path.is_file():
            raise RefusedError(404, "there is no such file")
        name = re.sub(r"[^\w.-]", "_", path.name, flags=re.ASCII)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        headers["Content-Type"] = _KINDS.get(path.suffix.lower(), "application/octet-stream")
        return web.FileResponse(path, headers=headers)

    async def _thumbnail(self, request: web.Request) -> web.Response:
        styles, number = self._view.styles, int(request.match_info["number"])
        png = styles.thumbnail(number - 1) if 1 <= number <= len(styles) else b""
        if not png:
            raise RefusedError(404, "there is no such thumbnail")
        return web.Response(body=png, content_type="image/png")


@contextlib.contextmanager
def _busy() -> Iterator[None]:
    try:
        yield
    except BusyError as error:
        raise RefusedError(503, str(error)) from None
