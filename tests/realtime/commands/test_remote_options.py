"""The options that let others steer the live command: refused before anything is loaded, and what they start."""

import socket
import sys

import pytest

from stylecam.realtime.cli import main

DEMO = ("--camera", "demo", "--size", "64x48", "--style", "same", "--no-window", "--frames", "3")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, style_folder):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STYLECAM_STYLES", str(style_folder))
    monkeypatch.delenv("STYLECAM_TOKEN", raising=False)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--serve", "nothing"], "--serve: 'nothing' is not [HOST:]PORT (example: --serve 8080)"),
        (["--osc", "1.2.3.4:99999"], "--osc: '1.2.3.4:99999' is not [HOST:]PORT (example: --osc 8080)"),
        (["--qr"], "--qr shows the page's address: add --serve PORT"),
        (["--attract", "0.5"], "0.5 is not in the range x>=1"),
    ],
)
def test_what_cannot_be_is_refused(capsys, arguments, sentence):
    assert main([*DEMO, *arguments]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "module", "extra"),
    [
        (["--serve", "0"], "aiohttp", "remote"),
        (["--serve", "0", "--qr"], "segno", "remote"),
        (["--osc", "0"], "pythonosc", "remote"),
        (["--midi"], "mido", "midi"),
        (["--midi", "Desk"], "rtmidi", "midi"),
    ],
)
def test_a_missing_extra_is_one_sentence(capsys, monkeypatch, arguments, module, extra):
    monkeypatch.setitem(sys.modules, module, None)
    assert main([*DEMO, *arguments]) == 1
    said = capsys.readouterr().err
    assert f"{arguments[-1] if module == 'segno' else arguments[0]} needs " in said
    assert f"pip install 'stylecam[{extra}]' ({module} is missing)" in said
    assert said.count("\n") == 1


def test_a_page_for_others_has_a_token_in_its_printed_address_and_nowhere_else(capsys):
    assert main([*DEMO, "--serve", "0.0.0.0:0", "--qr", "--osc", "0"]) == 0
    captured = capsys.readouterr()
    page, *_ = captured.err.splitlines()
    assert page.startswith("realtime: the page: http://")
    token = page.partition("#token=")[2]
    assert len(token) >= 20
    assert captured.err.count(token) == 1
    assert token not in captured.out
    assert "▀" in captured.err
    assert "realtime: OSC: 127.0.0.1:" in captured.err


def test_a_page_for_this_machine_needs_none_and_a_phone_cannot_reach_it(capsys):
    assert main([*DEMO, "--serve", "0", "--qr"]) == 0
    said = capsys.readouterr().err
    assert "token" not in said
    assert "a phone cannot reach this address: use --serve 0.0.0.0:PORT" in said


def test_a_token_of_the_users_own_must_not_be_short(capsys, monkeypatch):
    monkeypatch.setenv("STYLECAM_TOKEN", "secret")
    assert main([*DEMO, "--serve", "0"]) == 2
    said = capsys.readouterr().err
    assert "the token is too short" in said
    assert "secret" not in said


def test_osc_for_others_is_said_to_be_open_and_a_taken_port_is_one_sentence(capsys):
    assert main([*DEMO, "--osc", "0.0.0.0:0"]) == 0
    assert "OSC has no password: everyone in the network can steer" in capsys.readouterr().err
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        assert main([*DEMO, "--osc", str(port)]) == 1
    assert f"--osc cannot listen at 127.0.0.1:{port}: Address already in use" in capsys.readouterr().err
