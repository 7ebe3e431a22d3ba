"""Where the page's server listens, under which names it is called, and what is no address."""

import http.client
import socket
from contextlib import closing

import pytest

from stylecam.models.errors import OptionsError, StylecamError
from stylecam.realtime.live.remote.addresses import Address, parse_address
from stylecam.realtime.live.remote.server import PageServer

TOKEN = "a-token-of-this-test"


def test_a_port_that_is_taken_is_said_in_a_sentence(open_page):
    with pytest.raises(
        StylecamError, match=rf"no page can be served at 127.0.0.1:{open_page.port}: .*; try another port"
    ):
        PageServer(Address("127.0.0.1", open_page.port), open_page.view)


def test_a_host_that_is_no_address_of_this_machine_is_not_blamed_on_the_port(open_page):
    with pytest.raises(StylecamError, match=r"no page can be served at 192\.0\.2\.1:0: .*; try another address"):
        PageServer(Address("192.0.2.1", 0), open_page.view, TOKEN)


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this system has no such sockets")
def test_every_address_in_version_6_is_every_address_in_version_4_too(open_page):
    with PageServer(Address("::", 0), open_page.view, TOKEN) as server:
        for host in ("127.0.0.1", "::1"):
            with closing(http.client.HTTPConnection(host, server.address.port, timeout=20)) as connection:
                connection.request("GET", "/icon.svg")
                assert connection.getresponse().read()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("8080", ("127.0.0.1", 8080)),
        ("0.0.0.0:80", ("0.0.0.0", 80)),
        ("[::1]:8080", ("::1", 8080)),
        ("Studio.local:8080", ("studio.local", 8080)),
    ],
)
def test_addresses(text, address):
    assert parse_address(text, "--serve") == Address(*address)


@pytest.mark.parametrize("text", ["", "x", "70000", "a:b", "1.2.3.4:", "a b:80", "-1", "http://a:80/", "²"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(OptionsError, match=r"is not \[HOST:\]PORT"):
        parse_address(text, "--serve")


@pytest.mark.parametrize("host", ["a..b", "x" * 64])
def test_what_is_no_host_is_refused(host):
    with pytest.raises(OptionsError, match=r"is no host"):
        parse_address(f"{host}:80", "--serve")


def test_whom_a_name_means():
    here, everywhere = Address("127.0.0.1", 80), Address("0.0.0.0", 80)
    own = socket.gethostname().lower()
    assert [here.is_ours(host) for host in ("127.0.0.1", "::1", "localhost", "192.0.2.7", own)] == [True] * 3 + [
        False
    ] * 2
    assert [everywhere.is_ours(host) for host in ("127.0.0.1", "192.0.2.7", own, "evil.example")] == [True] * 3 + [
        False
    ]
    assert not everywhere.local
    assert here.local
