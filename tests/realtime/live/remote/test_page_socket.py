"""The page's WebSocket: all pages agree with each other and with the keys, and what means nothing ends nothing."""

import contextlib

import aiohttp
import pytest

from stylecam.realtime.live.remote.limits import Limits

from .conftest import with_pages


async def _close_code(socket):
    while not socket.closed:
        with contextlib.suppress(TypeError):
            await socket.receive(timeout=30)
    return socket.close_code


def test_two_pages_agree_with_each_other_and_with_the_keys(page):
    async def work(pages):
        first, second = await pages.open(), await pages.open()
        await first.send_json({"set": {"strength": 0.25, "mirror": True}})
        await second.send_json({"step": "steady", "direction": 1})
        await second.send_json({"press": "next-style"})
        expected = {"strength": 0.25, "mirror": True, "steady": 0.1, "style": "same"}
        for number in (0, 1):
            await pages.until(number, lambda s: expected.items() <= s.get("values", {}).items())
        page.steering.press_key("[")
        page.steering.press_key("V")
        for number in (0, 1):
            await pages.until(number, lambda s: (s["values"]["strength"], s["values"]["split"]) == (0.15, True))

    with_pages(page, work)


def test_a_page_is_told_at_first_all_and_then_only_what_is_new(page):
    async def work(pages):
        socket = await pages.open()
        first = await socket.receive_json(timeout=30)
        assert set(first) == {"values", "styles", "figures", "saved", "said", "midi"}
        assert first["values"] == page.steering.values()
        await socket.send_json({"set": {"strength": 0.5}})
        news = {}
        while "values" not in news:
            news = await socket.receive_json(timeout=30)
        assert news["values"] == {"strength": 0.5}
        assert "styles" not in news

    with_pages(page, work)


@pytest.mark.parametrize(
    "message",
    ["", "{", "[]", "[" * 3000, "{}", '{"set": 1}', '{"set": {"strength": 7}}', '{"press": "strength"}',
     '{"press": ["a"]}', '{"step": "strength", "direction": 0.5}', '{"set": {"keep": true}}', '{"press": "keep"}',
     '{"set": {"nothing": 1}}', '{"set": {"strength": null}}'],
)  # fmt: skip
def test_what_a_page_says_and_means_nothing_is_answered_and_the_page_stays(page, message):
    async def work(pages):
        socket = await pages.open()
        await socket.send_str(message)
        await pages.until(0, lambda s: s.get("error"))
        await socket.send_json({"set": {"strength": 0.5}})
        await pages.until(0, lambda s: s.get("values", {}).get("strength") == 0.5)

    with_pages(page, work)


@pytest.mark.parametrize(
    ("send", "code"),
    [
        (lambda socket: socket.send_bytes(b"\x00\x01"), 1003),
        (lambda socket: socket.send_str("x" * 5000), 1009),
    ],
)
def test_what_is_no_message_of_a_page_ends_it(page, send, code):
    async def work(pages):
        socket = await pages.open()
        await send(socket)
        assert await _close_code(socket) == code

    with_pages(page, work)


def test_a_page_that_asks_too_fast_is_ended(session):
    page = session(limits=Limits(asks_a_second=20))

    async def work(pages):
        socket = await pages.open()
        with contextlib.suppress(ConnectionError):
            for _ in range(200):
                await socket.send_json({"set": {"strength": 0.5}})
        assert await _close_code(socket) in (1008, 1006)
        assert (await pages.open()).close_code is None

    with_pages(page, work)


def test_so_many_pages_may_be_open_and_their_places_become_free(session):
    page = session(limits=Limits(sockets=2, asks_a_second=10_000))

    async def work(pages):
        first = await pages.open()
        await pages.open()
        refused = await (await pages.open()).receive(timeout=30)
        assert (refused.data, refused.extra) == (1013, "too many pages are open: close one")  # which a page shows
        await first.close()
        for _ in range(500):
            if (await (await pages.open()).receive(timeout=30)).type == aiohttp.WSMsgType.TEXT:
                return
        pytest.fail("the place of a page that went is not free")

    with_pages(page, work)


def test_a_page_that_can_be_told_no_more_is_closed_and_not_left_waiting(page, monkeypatch):
    async def work(pages):
        socket = await pages.open()
        await pages.until(0, lambda state: state.get("values"))
        monkeypatch.setattr(page.view, "recent_state", lambda: 1 / 0)
        while not socket.closed:
            await socket.receive(timeout=30)
        assert socket.close_code == 1000

    with_pages(page, work)


def test_the_next_knob_is_asked_for_from_the_page(page):
    async def work(pages):
        socket = await pages.open()
        await socket.send_json({"learn": "strength"})
        await socket.send_json({"learn": None})
        await socket.send_json({"set": {"strength": 0.5}})
        await pages.until(0, lambda s: s.get("values", {}).get("strength") == 0.5)

    with_pages(page, work)
    assert page.learnt == ["strength", None]
