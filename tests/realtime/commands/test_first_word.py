"""`realtime FILE` plays it; a word that is neither a file nor a subcommand gets one sentence."""

import json

import numpy as np
import pytest

from stylecam.realtime.cli import main
from stylecam.realtime.video.libraries import cv2

from ...films import write_film


@pytest.fixture
def folder(tmp_path, style_folder, monkeypatch):
    """The folder to work in: a film, a photo, a file that is called as an option, one as a subcommand."""
    monkeypatch.setenv("STYLECAM_STYLES", str(style_folder))
    monkeypatch.chdir(tmp_path)
    write_film(tmp_path / "film.mp4", range(0, 3 * 512, 512))
    cv2.imwrite("photo.png", np.full((40, 60, 3), 9, np.uint8))
    write_film(tmp_path / "-x.mp4", [0, 512])
    write_film(tmp_path / "doctor.mp4", [0]).rename(tmp_path / "doctor")
    return tmp_path


OPTIONS = ["--no-window", "--json", "--style", "negative"]


@pytest.mark.parametrize(
    ("words", "source", "frames"),
    [
        (["film.mp4", *OPTIONS], "film.mp4", 3),
        ([*OPTIONS, "film.mp4", "--frames", "2"], "film.mp4", 2),
        ([*OPTIONS, "photo.png"], "photo.png", 1),
        ([*OPTIONS, "--", "-x.mp4"], "-x.mp4", 2),
        (["./doctor", *OPTIONS], "./doctor", 1),
    ],
)
def test_a_file_is_played(folder, capsys, words, source, frames):
    assert main(words) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["source"], report["frames_shown"]) == (source, frames)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["konvert", "film.mp4"], "konvert is neither a command nor a file; did you mean `realtime convert`?"),
        (["covert.mp4", "--style", "same"], "covert.mp4 is neither a command nor a file: check the path, or use"),
        (["demo"], "to use it as a camera: realtime --camera demo"),
        (["http://192.0.2.7/video"], "to use it as a camera: realtime --camera http://192.0.2.7/video"),
        (["film.mp4", "photo.png"], "film.mp4 and photo.png: only one source can be played at a time"),
        (["--camera", "demo", "film.mp4"], "--camera demo and film.mp4: only one source"),
        (["film.mp4", "convert", "-o", "out.mp4"], "goes before its files: realtime convert film.mp4"),
    ],
)  # fmt: skip
def test_another_word_is_one_sentence(folder, capsys, words, said):
    assert main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert told.err.count("\n") == 1


def test_a_subcommand_comes_before_a_file_of_its_name(folder, capsys):
    main(["doctor", "--json"])
    assert "python" in {finding["what"] for finding in json.loads(capsys.readouterr().out)}
