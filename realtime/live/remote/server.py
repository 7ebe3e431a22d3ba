"""The server of the page: a thread of its own, which is shown the pictures of the session as a sink."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import threading
from collections.abc import Callable, Sequence
from fractions import Fraction
from types import TracebackType
from typing import Self

import numpy as np
from aiohttp import web

from stylecam.models.errors import OptionsError, StylecamError
from stylecam.realtime.live.frame_sink import check_picture
from stylecam.realtime.live.hud import Hud
from stylecam.realtime.live.remote.addresses import Address
from stylecam.realtime.live.remote.api import PUBLIC, Api
from stylecam.realtime.live.remote.frames import NewestFrame
from stylecam.realtime.live.remote.guard import Guard, add_headers
from stylecam.realtime.live.remote.limits import Limits
from stylecam.realtime.live.remote.listener import Listener
from stylecam.realtime.live.remote.session_view import SessionView
from stylecam.realtime.live.remote.tokens import check_token

__all__ = ["PageServer"]

_SILENT = logging.getLogger("stylecam.page")  # requests and their failures are written down nowhere
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


def _no_midi(_: str | None) -> None:
    raise OptionsError("there is no MIDI device to learn from: add --midi")


class PageServer:
    """Serves the page, its API and the video at `address` until it is closed. A `FrameSink` and an `Observer`.

    Without a `token` only this machine may be listened to. Raises `OptionsError` for another address, or a token that
    is too short, and `StylecamError` where nothing can listen there. `learn` is told for which control the next
    message of a MIDI device is to be kept.
    """

    saved: Sequence[str] = ()

    def __init__(
        self,
        address: Address,
        view: SessionView,
        token: str | None = None,
        limits: Limits | None = None,
        learn: Callable[[str | None], None] = _no_midi,
    ) -> None:
        if token is None and not address.local:
            raise OptionsError(f"{address.host} can be reached by others: a token is needed")
        if token is not None:
            check_token(token)
        self.figures: Callable[[], Hud] | None = None
        self.files: Callable[[], Sequence[str]] = tuple
        self.lost: str | None = None
        self._given, self._token, self._limits = address, token, limits or Limits()
        self._view, self._learn = view, learn
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._frames: NewestFrame | None = None
        self._stop: asyncio.Event | None = None
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self.address = address
        self._thread = threading.Thread(target=self._run, name="page")
        self._thread.start()
        try:
            self._started.wait()
        except BaseException:  # Ctrl-C: nobody else knows of the thread yet
            self.close()
            raise
        if isinstance(self._failure, OSError):
            self._thread.join()
            number = self._failure.errno
            reason = os.strerror(number) if number and number > 0 else str(self._failure)  # asyncio wraps it in more
            remedy = "port" if number in (errno.EADDRINUSE, errno.EACCES) else "address"
            raise StylecamError(
                f"no page can be served at {address.host}:{address.port}: {reason}; try another {remedy}"
            )
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    @property
    def link(self) -> str:
        """The page's address. The token stands behind the #, which browsers send to no server."""
        return f"http://{self.address.shown}/" + (f"#token={self._token}" if self._token else "")

    def show(self, picture: np.ndarray | None, seconds: Fraction | float = 0) -> None:
        """Keeps a picture for those who look; they take it in the server's thread, and nothing here waits for them."""
        if self._closed:
            raise ValueError("the page's server is closed")
        if picture is not None:
            check_picture(picture, "a page")
        if self.lost is None:
            if picture is not None and self._frames is not None:
                self._frames.put(picture)
            if self.figures is not None:
                self._view.look(self.figures, self.files)

    def close(self) -> None:
        """Ends the server; those who look at the page are told that it is gone."""
        if self._closed:
            return
        self._closed = True
        if self._loop is not None and self._stop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    # In the server's thread

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # noqa: BLE001 (told by whoever waits for the start, or by `lost`)
            self._failure = error
            self.lost = f"the page is gone: {error}"
        finally:
            self._started.set()

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        frames, limits = NewestFrame(loop), self._limits
        listener = Listener(limits)
        guard = Guard(self._given, self._token, limits, PUBLIC, listener.heard)
        application = web.Application(middlewares=[guard.middleware()], client_max_size=limits.body)
        application.on_response_prepare.append(add_headers)
        application.add_routes(Api(self._view, frames, guard, limits, self._learn).routes())
        runner = web.AppRunner(
            application,
            access_log=None,
            logger=_SILENT,
            keepalive_timeout=limits.slow_seconds,
            lingering_time=1.0,
            shutdown_timeout=0.1,
            handler_cancellation=True,  # who has gone holds no place
            auto_decompress=False,  # nobody here sends compressed requests, and a small one may become a huge one
        )
        await runner.setup()
        try:
            async with listener.listen(runner, self._given) as address:
                self.address, self._frames = address, frames
                stop = asyncio.Event()
                self._stop, self._loop = stop, loop
                self._started.set()
                if not self._closed:  # else nobody has seen the loop, nor will
                    await stop.wait()
        finally:
            await frames.close()
            await runner.cleanup()
