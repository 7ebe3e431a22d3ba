"""Knobs and pads, through mido's own port in this process, and through the system's where it has virtual ones."""

import json
import sys
from pathlib import Path

import mido
import pytest
from mido import Message
from mido.ports import EchoPort

from stylecam.models.errors import OptionsError, StylecamError
from stylecam.realtime.live.remote.midi import MidiInput, system_ports
from stylecam.realtime.live.remote.midi_map import Knob, MidiMap


class Rack:
    """Devices by their names, as mido's backends give them; each is what is sent to it."""

    def __init__(self, *names):
        self.devices = dict.fromkeys(names)

    def get_input_names(self):
        return list(self.devices)

    def open_input(self, name):
        self.devices[name] = EchoPort(name)
        return self.devices[name]


class Knobs:
    """A session that is steered by MIDI."""

    def __init__(self, session, folder, names=("Midi Through 14:0", "Desk 20:0"), wanted=""):
        self.session, self.rack, self.said = session, Rack(*names), []
        self.file = folder / "kept" / "midi.json"
        self.input = MidiInput(session.steering, self.rack, wanted, self.file, self.said.append)

    def until_open(self, name):
        self.session.until(lambda: self.rack.devices.get(name), f"{name} is opened")
        return self.rack.devices[name]

    def ignored(self, port, message):
        port.send(message)
        self.session.until(lambda: not port._messages, "the message is taken")
        port.send(Message("clock"))
        self.session.until(lambda: not port._messages, "and the next one: the first is carried out")

    def learn(self, port, name, message):
        before = self._times(name)
        self.input.learn(name)
        port.send(message)
        self.session.until(lambda: self._times(name) > before, f"{name} is learnt")

    def _times(self, name):
        return sum(sentence.startswith(f"{name} follows ") for sentence in self.said)


@pytest.fixture
def knobs(session, tmp_path, fake_window):
    made = []

    def make(**options):
        made.append(Knobs(session(window=fake_window), tmp_path, **options))
        return made[-1]

    yield make
    for one in made:
        one.input.close()


def _cc(number, value, channel=0):
    return Message("control_change", channel=channel, control=number, value=value)


def test_a_knob_is_learnt_moves_its_control_and_is_known_the_next_time(knobs):
    desk = knobs()
    port = desk.until_open("Desk 20:0")
    assert desk.rack.devices["Midi Through 14:0"] is None
    desk.ignored(port, _cc(21, 0))  # moves nothing yet
    desk.learn(port, "strength", _cc(21, 127))
    for value, strength in ((0, 0.0), (127, 1.0), (64, 64 / 127)):
        port.send(_cc(21, value))
        desk.session.until_value("strength", strength)
    assert desk.input.state() == {
        "device": "Desk 20:0", "learning": None, "learnt": {"strength": "knob 21 of channel 1"},
    }  # fmt: skip
    assert "strength follows knob 21 of channel 1 from now on" in desk.said
    assert json.loads(desk.file.read_text()) == {"control/0/21": "strength"}
    assert MidiMap(desk.file).control(Knob("control", 0, 21)) == "strength"
    desk.learn(port, "strength", _cc(22, 1))  # another one in its place
    assert json.loads(desk.file.read_text()) == {"control/0/22": "strength"}
    desk.learn(port, "steady", _cc(22, 1))  # and for another control
    assert json.loads(desk.file.read_text()) == {"control/0/22": "steady"}


def test_each_kind_of_control_follows_each_kind_of_knob(knobs, tmp_path):
    desk = knobs()
    port, value = desk.until_open("Desk 20:0"), desk.session.until_value
    desk.learn(port, "mirror", _cc(1, 127))
    port.send(_cc(1, 126))
    value("mirror", True)
    port.send(_cc(1, 0))
    value("mirror", False)
    desk.learn(port, "split", Message("note_on", note=36, velocity=90))
    port.send(Message("note_on", note=36, velocity=90))
    value("split", True)
    port.send(Message("note_off", note=36))
    port.send(Message("note_on", note=36, velocity=0))
    port.send(Message("note_on", note=36, velocity=1))
    value("split", False)
    desk.learn(port, "style", _cc(2, 127))
    port.send(_cc(2, 126))
    value("style", "same")
    port.send(_cc(2, 0))
    value("style", "negative")
    desk.learn(port, "style", Message("program_change", program=1))
    port.send(Message("program_change", program=1))
    value("style", "same")
    desk.learn(port, "steady", Message("pitchwheel", pitch=8191))
    value("steady", 1.0)
    port.send(Message("pitchwheel", pitch=-8192))
    value("steady", 0.0)
    desk.learn(port, "snapshot", _cc(3, 127))
    for sent in (127, 0, 127, 127, 0, 127, 0):
        port.send(_cc(3, sent))
    desk.session.until(lambda: len(list(tmp_path.glob("*.png"))) == 2, "two snapshots")
    for message in (Message("clock"), Message("active_sensing"), Message("aftertouch", value=3), _cc(99, 3)):
        port.send(message)
    port.send(_cc(1, 127))
    value("mirror", True)
    assert len(list(tmp_path.glob("*.png"))) == 2


