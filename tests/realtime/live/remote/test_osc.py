"""OSC over loopback: every control can be steered, state comes back, and what means nothing is ignored in silence."""

import socket
import struct

import numpy as np
import pytest
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from stylecam.models.errors import StylecamError
from stylecam.realtime.live.control_table import CONTROLS
from stylecam.realtime.live.remote.addresses import Address
from stylecam.realtime.live.remote.osc import OscServer
from stylecam.realtime.live.remote.osc_messages import is_action, messages_in


def message(name, *arguments):
    builder = OscMessageBuilder(f"/stylecam/{name}")
    for argument in arguments:
        builder.add_arg(argument)
    return builder.build()


class Remote:
    """What sends OSC to a session, and reads what comes back."""

    def __init__(self, session):
        self.session = session
        self.server = OscServer(Address("127.0.0.1", 0), session.steering)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(30)
        self.socket.connect(("127.0.0.1", self.server.address.port))

    def send(self, name, *arguments):
        self.raw(message(name, *arguments).dgram)

    def raw(self, datagram):
        self.socket.send(datagram)

    def state_until(self, condition):
        """What comes back until `condition` of all of it holds."""
        state = {}
        while not condition(state):
            got = OscMessage(self.socket.recv(4096))
            (state[got.address.removeprefix("/stylecam/")],) = got.params
        return state

    def close(self):
        self.socket.close()
        self.server.close()


@pytest.fixture
def osc(session, fake_window):
    remote = Remote(session(window=fake_window))
    yield remote
    remote.close()


@pytest.mark.parametrize(
    "control",
    [c for c in CONTROLS.values() if not c.offered and c.kind != "action" and c.name != "virtual-camera"],
    ids=str,
)
def test_every_value_can_be_set(osc, control):
    before = osc.session.queue.values()[control.name]
    given, value = {
        "switch": (float(not before), not before),
        "number": (0.25, 0.25),
        "choice": (2.0, "same"),
    }[control.kind]
    osc.send(control.name, given)
    osc.session.until_value(control.name, value)


def test_names_booleans_and_whole_numbers_are_understood_too(osc):
    for name, given, value in [
        ("style", "same", "same"), ("style", 1, "negative"), ("mirror", True, True), ("mirror", 0, False),
        ("strength", 0, 0), ("strength", 1, 1),
    ]:  # fmt: skip
        osc.send(name, given)
        osc.session.until_value(name, value)
    osc.send("split")
    osc.session.until_value("split", True)


def test_a_button_presses_when_it_is_pressed_and_not_when_it_is_let_go(osc, tmp_path):
    for value in (1.0, 0.0):
        osc.send("next-style", value)
    osc.session.until_value("style", "same")
    osc.send("snapshot")
    osc.send("snapshot", 1)
    osc.send("snapshot", 0)
    osc.session.until(lambda: len(list(tmp_path.glob("*.png"))) == 2, "two snapshots")
    osc.send("quit", 1)
    osc.session.until(lambda: osc.session.report is not None, "the end")
    assert len(list(tmp_path.glob("*.png"))) == 2
    assert osc.session.queue.values()["style"] == "same"


def test_keys_can_be_pressed(osc):
    for key, name, value in [
        ("v", "split", True),
        ("[", "strength", 0.9),
        ("M", "mirror", True),
        ("2", "style", "same"),
    ]:
        osc.send("press", key)
        osc.session.until_value(name, value)


def test_the_state_comes_back_to_who_asks_and_then_what_changes(osc):
    osc.send("state")
    expected = {name: int(v) if isinstance(v, bool) else v for name, v in osc.session.steering.values().items()}
    state = osc.state_until(lambda state: len(state) == len(expected))
    assert state.keys() == expected.keys()
    assert (state["style"], state["mirror"], state["strength"]) == ("negative", 0, 1.0)
    osc.session.steering.set("strength", 0.5)
    osc.session.steering.set("mirror", True)
    assert osc.state_until(lambda state: len(state) == 2) == {"strength": 0.5, "mirror": 1}


