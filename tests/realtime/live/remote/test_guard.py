"""Hostile requests to the page's server, each refused in one sentence, and what is right that resembles them."""

import gzip
import json
import socket
from base64 import b64encode

import pytest

from stylecam.models.errors import OptionsError
from stylecam.realtime.live.remote.addresses import Address
from stylecam.realtime.live.remote.limits import Allowance, Limits, Pace
from stylecam.realtime.live.remote.server import PageServer
from stylecam.realtime.live.remote.tokens import new_token

TOKEN = "a-token-of-this-test"
SET = {"value": 0.5}
CHUNKED = b"Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n0\r\n\r\n"
HALF = b'Content-Type: application/json\r\n\r\n{"val'


def _raw(page, request, end=False):
    """What the server answers to bytes until it closes the connection."""
    with socket.create_connection(("127.0.0.1", page.port), timeout=30) as connection:
        connection.sendall(request)
        if end:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


def _refused(answer, status):
    assert answer.status == status
    sentence = answer.json["error"]
    assert sentence
    assert "\n" not in sentence
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


# A page of a stranger that points a name of its own at this machine (DNS rebinding).
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "192.0.2.7",
        "user@127.0.0.1",
        "",
        "[::1",
        "*",
    ],
)
def test_a_foreign_host_is_refused(open_page, host):
    for path in ("/", "/api", "/video.mjpg", "/picture.jpg"):
        _refused(open_page.ask("GET", path, Host=host), 403)
    _refused(open_page.ask("PUT", "/api/strength", SET, Host=host), 403)


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "localhost:{}", "LOCALHOST:{}", "[::1]:{}", "127.0.0.1"])
def test_this_machine_has_several_names(open_page, host):
    assert open_page.ask("GET", "/api", Host=host.format(open_page.port)).status == 200


