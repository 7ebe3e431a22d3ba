"""A page's WebSocket: what it asks for comes in, what has changed goes out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from stylecam.models.errors import StylecamError
from stylecam.realtime.live.remote.guard import RefusedError, parse_object
from stylecam.realtime.live.remote.limits import Allowance, Limits
from stylecam.realtime.live.remote.session_view import SessionView

__all__ = ["refuse_page", "serve_page"]

_PAUSE = 0.05  # seconds between two looks at what has changed


async def serve_page(
    request: web.Request, view: SessionView, limits: Limits, learn: Callable[[str | None], None]
) -> web.WebSocketResponse:
    """Until the page goes: sends the state at first, then of it what has changed; carries out what the page asks for.

    A page asks with ``{"set": {NAME: VALUE, ...}}``, ``{"press": NAME}``, ``{"step": NAME, "direction": 1}`` or
    ``{"learn": NAME}``; an ``error`` answers what means nothing.
    """
    socket = web.WebSocketResponse(heartbeat=limits.stalled_seconds, max_msg_size=limits.body, compress=False)
    await socket.prepare(request)
    telling = asyncio.create_task(_tell(socket, view, limits))
    try:
        await _listen(socket, view, limits, learn)
    finally:
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await telling
    return socket


async def refuse_page(request: web.Request, reason: str) -> web.WebSocketResponse:
    """Closes a page's WebSocket at once. Browsers hide from a page why a handshake was refused, but not this reason."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=reason.encode())
    return socket


async def _listen(
    socket: web.WebSocketResponse, view: SessionView, limits: Limits, learn: Callable[[str | None], None]
) -> None:
    allowance = Allowance(limits.asks_a_second, 2 * limits.asks_a_second)
    async for message in socket:
        if not allowance.take():
            await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"too many messages")
            return
        if message.type != WSMsgType.TEXT:
            await socket.close(code=WSCloseCode.UNSUPPORTED_DATA, message=b"want text")
            return
        try:
            _carry_out(parse_object(message.data), view, learn)
        except (RefusedError, StylecamError) as error:
            await socket.send_json({"error": str(error)[:300]})


def _carry_out(asked: dict[str, Any], view: SessionView, learn: Callable[[str | None], None]) -> None:
    match asked:
        case {"set": dict() as values}:
            for name, value in values.items():
                view.steering.set(name, value)
        case {"press": str() as name}:
            view.steering.press(name)
        case {"step": str() as name}:
            view.steering.step(name, asked.get("direction", 1))
        case {"learn": str() | None as name}:
            learn(name)
        case _:
            raise RefusedError(400, "want set, press, step or learn")


async def _tell(socket: web.WebSocketResponse, view: SessionView, limits: Limits) -> None:
    """Only what is new since the last message that the page took: a slow page misses what lies between.

    Whatever ends it closes the socket, so that the page connects anew and does not wait for news that never come.
    """
    told: dict[str, Any] = {}
    try:
        while not socket.closed:
            state = view.recent_state()
            if new := _news(told, state):
                async with asyncio.timeout(limits.stalled_seconds):
                    await socket.send_json(new)
                told = state
            await asyncio.sleep(_PAUSE)
    except TimeoutError:
        pass
    finally:
        await socket.close()


def _news(told: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    new = {key: value for key, value in state.items() if key not in told or told[key] != value}
    if "values" in new and "values" in told:
        before = told["values"]
        new["values"] = {name: v for name, v in new["values"].items() if name not in before or before[name] != v}
    return new
