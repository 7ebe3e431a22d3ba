"""A run over several files that was stopped goes on when the same command is given again, and never mixes."""

import signal
import subprocess
import sys

import numpy as np
import pytest

from stylecam.realtime.cli import main
from stylecam.realtime.commands import convert_session
from stylecam.realtime.convert import segments
from stylecam.realtime.painting.repainter import Repainter
from stylecam.realtime.video.libraries import cv2

from ...films import number_of, pictures, write_film
from ...interruption import interrupted_after


@pytest.fixture
def photos(tmp_path):
    """Six pictures that differ."""
    (tmp_path / "in").mkdir()
    for n in range(6):
        cv2.imwrite(str(tmp_path / "in" / f"{n}.png"), np.full((40, 40, 3), 10 * n, np.uint8))
    return tmp_path / "in"


@pytest.fixture
def run(tmp_path, style_folder, capsys):
    """run(*options) -> (exit code, stderr): the folder `in` to the folder `out`."""

    def run(*options, style="negative"):
        arguments = ["--style", str(style_folder / f"{style}-fast.onnx"), *map(str, options)]
        code = main(["convert", str(tmp_path / "in"), "-o", str(tmp_path / "out"), *arguments])
        return code, capsys.readouterr().err

    return run


def interrupted_at(monkeypatch, level, number=signal.SIGINT):
    """Ctrl-C while the picture of that grey is painted."""
    paint = Repainter.paint

    def painted(self, index, picture):
        if picture[0, 0, 0] == level:
            signal.raise_signal(number)
        return paint(self, index, picture)

    monkeypatch.setattr(Repainter, "paint", painted)
    monkeypatch.setattr(convert_session, "parallel_threads", lambda lines: (1, 1))  # many cores would finish all


def made(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if not path.name.startswith(".")}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_pictures(tmp_path, photos, run, monkeypatch, number):
    with monkeypatch.context() as patch:
        interrupted_at(patch, 0, number)
        code, said = run()
    first = made(tmp_path / "out")
    assert code == 130
    assert 0 < len(first) < 6
    assert said.splitlines()[-1].startswith(f"realtime: to continue: realtime convert {photos}")
    code, said = run()
    assert code == 0
    assert f"already finished: {len(first)} of the files" in said
    assert made(tmp_path / "out").items() >= first.items()  # not written again
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [f"{n}.png" for n in range(6)]
    for n in range(6):
        assert (cv2.imread(str(tmp_path / "out" / f"{n}.png")) == 255 - 10 * n).all()
    code, said = run()
    assert (code, "exists already; --overwrite replaces it" in said) == (2, True)  # the run is over


def test_with_overwrite_it_goes_on_too_and_without_another_file_is_safe(tmp_path, photos, run, monkeypatch):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "0.png").write_bytes(b"precious")
    assert run()[0] == 2
    assert (tmp_path / "out" / "0.png").read_bytes() == b"precious"
    with monkeypatch.context() as patch:
        interrupted_at(patch, 0)
        assert run("--overwrite")[0] == 130
    first = made(tmp_path / "out")
    assert run("--overwrite")[0] == 0
    assert made(tmp_path / "out").items() >= first.items()


@pytest.mark.parametrize("other", [("--strength", "0.5"), ("--quality", "90")])
def test_other_settings_never_mix(tmp_path, photos, run, monkeypatch, other):
    with monkeypatch.context() as patch:
        interrupted_at(patch, 0)
        assert run()[0] == 130
    for options, style in ((other, "negative"), ((), "same")):
        code, said = run(*options, style=style)
        assert (code, "exists already" in said) == (2, True)
    assert run()[0] == 0


def test_discard(tmp_path, photos, run, monkeypatch):
    with monkeypatch.context() as patch:
        interrupted_at(patch, 0)
        assert run()[0] == 130
        first = made(tmp_path / "out")
        code, said = run("--discard")
        assert code == 130
        assert "to continue" not in said
        assert list((tmp_path / "out").iterdir()) == []
        assert run()[0] == 130
    code, said = run("--discard")
    assert (code, "already finished" in said) == (0, False)
    again = made(tmp_path / "out")
    assert len(again) == 6
    assert all(again[name] > first[name] for name in first)