@pytest.mark.parametrize("hosts", [[], ["localhost", "evil.example"], ["localhost", "localhost"]])
def test_no_host_and_two_hosts_are_refused(open_page, hosts):
    lines = "".join(f"Host: {host}\r\n" for host in hosts)
    answer = _raw(open_page, f"GET /api HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode())
    assert answer.split()[1] in (b"403", b"400")


# A page in another tab of the same browser.
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost", "file://"])
def test_a_foreign_origin_is_refused(open_page, origin):
    _refused(open_page.ask("PUT", "/api/strength", SET, Origin=origin), 403)
    _refused(open_page.ask("POST", "/api/snapshot/press", {}, Origin=origin), 403)
    _refused(open_page.ask("GET", "/api", Origin=origin), 403)
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
    answer = open_page.ask(
        "GET", "/api/open_page", Origin=origin, Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==", **upgrade
    )
    _refused(answer, 403)
    assert open_page.queue.values()["strength"] == 1.0


def test_its_own_page_is_not_foreign(page):
    host = f"127.0.0.1:{page.port}"
    assert page.ask("PUT", "/api/strength", SET, Host=host, Origin=f"http://{host}").status == 200
    page.until_value("strength", 0.5)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/video.mjpg", "/picture.jpg", "/api", "/page.js"])
def test_a_foreign_page_shows_nothing_of_ours(open_page, site, path):
    _refused(open_page.ask("GET", path, Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors", Sec_Fetch_Dest="image"), 403)


def test_a_foreign_page_may_link_to_ours_but_not_frame_it(open_page):
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    answer = open_page.ask("GET", "/", **link, Sec_Fetch_Dest="document")
    assert answer.status == 200
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    _refused(open_page.ask("GET", "/", **link, Sec_Fetch_Dest="iframe"), 403)
    _refused(open_page.ask("GET", "/api", **link, Sec_Fetch_Dest="document"), 403)


def test_a_form_cannot_change_anything(open_page):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"):
        _refused(open_page.ask("PUT", "/api/strength", SET, Content_Type=kind), 415)
        _refused(open_page.ask("POST", "/api/quit/press", b"", Content_Type=kind), 415)
    assert open_page.report is None


def test_no_other_site_is_let_in(open_page):
    answer = open_page.ask(
        "OPTIONS", "/api/strength", Origin="http://evil.example", Access_Control_Request_Method="PUT"
    )
    _refused(answer, 403)
    _refused(open_page.ask("OPTIONS", "/api/strength"), 405)
    _refused(open_page.ask("TRACE", "/api"), 405)
    _refused(open_page.ask("DELETE", "/api/strength"), 405)


PRIVATE = ["/api", "/api/strength", "/api/page", "/video.mjpg", "/picture.jpg", "/saved/1", "/thumbnails/1.png"]


def test_without_the_token_there_is_only_the_empty_page(session):
    page = session(token=TOKEN)
    name = page.ask("POST", "/api/session", {"token": TOKEN}).headers["Set-Cookie"].partition("=")[0]
    assert name.startswith("stylecam-")
    for path in PRIVATE:
        _refused(page.ask("GET", path), 401)
        _refused(page.ask("GET", f"{path}?token={TOKEN}"), 401)  # it would stand in logs and histories
        for value in ("", "0", TOKEN, "\xff"):
            _refused(page.ask("GET", path, Cookie=f"{name}={value}"), 401)
    _refused(page.ask("PUT", "/api/strength", SET), 401)
    for path in ("/", "/stage", "/page.js", "/session.js", "/controls.js", "/stage.js", "/page.css", "/icon.svg"):
        answer = page.ask("GET", path)
        assert answer.status == 200
        assert TOKEN.encode() not in answer.body


@pytest.mark.parametrize("head", ["Bearer nonsense", "Bearer", "Bearer \xff", "Basic nonsense", "Basic OnRva2Vu",
                                  "Basic \xe9", "x"])  # fmt: skip
def test_a_wrong_token_is_refused(session, head):
    page = session(token=TOKEN)
    _refused(page.ask("GET", "/api", Authorization=head), 401)


def test_players_are_asked_for_the_token_as_a_password(session):
    page = session(token=TOKEN)
    for path in ("/video.mjpg", "/picture.jpg", "/saved/1"):
        assert page.ask("GET", path).headers["WWW-Authenticate"] == 'Basic realm="stylecam"'
    assert page.ask("GET", "/api").headers["WWW-Authenticate"] is None  # a browser would open a dialog over the page


def test_the_token_opens_everything(session):
    page = session(token=TOKEN)
    basic = b64encode(f"anybody:{TOKEN}".encode()).decode()
    for head in (f"Bearer {TOKEN}", f"bearer {TOKEN}", f"Basic {basic}"):
        assert page.ask("GET", "/api", Authorization=head).status == 200
    answer = page.ask("POST", "/api/session", {"token": TOKEN})
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert TOKEN not in cookie
    assert page.ask("GET", "/api", Cookie=cookie.partition(";")[0]).status == 200
    assert page.server.link.endswith(f"/#token={TOKEN}")


def test_tokens_cannot_be_guessed_for_long(session):
    page = session(token=TOKEN)
    answers = [page.ask("POST", "/api/session", {"token": f"guess {n}"}).status for n in range(30)]
    assert answers[:10] == [401] * 10
    assert answers.count(429) >= 19
    _refused(page.ask("POST", "/api/session", {"token": TOKEN}), 429)
    _refused(page.ask("GET", "/api", Authorization="Bearer guess"), 429)
    for wrong in ({}, {"token": None}, {"token": ["a"]}, {"token": 1}):
        assert page.ask("POST", "/api/session", wrong).status in (401, 429)


@pytest.mark.parametrize(
    "path",
    [
        "/saved/../../etc/passwd", "/saved/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/saved//etc/passwd", "/saved/-1",
        "/saved/0", "/saved/1", "/saved/999999999", "/../server.py", "/page/../server.py", "/%2e%2e/server.py",
        "/page.html/..%5cserver.py", "/thumbnails/0.png", "/thumbnails/../1.png", "/thumbnails/9999.png",
        "/api/strength%00", "/api/__class__", "/api/keep", "//evil.example/api", "/saved/%31%2f..",
    ],
)  # fmt: skip
def test_a_path_never_reaches_the_disk(open_page, path):
    answer = open_page.ask("GET", path)
    assert answer.status in (400, 404)
    assert b"root:" not in answer.body


def test_a_compressed_body_is_not_made_large(open_page):
    bomb = gzip.compress(b'{"token": "' + b"x" * 50_000_000 + b'"}')[:3500]
    _refused(open_page.ask("POST", "/api/session", bomb, Content_Encoding="gzip"), 400)


def test_a_fault_of_the_program_is_answered_in_a_sentence(session, monkeypatch):
    page = session()
    monkeypatch.setattr(page.view, "file", lambda number: 1 / 0)
    answer = page.ask("GET", "/saved/1")
    _refused(answer, 500)
    assert answer.json == {"error": "the program failed: ZeroDivisionError"}


def test_a_body_that_is_too_large_is_refused(open_page):
    _refused(open_page.ask("PUT", "/api/strength", b'{"value": "' + b"x" * 5000 + b'"}'), 413)
    chunks = b"".join(b"400\r\n" + b" " * 1024 + b"\r\n" for _ in range(16)) + b"0\r\n\r\n"
    head = f"PUT /api/strength HTTP/1.1\r\nHost: localhost:{open_page.port}\r\nContent-Type: application/json\r\n"
    head += "Connection: close\r\n"
    assert _raw(open_page, head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunks).split()[1] == b"413"


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /api HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api HTTP/1.1\r\nHost: localhost\r\n" + b"X: 1\r\n" * 1000 + b"\r\n",
        b"POST /api/snapshot/press HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n" + CHUNKED,  # smuggling
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /api HTTP/1.1\r\nHost : localhost\r\n\r\n",
        b"\x00" * 1000,
    ],
)
def test_what_is_no_request_is_ended(open_page, request_, capfd):
    answer = _raw(open_page, request_, end=True)
    assert answer == b"" or answer.split()[1] == b"400"
    assert open_page.ask("GET", "/api").status == 200
    assert capfd.readouterr() == ("", "")  # nothing is logged


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 4000, b"{", b"[]", b"1", b'"', b"\xff\xfe", b'{"value": ' + b"9" * 4000 + b"}", b'{"value": NaN}',
        b'{"value": 1e999}', b'{"value": [0.5]}', b'{"value": null}', b'{"value": {"a": 1}}', b'{"value": "0.5"}',
        b'{"value": true}', b'{"value": -1}', b"{}", b'{"values": 1}',
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_in_a_short_sentence(open_page, body):
    answer = open_page.ask("PUT", "/api/strength", body)
    _refused(answer, 400)
    assert len(answer.json["error"]) <= 300
    assert open_page.queue.values()["strength"] == 1.0


def test_requests_come_at_a_limited_pace(session):
    page = session(limits=Limits(asks_a_second=5))
    answers = [page.ask("GET", "/api/strength").status for _ in range(60)]
    assert answers[:20] == [200] * 20
    assert 429 in answers


def test_connections_are_limited_and_those_that_are_in_stay(session):
    page = session(limits=Limits(connections=4))
    first = page.connection()
    first.request("GET", "/api")
    assert first.getresponse().read()
    others = [socket.create_connection(("127.0.0.1", page.port), timeout=30) for _ in range(8)]
    ended = sum(one.recv(1) == b"" for one in others[3:])
    assert ended == 5
    first.request("GET", "/api")
    assert first.getresponse().status == 200
    for one in (first, *others):
        one.close()
    page.until(lambda: _may_ask(page), "a free place")


def _may_ask(page):
    try:
        return page.ask("GET", "/api").status == 200
    except OSError:
        return False


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET /api HT", b"PUT /api/strength HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n" + HALF],
)
def test_a_request_that_does_not_become_whole_is_ended(session, begun):
    page = session(limits=Limits(slow_seconds=0.1))
    answer = _raw(page, begun)
    assert answer == b"" or answer.split()[1] == b"408"


