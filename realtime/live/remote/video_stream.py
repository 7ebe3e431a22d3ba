"""The video of a session over HTTP, as Motion JPEG: parts of one answer that does not end."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from aiohttp import web

from stylecam.realtime.live.remote.frames import NewestFrame

__all__ = ["stream"]

_BOUNDARY = b"stylecam-frame"
_BUFFER = 128 * 1024  # bytes of the system's for a client: in a larger one a slow client's pictures would grow old


async def stream(request: web.Request, frames: NewestFrame, stalled_seconds: float) -> web.StreamResponse:
    """Sends each newest picture as soon as the client has taken the one before; ends when it takes none for so long."""
    kind = f"multipart/x-mixed-replace; boundary={_BOUNDARY.decode()}"
    response = web.StreamResponse(headers={"Content-Type": kind})
    _shorten_buffer(request)
    await response.prepare(request)
    number = 0
    await response.write(b"--" + _BOUNDARY + b"\r\n")
    with contextlib.suppress(ConnectionError, TimeoutError):
        while True:
            number, jpeg = await frames.after(number)
            head = b"Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
            async with asyncio.timeout(stalled_seconds):
                # The boundary of the next part at once: browsers show a picture when its part has ended.
                await response.write(head + jpeg + b"\r\n--" + _BOUNDARY + b"\r\n")
    if request.transport is not None:
        request.transport.abort()  # what it has not taken it will not take
    return response


def _shorten_buffer(request: web.Request) -> None:
    connection = request.transport.get_extra_info("socket") if request.transport is not None else None
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
    if request.transport is not None:
        request.transport.set_write_buffer_limits(high=_BUFFER // 2)