def test_a_result_or_an_input_that_has_changed(tmp_path, photos, run, monkeypatch):
    with monkeypatch.context() as patch:
        interrupted_at(patch, 0)
        assert run()[0] == 130
    result = tmp_path / "out" / "0.png"
    result.write_bytes(b"precious")
    code, said = run()
    assert (code, "0.png exists already" in said, result.read_bytes()) == (2, True, b"precious")
    result.unlink()
    cv2.imwrite(str(photos / "1.png"), np.full((48, 48, 3), 200, np.uint8))
    assert run()[0] == 0
    assert (cv2.imread(str(tmp_path / "out" / "1.png")) == 55).all()
    assert len(made(tmp_path / "out")) == 6


def test_films(tmp_path, run, monkeypatch):
    monkeypatch.setattr(segments, "SEGMENT_FRAMES", 10)
    (tmp_path / "in").mkdir()
    for n, frames in enumerate((5, 30, 8)):
        write_film(tmp_path / "in" / f"{n}.mp4", range(0, frames * 512, 512))
    with monkeypatch.context() as patch:
        interrupted_after(patch, 25)
        code, said = run("--json", style="same")
    assert (code, "1.mp4: stopped after 25 frames, 20 of them kept" in said) == (130, True)
    first = made(tmp_path / "out")
    assert list(first) == ["0.mp4"]
    code, said = run(style="same")
    assert (code, "continues after 20 frames" in said, "already finished: 1 of the files" in said) == (0, True, True)
    assert made(tmp_path / "out").items() >= first.items()
    for n, frames in enumerate((5, 30, 8)):
        assert [number_of(image) for _, image in pictures(tmp_path / "out" / f"{n}.mp4")] == list(range(frames))
    assert [path for path in (tmp_path / "out").iterdir() if path.name.startswith(".")] == []


def test_a_film_kept_in_part_counts_as_finished_for_resume_and_is_replaced_by_overwrite(tmp_path, run, monkeypatch):
    (tmp_path / "in").mkdir()
    for n in range(2):
        write_film(tmp_path / "in" / f"{n}.mp4")
    with monkeypatch.context() as patch:
        interrupted_after(patch, 7)
        assert run("--keep-partial", style="same")[0] == 130
    assert len(pictures(tmp_path / "out" / "0.mp4")) == 7
    assert run("--resume", "--strength", "0.5", style="same")[0] == 0  # as ever: what is there is finished
    assert len(pictures(tmp_path / "out" / "0.mp4")) == 7
    assert run("--keep-partial", "--overwrite", style="same")[0] == 0
    assert [len(pictures(tmp_path / "out" / f"{n}.mp4")) for n in range(2)] == [20, 20]


def test_a_file_that_could_not_be_written_is_tried_again(tmp_path, photos, run, monkeypatch):
    def full(path, data):
        if path.name == "3.png":
            raise OSError(28, "No space left on device")
        path.write_bytes(data)

    with monkeypatch.context() as patch:
        patch.setattr("stylecam.realtime.convert.picture_conversion.write_whole", full)
        code, said = run()
    assert (code, "5 of 6 files converted, 1 failed or incomplete; run the same command to try them again" in said) == (
        3,
        True,
    )
    code, said = run()
    assert (code, "already finished: 5 of the files" in said) == (0, True)
    assert len(list((tmp_path / "out").iterdir())) == 6


def test_a_sheet_waits_for_the_end(tmp_path, photos, run, monkeypatch):
    sheet = tmp_path / "sheet.png"
    with monkeypatch.context() as patch:
        interrupted_at(patch, 0)
        assert run("--sheet", sheet)[0] == 130
    assert not sheet.exists()
    assert run("--sheet", sheet)[0] == 0
    assert sheet.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_after_being_killed(tmp_path, photos, style_folder):
    arguments = ["convert", str(photos), "-o", str(tmp_path / "out"), "--style", str(style_folder / "same-fast.onnx")]
    program = f"""
import os, signal, sys
from stylecam.realtime import cli
from stylecam.realtime.commands import convert_session
from stylecam.realtime.convert.unfinished import UnfinishedRun
add = UnfinishedRun.add
def dying(self, *made):
    add(self, *made)
    os.kill(os.getpid(), signal.SIGKILL)
convert_session.parallel_threads = lambda lines: (1, 1)
UnfinishedRun.add = dying
sys.exit(cli.main({arguments!r}))
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    first = made(tmp_path / "out")
    assert len(first) == 1
    assert main(arguments) == 0
    assert made(tmp_path / "out").items() >= first.items()
    assert len(list((tmp_path / "out").iterdir())) == 6