def test_a_key_that_is_held_learns_too(knobs):
    desk = knobs()
    port = desk.until_open("Desk 20:0")
    desk.session.queue.held = "strength"
    port.send(_cc(7, 0, channel=9))
    desk.session.until_value("strength", 0.0)
    desk.session.queue.held = None
    port.send(_cc(8, 64))
    port.send(_cc(7, 127, channel=9))
    desk.session.until_value("strength", 1.0)
    assert desk.input.state()["learnt"] == {"strength": "knob 7 of channel 10"}


def test_what_there_is_not_cannot_be_learnt_and_learning_can_be_left(knobs):
    desk = knobs()
    port = desk.until_open("Desk 20:0")
    for name in ("nothing", "keep", ""):
        with pytest.raises(OptionsError, match="there is no control"):
            desk.input.learn(name)
    desk.input.learn("strength")
    assert desk.input.state()["learning"] == "strength"
    desk.input.learn(None)
    desk.ignored(port, _cc(21, 0))
    desk.learn(port, "mirror", _cc(22, 127))
    assert desk.input.state()["learnt"] == {"mirror": "knob 22 of channel 1"}


def test_a_device_may_come_later_go_and_come_again(knobs, monkeypatch):
    monkeypatch.setattr("stylecam.realtime.live.remote.midi._LOOK", 0.01)
    desk = knobs(names=("Piano",), wanted="desk")
    assert desk.said == ["no MIDI device like 'desk' is there yet: plug it in"]
    desk.rack.devices["The Desk"] = None
    desk.learn(desk.until_open("The Desk"), "strength", _cc(1, 0))
    del desk.rack.devices["The Desk"]
    desk.session.until(lambda: "the MIDI device The Desk is gone: plug it in again" in desk.said, "it is gone")
    assert desk.input.state()["device"] is None
    desk.rack.devices["The Desk"] = None
    desk.until_open("The Desk").send(_cc(1, 127))
    desk.session.until_value("strength", 1.0)
    assert desk.rack.devices["Piano"] is None


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 5000, '{"control/0/1": 1}', '{"control/0/1": ["a"]}'])
def test_a_damaged_map_is_said_and_what_is_learnt_then_is_kept(tmp_path, text):
    (tmp_path / "midi.json").write_text(text)
    knobs = MidiMap(tmp_path / "midi.json")
    assert "cannot be read, no knob is known" in knobs.problem
    assert knobs.problem.endswith("; it is kept as midi.json.bad")
    knobs.learn(Knob("note", 0, 36), "split")
    assert MidiMap(tmp_path / "midi.json").problem is None
    assert (tmp_path / "midi.json.bad").read_text() == text


def test_rows_of_another_version_stay_in_the_file(tmp_path):
    path = tmp_path / "midi.json"
    path.write_text('{"control/0/1": "to-come", "wheel/0/1": "strength", "control/0/2": "split"}')
    knobs = MidiMap(path)
    assert knobs.problem is None
    assert knobs.listed() == {"split": "knob 2 of channel 1"}
    knobs.learn(Knob("control", 0, 3), "hud")
    kept = {"control/0/1": "to-come", "wheel/0/1": "strength", "control/0/2": "split", "control/0/3": "hud"}
    assert json.loads(path.read_text()) == kept


def test_what_is_moved_to_be_learnt_does_nothing_yet(knobs):
    desk = knobs()
    port = desk.until_open("Desk 20:0")
    desk.learn(port, "quit", Message("note_on", note=40, velocity=90))
    desk.learn(port, "split", Message("note_on", note=41, velocity=90))
    desk.learn(port, "strength", _cc(9, 0))
    desk.session.until_value("strength", 0.0)  # but an amount follows at once; what came before was taken
    assert desk.session.report is None
    assert desk.session.queue.values()["split"] is False


def test_a_list_of_devices_that_fails_once_ends_nothing(knobs, monkeypatch):
    monkeypatch.setattr("stylecam.realtime.live.remote.midi._LOOK", 0.01)
    desk = knobs(names=("Desk 20:0",))
    port = desk.until_open("Desk 20:0")
    listed, failed = desk.rack.get_input_names, []

    def broken():
        failed.append(True)
        raise RuntimeError("the driver is busy")

    desk.rack.get_input_names = broken
    desk.session.until(lambda: len(failed) > 1, "it was looked at again")
    desk.rack.get_input_names = listed
    desk.learn(port, "strength", _cc(1, 0))
    port.send(_cc(1, 127))
    desk.session.until_value("strength", 1.0)
    assert desk.input.state()["device"] == "Desk 20:0"


def test_the_systems_ports():
    if sys.platform == "linux" and not Path("/dev/snd/seq").exists():
        with pytest.raises(StylecamError, match="--midi: this system has no MIDI: "):
            system_ports()
        return
    with mido.Backend("mido.backends.rtmidi").open_output("A desk of this test", virtual=True) as desk:
        name = next(name for name in system_ports().get_input_names() if "A desk of this test" in name)
        with system_ports().open_input(name) as port:
            desk.send(_cc(21, 3))
            assert port.receive() == _cc(21, 3)