def test_a_kept_connection_that_begins_another_request_and_stops_is_ended(session):
    page = session(limits=Limits(slow_seconds=0.1))
    whole = f"GET /api/strength HTTP/1.1\r\nHost: localhost:{page.port}\r\n\r\nGET /api"
    assert b" 200 OK" in _raw(page, whole.encode())


def test_a_kiosk_cannot_be_quit_from_outside(session, fake_window):
    page = session(window=fake_window, locked=("quit", "fullscreen", "help"))
    names = {control["name"] for control in page.ask("GET", "/api").json["controls"]}
    assert not {"quit", "fullscreen", "help"} & names
    assert page.ask("POST", "/api/quit/press", {}).status == 404
    assert page.ask("PUT", "/api/fullscreen", {"value": True}).status == 404
    with pytest.raises(OptionsError, match="quit is locked in a kiosk"):
        page.steering.press("quit")


def test_others_are_listened_to_only_with_a_token(open_page):
    for host in ("0.0.0.0", "192.0.2.7", "example.org", "::"):
        with pytest.raises(OptionsError, match="a token is needed"):
            PageServer(Address(host, 0), open_page.view)
    for token, why in (("short", "too short"), ("a" * 15, "too short"), ("a" * 16 + "&x=#", "cannot hold")):
        with pytest.raises(OptionsError, match=why):
            PageServer(Address("0.0.0.0", 0), open_page.view, token)
    assert len({new_token() for _ in range(100)}) == 100
    assert len(new_token()) >= 20


def test_an_allowance_fills_with_time_and_the_paces_of_many_are_bounded():
    now = [0.0]
    allowance = Allowance(2.0, 3, lambda: now[0])
    assert [allowance.take() for _ in range(4)] == [True] * 3 + [False]
    now[0] = 1.0
    assert [allowance.take() for _ in range(3)] == [True, True, False]
    pace = Pace(1.0, 1.0)
    assert pace.of("first").take()
    assert not pace.of("first").take()
    for n in range(5000):
        pace.of(str(n))
    assert len(pace._peers) <= 1024
    assert json.dumps(SET)
