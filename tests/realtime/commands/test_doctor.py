"""`realtime doctor`: what it says of the extras is what they are made of."""

import importlib.util
import json
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from stylecam.realtime.commands.doctor import doctor_command

EXTRAS = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]["optional-dependencies"]
PACKAGES = [(extra, package) for extra in ("train", "export") for package in EXTRAS[extra]]


@pytest.mark.parametrize(("extra", "package"), PACKAGES)
def test_each_missing_package_of_an_extra_is_found(extra, package, monkeypatch):
    module = package.partition(">")[0].replace("-", "_")
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == module else find(name, *rest))
    monkeypatch.setenv("STYLECAM_STYLES", "")
    result = CliRunner().invoke(doctor_command, ["--json"], standalone_mode=False)
    findings = {f["what"]: f for f in json.loads(result.stdout)}
    assert findings[f"{extra}ing"]["ok"] is False
    assert module in findings[f"{extra}ing"]["found"]
    assert findings[f"{extra}ing"]["remedy"] == f"pip install 'stylecam[{extra}]'"


def test_the_display_is_found_with_its_monitors(monkeypatch):
    monkeypatch.setenv("STYLECAM_STYLES", "")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")  # SDL's own stand-in for a display
    result = CliRunner().invoke(doctor_command, ["--json"], standalone_mode=False)
    (display,) = [f for f in json.loads(result.stdout) if f["what"] == "display"]
    assert display["ok"]
    assert "monitors: 0 " in display["found"]
    monkeypatch.setenv("SDL_VIDEODRIVER", "none such")
    result = CliRunner().invoke(doctor_command, ["--json"], standalone_mode=False)
    (display,) = [f for f in json.loads(result.stdout) if f["what"] == "display"]
    assert not display["ok"]
    assert "no window can be opened" in display["found"]


def test_what_mends_a_missing_virtual_camera_and_microphone_is_said(monkeypatch):
    monkeypatch.setenv("STYLECAM_STYLES", "")
    for name in ("pyvirtualcam", "sounddevice"):
        monkeypatch.setitem(sys.modules, name, None)
    result = CliRunner().invoke(doctor_command, ["--json"], standalone_mode=False)
    found = {f["what"]: f for f in json.loads(result.stdout)}
    assert found["virtual camera"]["remedy"].startswith("pip install 'stylecam[vcam]'")
    assert found["microphones"]["found"] == "the microphone needs sounddevice"
    assert found["microphones"]["remedy"].startswith("pip install 'stylecam[sound]'")
    assert not found["virtual camera"]["ok"]
    assert not found["microphones"]["ok"]
