"""No command writes over what it reads."""

import os

import cv2
import numpy as np
import pytest

from stylecam.models.errors import OptionsError, RecordError
from stylecam.realtime.cli import main
from stylecam.realtime.common.targets import check_target

from ...films import write_film


def test_a_target_is_no_original_has_its_suffix_and_lies_in_a_folder(tmp_path, monkeypatch):
    original = tmp_path / "a.png"
    original.write_bytes(b"precious")
    os.link(original, tmp_path / "b.png")
    check_target(tmp_path / "new.png", (original, "0", None, "rtsp://camera"), ".png")
    check_target(tmp_path / "new.PNG", (), ".png")
    for name in ("a.png", "b.png"):
        with pytest.raises(OptionsError, match="never overwritten"):
            check_target(tmp_path / name, (original,), ".png")
    with pytest.raises(OptionsError, match=r"must end in \.png: call it sheet\.png"):
        check_target(tmp_path / "sheet.jpg", (), ".png")
    with pytest.raises(RecordError, match="there is no folder"):
        check_target(tmp_path / "none" / "sheet.png", (), ".png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(RecordError, match="it is a folder"):
        check_target(tmp_path / "folder.png", (), ".png")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root, as whom tests may run, may write everywhere
    with pytest.raises(RecordError, match="is not writable"):
        check_target(tmp_path / "new.png", (), ".png")


@pytest.fixture
def files(tmp_path, monkeypatch, style_folder):
    """A film and a picture here, and a style that can paint them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STYLECAM_STYLES", str(style_folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))  # the same on Windows
    write_film(tmp_path / "film.mp4")
    cv2.imwrite("photo.png", np.full((64, 64, 3), 100, np.uint8))
    return {name: (tmp_path / name).read_bytes() for name in ("film.mp4", "photo.png")}


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        ("--camera film.mp4 --no-window --style same --record film.mp4", 2, "never overwritten"),
        ("--camera=~/film.mp4 --no-window --style same --record film.mp4", 2, "never overwritten"),
        ("--camera photo.png --no-window --style same --snapshot photo.png", 2, "never overwritten"),
        ("--camera photo.png --no-window --style same --snapshot other.jpg", 2, "must end in .png"),
        ("--camera photo.png --no-window --style same --snapshot none/x.png", 1, "no folder"),
        ("--camera film.mp4 --no-window --style same --record none/x.mp4", 1, "no folder"),
        ("styles sheet photo.png -o photo.png", 2, "never overwritten"),
        ("convert photo.png -o out.png --style same --sheet photo.png", 2, "never overwritten"),
    ],
)
def test_originals_stay(files, tmp_path, capsys, arguments, code, word):
    before = {path.name for path in tmp_path.iterdir()}
    assert main(arguments.split()) == code
    said = capsys.readouterr().err.strip()
    assert word in said
    assert said.count("\n") == 0
    assert {name: (tmp_path / name).read_bytes() for name in files} == files
    assert {path.name for path in tmp_path.iterdir()} == before