def test_of_many_values_the_last_one_counts_and_bundles_are_read(osc):
    for n in range(1000):
        osc.send("strength", n / 1000)
    osc.session.until_value("strength", pytest.approx(0.999))
    bundle = OscBundleBuilder(IMMEDIATELY)
    bundle.add_content(message("steady", 0.5))
    inner = OscBundleBuilder(IMMEDIATELY)
    inner.add_content(message("mirror", 1))
    bundle.add_content(inner.build())
    bundle.add_content(message("split", 1))
    osc.raw(bundle.build().dgram)
    for name, value in (("steady", 0.5), ("mirror", True), ("split", True)):
        osc.session.until_value(name, value)


def _nested(depth):
    inner = message("quit").dgram
    for _ in range(depth):
        inner = b"#bundle\0" + bytes(8) + struct.pack(">i", len(inner)) + inner
    return inner


HOSTILE = [
    b"", b"\0", b"/", b"/stylecam/", b"/stylecam/strength", b"/stylecam/strength\0\0\0,f\0\0", b"#bundle\0",
    b"#bundle\0" + bytes(8) + b"\xff\xff\xff\xff" + b"x" * 40, b"#bundle\0" + bytes(8) + bytes(400), _nested(150),
    b"/stylecam/strength\0\0,fxxxx\0\0" + bytes(8), b"/stylecam/strength\0\0,[[[[\0\0\0",
    b"/\xff\xfe\0,s\0\0\xff\xff\0\0", b"/stylecam/strength\0\0,I\0\0", b"/\0,\0,xyz\0\0\0\0",
    message("strength", float("nan")).dgram, message("strength", float("inf")).dgram, message("strength", "0.5").dgram,
    message("strength", -1.0).dgram, message("nothing", 1.0).dgram, message("press", "nothing").dgram,
    message("press").dgram, message("keep", 1).dgram, message("style", "nothing").dgram, message("style", 99).dgram,
    message("../../etc", 1).dgram, b"\xff" * 4096, b"/stylecam/strength\0\0,f\0\0" + b"x" * 60_000,
    b"#bundle\0" + bytes(8) + (struct.pack(">i", 20) + message("quit").dgram) * 3000,
]  # fmt: skip


def test_what_means_nothing_is_ignored_in_silence(osc, capfd):
    for datagram in HOSTILE[:-1]:
        osc.raw(datagram)
    osc.send("steady", 0.75)
    osc.session.until_value("steady", 0.75)
    assert osc.session.queue.values()["strength"] == 1.0
    assert osc.session.report is None
    assert capfd.readouterr() == ("", "")
    random = np.random.default_rng(5)
    for _ in range(3000):
        datagram = bytearray(random.choice(np.array(HOSTILE[4:24], object)))
        for place in random.integers(0, max(1, len(datagram)), 3):
            if datagram:
                datagram[place % len(datagram)] = int(random.integers(256))
        list(messages_in(bytes(datagram)))
    assert len(list(messages_in(HOSTILE[-1]))) <= 64
    assert capfd.readouterr() == ("", "")


def test_actions_are_told_from_values():
    assert is_action(b"/stylecam/snapshot")
    assert is_action(b"/stylecam/press")
    assert is_action(b"\xff")
    assert not is_action(b"/stylecam/strength")


def test_one_who_asks_all_the_time_is_not_answered_all_the_time(osc):
    for _ in range(200):
        osc.send("state")
    count = len(osc.session.steering.values())
    osc.state_until(lambda state: len(state) == count)
    osc.send("strength", 0.5)
    osc.session.until_value("strength", 0.5)
    more = 0
    osc.socket.settimeout(0.2)
    try:
        while True:
            osc.socket.recv(4096)
            more += 1
    except TimeoutError:
        pass
    assert more <= count + 1


def test_a_port_that_is_taken_is_said_in_a_sentence(osc):
    with pytest.raises(StylecamError, match=rf"--osc cannot listen at 127.0.0.1:{osc.server.address.port}: "):
        OscServer(osc.server.address, osc.session.steering)
