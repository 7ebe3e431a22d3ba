"""Microphones: found by name, heard, lost; what is said where one cannot be used."""

import json
import sys
import time

import numpy as np
import pytest

from stylecam.models.errors import DeviceError, OptionsError, StylecamError
from stylecam.realtime.cli import main
from stylecam.realtime.live.microphone import (
    SILENT,
    Microphone,
    MicrophoneInfo,
    check_library,
    find_microphone,
    list_microphones,
)

from ...sounds import PortAudioError, fake_sounddevice


@pytest.fixture
def sounddevice(monkeypatch):
    return fake_sounddevice(monkeypatch)


def _known(*names, default=0):
    return [MicrophoneInfo(n, name, "ALSA", n == default, 48000, 2) for n, name in enumerate(names)]


def test_the_usual_one_is_taken_without_a_name():
    assert find_microphone(None, _known("a", "b", default=1)).name == "b"
    assert find_microphone(None, _known("a", "b", default=None)).name == "a"


@pytest.mark.parametrize(("name", "index"), [("1", 1), ("usb", 1), ("USB Microphone", 1), ("built", 0), ("webcam", 2)])
def test_one_is_found_by_its_number_or_a_part_of_its_name(name, index):
    known = _known("Built-in", "USB Microphone", "Webcam", "USB Microphone of another make")[: 4 if " " in name else 3]
    assert find_microphone(name, known).index == index


def test_one_that_each_interface_lists_is_one():
    assert (
        find_microphone("usb", _known("Other", "USB Microphone (2- Blue Yet", "USB Microphone (2- Blue Yeti)")).index
        == 1
    )


def test_a_name_of_several_and_of_none_is_refused_with_those_there_are():
    with pytest.raises(OptionsError, match=r"could be several: 0 \(USB one\), 1 \(USB two\); give a number"):
        find_microphone("usb", _known("USB one", "USB two", "Other"))
    with pytest.raises(OptionsError, match=r"there is no microphone 7: connected are 0 \(a\)"):
        find_microphone("7", _known("a"))
    with pytest.raises(DeviceError, match="plug one in"):
        find_microphone(None, [])


def test_it_is_opened_as_it_is_and_closed(sounddevice):
    with Microphone("usb") as microphone:
        (stream,) = sounddevice.streams
        assert microphone.name == "USB Microphone"
        assert (stream.asked.device, stream.asked.rate, stream.asked.channels) == (1, 48000, 2)
        assert stream.running
        assert not stream.closed
    assert stream.closed


def test_a_rate_that_recordings_cannot_hold_is_asked_for_otherwise(monkeypatch):
    module = fake_sounddevice(monkeypatch, rate=192000, channels=1)
    with Microphone():
        assert (module.streams[0].asked.rate, module.streams[0].asked.channels) == (96000, 1)


@pytest.mark.parametrize("age", [0.05, None])
def test_what_it_hears_is_known_by_the_computers_clock(sounddevice, age):
    with Microphone() as microphone:
        block = np.full((4800, 2), 0.5, np.float32)
        before = time.monotonic()
        sounddevice.streams[0].hear(block, age)
        after = time.monotonic()
        block[:] = 0.0  # PortAudio's own memory
        track = microphone.track(lambda: before)
        track.begin(0)
        heard = microphone._timeline.blocks(0.0, 1e12)[0]
        delay = 0.1 if age is None else age  # a block whose time is not known has just ended
        assert before - delay <= heard.start <= after - delay
        assert (heard.samples == 0.5).all()
        track.close()


def test_its_level_rises_at_once_and_falls_slowly(sounddevice, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("stylecam.realtime.live.microphone.time.monotonic", lambda: now[0])
    with Microphone() as microphone:
        hear = lambda peak: sounddevice.streams[0].hear(np.full((48, 2), peak, np.float32), 0.0)  # noqa: E731
        hear(0.5)
        assert microphone.level == pytest.approx(-6.0, abs=0.1)
        now[0] += 0.5
        hear(0.0001)
        assert microphone.level == pytest.approx(-18.0, abs=0.1)
        now[0] += 0.4
        hear(0.9)
        assert microphone.level > -1
        for nonsense in (np.inf, np.nan):  # as some drivers give them
            hear(nonsense)
            assert microphone.level == 0
        now[0] += 3.1
        assert microphone.level == SILENT


def test_one_that_is_gone_says_so_and_is_looked_for_at_the_next_recording(sounddevice, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("stylecam.realtime.live.microphone.time.monotonic", lambda: now[0])
    with Microphone("usb") as microphone:
        now[0] += 4.9
        assert microphone.problem is None  # it takes a while to begin
        sounddevice.streams[0].hear(np.zeros((48, 2), np.float32), 0.0)
        now[0] += 3.1
        assert microphone.problem == (
            "the microphone USB Microphone is gone: recordings are silent; plug it in and record anew"
        )
        sounddevice.names = ["Built-in"]
        assert microphone.track(lambda: now[0]).rate == 48000  # silent
        sounddevice.names = ["Built-in", "Webcam", "USB Microphone"]  # it has another number now
        microphone.track(lambda: now[0])
        assert microphone.problem is None
        assert sounddevice.begun == 2
        assert sounddevice.streams[-1].asked.device == 2
    assert all(stream.closed for stream in sounddevice.streams)


def test_a_library_that_cannot_begin_again_leaves_the_recording_silent(sounddevice, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("stylecam.realtime.live.microphone.time.monotonic", lambda: now[0])

    def refuse():
        raise PortAudioError("Internal PortAudio error [PaErrorCode -9986]")

    with Microphone() as microphone:
        now[0] += 6.0
        monkeypatch.setattr(sounddevice, "_initialize", refuse)
        assert microphone.track(lambda: now[0]).rate == 48000
        assert "is gone: recordings are silent" in microphone.problem


def test_one_that_is_in_use_is_one_sentence(sounddevice):
    sounddevice.broken = PortAudioError("Error opening InputStream: Device unavailable [PaErrorCode -9985]")
    with pytest.raises(DeviceError) as raised:
        Microphone()
    assert str(raised.value) == (
        "the microphone Built-in cannot be opened: Error opening InputStream: Device unavailable; "
        "close other programs that use it, or choose another one"
    )


def test_they_are_listed(sounddevice, capsys):
    assert main(["--list-microphones"]) == 0
    assert capsys.readouterr().out == "0  Built-in  (ALSA)  the usual one\n1  USB Microphone  (ALSA)\n"
    assert main(["--list-microphones", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(one["index"], one["name"], one["default"]) for one in listed] == [
        (0, "Built-in", True),
        (1, "USB Microphone", False),
    ]
    sounddevice.names = []
    assert list_microphones() == []
    assert main(["--list-microphones"]) == 0
    assert "no microphone found" in capsys.readouterr().err


def test_a_missing_extra_is_one_sentence_with_the_line_that_installs_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(StylecamError, match=r"pip install 'stylecam\[sound\]'"):
        check_library()
    assert main(["--camera", "demo", "--no-window", "--frames", "1", "--microphone"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_missing_system_library_is_one_sentence_with_its_package(monkeypatch, tmp_path):
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DeviceError, match="sudo apt install libportaudio2"):
        check_library()
