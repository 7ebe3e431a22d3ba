"""The newest picture for many readers: each gets it once, none waits for another, and none holds the loop."""

import asyncio
import threading

import numpy as np
import pytest

from stylecam.realtime.live.remote import frames
from stylecam.realtime.live.remote.frames import NewestFrame

PICTURE = np.zeros((16, 16, 3), np.uint8)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(frames, "SHORTEST", 0.0)


def _with_pictures(readers, seconds=30):
    """Runs coroutines that read from one `NewestFrame`, into which a thread puts pictures until they are done."""
    failure = []

    async def run():
        newest, ended = NewestFrame(asyncio.get_running_loop()), threading.Event()

        def put():
            while not ended.wait(0.0005):
                newest.put(PICTURE)

        source = threading.Thread(target=put)
        source.start()
        try:
            await asyncio.gather(*(reader(newest) for reader in readers))
        finally:
            ended.set()
            source.join()
            await newest.close()

    def work():
        try:
            asyncio.run(run())
        except Exception as error:  # noqa: BLE001 (for the test)
            failure.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), "a reader holds the loop"
    assert failure == []


async def _reads_on(newest, count=300):
    number = 0
    for _ in range(count):
        later, jpeg = await newest.after(number)
        assert later > number
        assert jpeg.startswith(b"\xff\xd8")
        number = later


async def _asks_in_the_turn_in_which_there_is_a_new_one(newest):
    number = 0
    for _ in range(3000):
        await asyncio.sleep(0)
        if newest._encoded[0] > number:
            number, _ = await newest.after(number)
            number, _ = await newest.after(number)


def test_readers_that_ask_again_at_once_all_get_on():
    _with_pictures([_reads_on, _reads_on, _asks_in_the_turn_in_which_there_is_a_new_one])


def test_one_who_leaves_does_not_take_the_picture_from_the_others():
    async def leaves(newest):
        for _ in range(50):
            waits = asyncio.ensure_future(newest.after(10**9))
            await asyncio.sleep(0)
            waits.cancel()

    _with_pictures([leaves, _reads_on])


def test_a_picture_that_cannot_be_encoded_is_the_readers_failure_and_the_next_one_is_fine(monkeypatch):
    made, fails = frames.jpeg_of, [True]

    def failing(picture):
        if fails and fails.pop():
            raise ValueError("no picture")
        return made(picture)

    monkeypatch.setattr(frames, "jpeg_of", failing)

    async def reads(newest):
        with pytest.raises(ValueError, match="no picture"):
            await newest.after(0)
        assert (await newest.after(0))[0] > 0

    _with_pictures([reads])
