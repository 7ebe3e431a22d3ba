"""Who may ask the page's server: hosts and origins are checked, then the token, and how often and how much is asked."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from stylecam.models.errors import OptionsError
from stylecam.realtime.live.remote.addresses import Address, host_of
from stylecam.realtime.live.remote.limits import Limits, Pace

__all__ = ["Guard", "RefusedError", "add_headers", "json_body", "parse_object"]

_LONGEST = 300  # characters of a sentence: it may name what was sent
_BURST = 4  # seconds of the usual pace that may come at once: a page asks for all of its parts

# Nothing is loaded from elsewhere, nobody else shows or reads it, and no address is told to others.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}

# Players and download tools send a password only when they are asked for it. Elsewhere browsers would open a dialog.
_MEDIA = ("/video.mjpg", "/picture.jpg", "/saved/")

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class RefusedError(Exception):
    """A request that is refused with this status of HTTP, and why, in one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Guard:
    """Lets a request through to its handler or refuses it. `public` has the paths that need no token.

    `heard` is called with each request first.

    With a `token`, a request shows it as ``Authorization: Bearer TOKEN`` (or as the password of Basic), or has the
    cookie that a page is given for it. The cookie is made from the token and is good for as long: it survives a restart
    with the same token, and nothing is to be kept here.
    """

    def __init__(
        self,
        address: Address,
        token: str | None,
        limits: Limits,
        public: frozenset[str],
        heard: Callable[[web.Request], None],
    ) -> None:
        self._address, self._public, self._heard = address, public, heard
        self._token = token.encode() if token is not None else None
        self._paces = Pace(limits.asks_a_second, _BURST * limits.asks_a_second)
        self._guesses = Pace(limits.wrong_tokens_a_minute / 60, limits.wrong_tokens_a_minute)

    @property
    def cookie(self) -> tuple[str, str]:
        """Name and value of the cookie of a page that knows the token; another session here has one of another name."""
        return f"stylecam-{self._derived('name')[:8]}", self._derived("page")

    def middleware(self) -> Any:
        """For aiohttp: checks each request, and answers what fails with one sentence as JSON."""

        @web.middleware
        async def guarded(request: web.Request, handler: _Handler) -> web.StreamResponse:
            self._heard(request)
            try:
                self._check(request)
                return await handler(request)
            except RefusedError as error:
                response = _refusal(error.status, str(error))
                if error.status == 401 and request.path.startswith(_MEDIA):
                    response.headers["WWW-Authenticate"] = 'Basic realm="stylecam"'
                return response
            except OptionsError as error:
                return _refusal(400, str(error))
            except web.HTTPException as error:
                return _refusal(error.status, error.reason)
            except ConnectionError:  # the client is gone
                raise
            except Exception as error:  # noqa: BLE001 (answered as all else is, in one sentence)
                return _refusal(500, f"the program failed: {type(error).__name__}")

        return guarded

    def check_token(self, given: str, peer: str | None) -> None:
        """Raises `RefusedError` for a wrong token, and where a peer has guessed too often."""
        guesses = self._guesses.of(peer)
        if not guesses.left:
            raise RefusedError(429, "too many wrong tokens: wait a minute")
        if self._token is not None and not hmac.compare_digest(given.encode(errors="replace"), self._token):
            guesses.take()
            raise RefusedError(401, "the token is wrong: take the address that the program printed")

    def _derived(self, use: str) -> str:
        return hmac.new(self._token or b"", f"stylecam {use}".encode(), hashlib.sha256).hexdigest()

    def _check(self, request: web.Request) -> None:
        if not self._paces.of(request.remote).take():
            raise RefusedError(429, "too many requests: ask less often")
        hosts = request.headers.getall("Host", [])
        host = host_of(hosts[0]) if len(hosts) == 1 else None
        if host is None or not self._address.is_ours(host):
            raise RefusedError(403, "the Host header names another machine")
        self._check_origin(request, hosts[0].lower())
        if self._token is not None and request.path not in self._public:
            self._check_authorization(request)

    def _check_origin(self, request: web.Request, host: str) -> None:
        """A page from elsewhere, in another tab of the same browser, asks for nothing here."""
        origins = request.headers.getall("Origin", [])
        if any(origin.lower() not in (f"http://{host}", f"https://{host}") for origin in origins):
            raise RefusedError(403, "the request comes from another page")
        followed_link = request.path in self._public and request.headers.get("Sec-Fetch-Mode") == "navigate"
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin") and not (
            followed_link and request.method == "GET" and request.headers.get("Sec-Fetch-Dest") == "document"
        ):
            raise RefusedError(403, "the request comes from another page")

    def _check_authorization(self, request: web.Request) -> None:
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "basic":
            try:
                kind, given = "bearer", base64.b64decode(given, validate=True).decode().partition(":")[2]
            except ValueError:  # it is not base64, or not UTF-8
                given = ""
        if kind.lower() == "bearer":
            self.check_token(given, request.remote)
            return
        name, value = self.cookie
        if not hmac.compare_digest(request.cookies.get(name, "").encode(errors="replace"), value.encode()):
            raise RefusedError(401, "a token is needed: take the address that the program printed")


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """For aiohttp, before every answer: what browsers are to know, without the server's name."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "stylecam"


async def json_body(request: web.Request, limits: Limits) -> dict[str, Any]:
    """The JSON object in a request's body. Raises `RefusedError` for anything else; an empty body is an empty object.

    The type must be said: a form of a page from elsewhere cannot say it.
    """
    if request.content_type != "application/json":
        raise RefusedError(415, "the Content-Type must be application/json")
    try:
        async with asyncio.timeout(limits.slow_seconds):
            raw = await request.read()
    except TimeoutError:
        raise RefusedError(408, "the request took too long") from None
    return parse_object(raw) if raw else {}


def parse_object(raw: bytes | str) -> dict[str, Any]:
    """A JSON object. Raises `RefusedError` for anything else."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        raise RefusedError(400, "the body is no JSON") from None
    if not isinstance(value, dict):
        raise RefusedError(400, "the body is no JSON object")
    return value


def _refusal(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence[:_LONGEST]}, status=status)
