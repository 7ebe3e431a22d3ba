"""The sockets of the page's server: how many connections there may be, and for how long one may say nothing whole."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from stylecam.realtime.live.remote.addresses import Address
from stylecam.realtime.live.remote.limits import Limits

__all__ = ["Listener"]


_FRESH_SECONDS = 0.2  # after which the server counts a connection itself, or has lost it


class _TooMany(asyncio.Protocol):
    """Ends a connection at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


class Listener:
    """Takes connections, and ends one whose first request is not whole in time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._silent: dict[web.RequestHandler, asyncio.TimerHandle] = {}  # of whom no request has come

    @asynccontextmanager
    async def listen(self, runner: web.AppRunner, address: Address) -> AsyncIterator[Address]:
        """Takes connections for `runner`; gives the address with the port that it has. Raises `OSError`."""
        loop, server = asyncio.get_running_loop(), runner.server
        if server is None:
            raise RuntimeError("the runner is not set up")

        fresh: set[web.RequestHandler] = set()  # several may be made before the server counts the first of them

        def made() -> asyncio.BaseProtocol:
            if len(fresh.union(server.connections)) >= self._limits.connections:
                return _TooMany()
            protocol = server()
            fresh.add(protocol)
            loop.call_later(_FRESH_SECONDS, fresh.discard, protocol)
            self._silent[protocol] = loop.call_later(self._limits.slow_seconds, self._end, protocol)
            return protocol

        if address.everywhere and ":" in address.host and socket.has_dualstack_ipv6():
            both = socket.create_server((address.host, address.port), family=socket.AF_INET6, dualstack_ipv6=True)
            listening = await loop.create_server(made, sock=both)  # asyncio's own socket would refuse IPv4
        else:
            listening = await loop.create_server(made, address.host, address.port)
        try:
            yield Address(address.host, listening.sockets[0].getsockname()[1])
        finally:
            listening.close()

    def heard(self, request: web.Request) -> None:
        """A request has come."""
        timer = self._silent.pop(request.protocol, None)
        if timer is not None:
            timer.cancel()

    def _end(self, protocol: web.RequestHandler) -> None:
        self._silent.pop(protocol, None)
        if protocol.transport is not None:
            protocol.transport.close()
