"""The newest picture of a session for those outside: encoded once for all, and only while any look."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from stylecam.realtime.video.libraries import cv2

__all__ = ["NewestFrame", "jpeg_of"]

QUALITY = 85
WIDEST = 1920  # px: what is wider costs the processor and the network more than anybody sees
SHORTEST = 0.03  # seconds between two pictures: a little less than at 30 a second


class NewestFrame:
    """Takes pictures from the loop's thread by `put`, which never waits; the rest is for one asyncio loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._newest: tuple[int, np.ndarray] | None = None
        self._encoded: tuple[int, bytes] = (0, b"")
        self._came, self._awaited = asyncio.Event(), False
        self._encoding: asyncio.Task[None] | None = None
        self._next_at = 0.0
        self._pool = ThreadPoolExecutor(1, "jpeg")

    def put(self, picture: np.ndarray) -> None:
        """The newest picture: uint8 `[H, W, 3]`, BGR. Nobody writes to it afterwards."""
        self._newest = (self._newest[0] + 1 if self._newest else 1), picture
        if self._awaited:  # else the loop is not woken: that costs as much as it does to draw a line
            self._awaited = False
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._came.set)

    async def after(self, number: int) -> tuple[int, bytes]:
        """The newest picture as JPEG and its number; waits for one that is newer than that of `number`."""
        while self._encoded[0] <= number:
            # One that is done has not told so yet: who asks again before it does must not wait for it for ever.
            if self._encoding is None or self._encoding.done():
                self._encoding = self._loop.create_task(self._encode())
                self._encoding.add_done_callback(_is_known)
            # Others wait for the same one: it goes on where one of them leaves.
            await asyncio.shield(self._encoding)
        return self._encoded

    async def newest(self) -> bytes:
        """The newest picture as JPEG; waits for the first one."""
        number = self._newest[0] if self._newest else 1
        return (await self.after(number - 1))[1]

    async def close(self) -> None:
        """Ends the thread that encodes."""
        if self._encoding is not None:
            self._encoding.cancel()
        self._pool.shutdown()

    async def _encode(self) -> None:
        """One picture, as soon as there is a newer one and the last one is old enough."""
        await asyncio.sleep(self._next_at - self._loop.time())
        while (newest := self._newest) is None or newest[0] == self._encoded[0]:
            if self._awaited or self._came.is_set():
                await self._came.wait()
                self._came.clear()
            self._awaited = True  # and a second look: one that came just before may not have seen it
        self._awaited = False
        self._next_at = self._loop.time() + SHORTEST
        number, picture = newest
        self._encoded = number, await self._loop.run_in_executor(self._pool, jpeg_of, picture)


def _is_known(task: asyncio.Task[None]) -> None:
    """Those that wait for it are told of a failure; where none does, nobody is to be."""
    if not task.cancelled():
        task.exception()


def jpeg_of(picture: np.ndarray) -> bytes:
    """A JPEG file of uint8 `[H, W, 3]` BGR, at most `WIDEST` px wide."""
    height, width = picture.shape[:2]
    if width > WIDEST:
        size = WIDEST, max(1, round(height * WIDEST / width))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1])
