"""The table of controls, and what comes from it: the command's options and the documentation's table."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from stylecam.realtime.commands.live_arguments import LIVE_OPTIONS
from stylecam.realtime.live.control_table import CONTROLS, KEYS

DOCS = Path(__file__).parents[3] / "docs" / "live.md"
HEAD = ["| control | kind | values | keys | does |", "|---|---|---|---|---|"]


def test_no_name_and_no_key_stands_twice():
    assert sum(len(control.keys) for control in CONTROLS.values()) == len(KEYS)
    assert all(name == control.name == name.lower() for name, control in CONTROLS.items())


@pytest.mark.parametrize("control", CONTROLS.values(), ids=lambda control: control.name)
def test_a_row_is_whole(control):
    assert control.help == control.help.strip().rstrip(".") != ""
    assert "\n" not in control.help
    low, high = control.range
    if control.kind == "number":
        assert low + control.step <= high
        assert control.step > 0
        assert len(control.keys) in (0, 2)
    else:
        assert (low, high, control.step, control.unit) == (0, 0, 0, "")


def _options():
    """The options that set a control; others name the file or the device of one."""
    options = {option.opts[0].removeprefix("--"): option for option in LIVE_OPTIONS}
    others = ("record", "snapshot", "virtual-camera")
    return {name: option for name, option in options.items() if name in CONTROLS and name not in others}


def test_controls_with_an_option_have_its_name():
    assert {"style", "strength", "preserve-color", "mirror", "fullscreen"} <= set(_options())


@pytest.mark.parametrize(("name", "option"), _options().items(), ids=_options())
def test_an_option_is_what_the_table_says(name, option):
    control = CONTROLS[name]
    assert option.help.lower().startswith(control.help.lower())
    assert option.is_flag == (control.kind == "switch")
    if control.kind == "number":
        assert isinstance(option.type, click.FloatRange)
        assert (option.type.min, option.type.max) == control.range


def _values(control):
    if control.kind == "number":
        low, high = control.range
        unit = f" {control.unit}" if control.unit else ""
        return f"{low:g}..{high:g}{unit}, by {control.step:g}"
    return {"action": "", "switch": "on, off", "choice": "a name, or its number"}[control.kind]


def test_the_documentation_has_the_table():
    rows = [
        f"| `{control.name}` | {control.kind} | {_values(control)} | `{control.keys_shown}` | {control.help} |"
        for control in CONTROLS.values()
    ]
    table = "\n".join([*HEAD, *rows])
    text = DOCS.read_text(encoding="utf-8")
    assert f"\n\n{table}\n\n" in text, f"the table of {DOCS.name} should be:\n{table}"


@pytest.mark.parametrize("module", ["stylecam.realtime.live.control_table", "stylecam.realtime.commands.live"])
def test_building_the_options_loads_no_large_library(module):
    program = f"import sys, {module}; print({{'cv2', 'numpy', 'av', 'onnxruntime'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
