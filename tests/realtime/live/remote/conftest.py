"""A live session that is steered from outside, in a thread of its own; and how to ask its server."""

import asyncio
import http.client
import json
import threading
import time
from fractions import Fraction

import aiohttp
import numpy as np
import pytest

from stylecam.models.catalog import StyleCatalog
from stylecam.realtime.live.control_queue import ControlQueue
from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.live.remote.addresses import Address
from stylecam.realtime.live.remote.limits import Limits
from stylecam.realtime.live.remote.server import PageServer
from stylecam.realtime.live.remote.session_view import SessionView
from stylecam.realtime.live.remote.steering import Steering
from stylecam.realtime.painting.loaded_styles import LoadedStyles
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.video.frame import Frame

from ....live_session import FakeWindow

HEIGHT, WIDTH, LEVEL = 48, 64, 200
FREE = Limits(asks_a_second=10_000)


class EndlessSource:
    """A camera, bright on the left and dark on the right, 200 frames a second; `noisy` ones are large as JPEG."""

    name, size, live, still = "endless", (WIDTH, HEIGHT), True, False
    notes, damaged, mirrors, problem, dropped = (), None, False, None, 0
    fps, time_base, sound = Fraction(200), None, None

    def __init__(self, noisy=False):
        self.captured, self._pause = 0, threading.Event()
        self._image = np.full((HEIGHT, WIDTH, 3), LEVEL, np.uint8)
        self._image[:, WIDTH // 2 :] = 255 - LEVEL
        if noisy:
            self._image = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)

    def read(self, timeout):
        self._pause.wait(0.005)
        self.captured += 1
        return Frame(self._image, self.captured, time.monotonic(), None)


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self):
        return json.loads(self.body)


class Session:
    """`ask` sends requests to its page, `until` waits for what a control is to be."""

    def __init__(self, styles, folder, window=None, token=None, limits=FREE, locked=(), noisy=False):
        self.queue = ControlQueue({"style": styles.names}, locked)
        self.steering = Steering(self.queue, {"style": styles.names}, window is not None)
        self.view = SessionView(self.steering, styles)
        self.learnt = []
        self.server = PageServer(Address("127.0.0.1", 0), self.view, token, limits, self.learnt.append)
        self.port = self.server.address.port
        self._stop, self.report = threading.Event(), None
        sinks = [self.server] if window is None else [window, self.server]
        options = LiveOptions(folder=folder)

        def run():
            self.report = run_live(
                EndlessSource(noisy), styles, sinks, options, self.view.say, self._stop.is_set, controls=self.queue
            )

        self._thread = threading.Thread(target=run)
        self._thread.start()

    def close(self):
        self._stop.set()
        self._thread.join()
        self.server.close()

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(self, method, path, body=None, **headers):
        """An `Answer`. `body` is sent as JSON; headers are named with _ for -."""
        connection = self.connection()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None or method in ("PUT", "POST"):
            sent.setdefault("Content-Type", "application/json")
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        try:
            connection.request(method, path, raw, sent)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def until(self, condition, what="it"):
        deadline = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < deadline, f"{what} did not happen"
            self._stop.wait(0.005)  # the pause of a poll with a deadline

    def until_value(self, name, value):
        self.until(lambda: self.queue.values().get(name) == value, f"{name} {value}")


class Pages:
    """WebSockets of pages: `state(n)` is what page n knows by now."""

    def __init__(self, session, client):
        self._session, self._client, self._sockets, self.states = session, client, [], []

    async def open(self):
        socket = await self._client.ws_connect(f"http://127.0.0.1:{self._session.port}/api/page")
        self._sockets.append(socket)
        self.states.append({})
        return socket

    async def close(self):
        for one in self._sockets:
            await one.close()

    async def until(self, number, condition):
        state = self.states[number]
        while not condition(state):
            news = json.loads((await self._sockets[number].receive(timeout=30)).data)
            values = {**state.get("values", {}), **news.get("values", {})}
            state |= news | {"values": values}


def with_pages(session, work):
    async def run():
        async with aiohttp.ClientSession() as client:
            pages = Pages(session, client)
            try:
                await work(pages)
            finally:
                await pages.close()

    asyncio.run(run())


@pytest.fixture
def session(styles, tmp_path):
    """session(**options) -> a running `Session`."""
    begun = []

    def begin(**options):
        begun.append(Session(styles, tmp_path, **options))
        begun[-1].until(lambda: begun[-1].queue.values(), "the session")
        return begun[-1]

    yield begin
    for one in begun:
        one.close()


@pytest.fixture(scope="module")
def open_page(tmp_path_factory, make_style):
    """A session for many tests, which leave it as it is."""
    folder = tmp_path_factory.mktemp("styles")
    make_style(folder / "negative.onnx")
    catalog = StyleCatalog([folder])
    with LoadedStyles(["negative"], "negative", lambda name: Stylizer.load(name, catalog=catalog)) as styles:
        one = Session(styles, folder)
        one.until(one.queue.values, "the session")
        yield one
        one.close()


@pytest.fixture
def page(session):
    """A session without a window and without a token."""
    return session()


@pytest.fixture
def fake_window():
    return FakeWindow()
