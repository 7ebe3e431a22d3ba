"""Options that are refused rather than ignored, and what all commands have."""

import json

import cv2
import numpy as np
import pytest

from stylecam.models.errors import OptionsError
from stylecam.realtime.cli import main
from stylecam.realtime.commands.options import parse_lines


@pytest.fixture
def photo(tmp_path, monkeypatch, style_folder):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STYLECAM_STYLES", str(style_folder))
    cv2.imwrite("photo.png", np.full((64, 64, 3), 100, np.uint8))
    return "photo.png"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ("--style same convert photo.png -o out.png", "--style has no effect before convert"),
        ("--json bench", "--json has no effect before bench"),
        ("styles --json show same", "--json has no effect before show"),
        ("convert photo.png -o out.png --strength nan", "not a finite number"),
        ("--camera photo.png --no-window --strength nan", "not a finite number"),
        ("--camera photo.png --no-window --cycle-seconds inf", "not a finite number"),
        ("--camera photo.png --no-window --keys ²:n", "is not FRAME:KEY"),
        ("convert photo.png -o out.png --fps 0.0001", "--fps 0.0001: give a rate"),
        ("convert photo.png -o out --style a/wave.onnx,b/wave.onnx", "two styles have the same name"),
        ("convert *.png -o -", "-o - takes one input"),
    ],
)
def test_what_would_do_nothing_is_refused(photo, tmp_path, capsys, arguments, word):
    assert main(arguments.split()) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    assert word in captured.err
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("out")]


@pytest.mark.parametrize("command", ["", "convert", "styles", "styles show", "train", "bench"])
def test_every_command_tells_the_version(capsys, command):
    assert main([*command.split(), "--version"]) == 0
    assert capsys.readouterr().out.startswith("stylecam ")


def test_another_tier_than_the_one_asked_for_is_said(photo, capsys):
    assert main(["convert", photo, "-o", "out.png", "--style", "same", "--tier", "full"]) == 0
    assert "--tier full: these styles have no such tier, so the other one is used: same" in capsys.readouterr().err
    assert main(["styles", "sheet", photo, "-o", "sheet.png", "--tier", "full"]) == 0
    assert "same" in capsys.readouterr().err


def test_a_style_that_cannot_be_used_is_left_out_of_the_sheet(photo, style_folder, make_style, capsys):
    make_style(style_folder / "broken.onnx", "broken", "flat")
    assert main(["styles", "sheet", photo, "-o", "sheet.png"]) == 0
    assert "skipped: " in capsys.readouterr().err


@pytest.mark.parametrize("properties", [{"schema": "²"}, {"schema": "9" * 5000}, {"metrics": "[" * 200_000}])
def test_a_strange_file_does_not_hide_the_other_styles(photo, style_folder, make_style, capsys, properties):
    make_style(style_folder / "strange.onnx", "strange", **properties)
    assert main(["styles", "--json"]) == 0
    assert {"negative", "same"} <= {style["name"] for style in json.loads(capsys.readouterr().out)}


@pytest.mark.parametrize(
    ("text", "height", "lines"),
    [("auto", 480, None), ("auto", 720, None), ("auto", 1080, 720), ("native", 1080, None), ("480", 240, 480)],
)
def test_lines_as_the_user_asks_for_them(text, height, lines):
    assert parse_lines(text).of(np.zeros((height, height * 2, 3), np.uint8)) == lines


@pytest.mark.parametrize("text", ["0", "-5", "31", "99999", "4.5", "many", ""])
def test_impossible_lines_are_one_sentence(text):
    with pytest.raises(OptionsError, match="--paint-lines"):
        parse_lines(text)
