"""A conversion ends in a right file or in the right sentence and exit code, whatever happens to it."""

import json
import os
import random
import shlex
import signal
import subprocess
import sys
from fractions import Fraction

import pytest

from stylecam.models.errors import RecordError
from stylecam.realtime.cli import main
from stylecam.realtime.convert import assembly, segments, video_conversion
from stylecam.realtime.convert.segment_folders import SegmentFolders

from ...films import number_of, pictures, times, write_film
from ...interruption import interrupted_after


@pytest.fixture
def same(style_folder):
    return ["--style", str(style_folder / "same-fast.onnx")]


def leftovers(folder):
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


@pytest.mark.parametrize("name", ["photo.psd", "notes.txt"])
def test_a_file_of_an_unknown_kind_is_not_called_a_video(tmp_path, same, capsys, name):
    (tmp_path / name).write_bytes(b"something")
    assert main(["convert", str(tmp_path / name), "-o", str(tmp_path / "out.png"), *same]) == 2
    said = capsys.readouterr().err
    assert f"{name} is not a supported picture (.jpg" in said
    assert "is a video" not in said.replace("if it is a video", "")


def test_existing_files_and_originals_are_safe(tmp_path, same, capsys):
    source = write_film(tmp_path / "in.mp4")
    original = source.read_bytes()
    (tmp_path / "out.mp4").write_bytes(b"precious")
    assert main(["convert", str(source), "-o", str(tmp_path / "out.mp4"), *same]) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert (tmp_path / "out.mp4").read_bytes() == b"precious"
    os.link(source, tmp_path / "hard.mp4")
    (tmp_path / "soft.mp4").symlink_to(source)
    for name in ("in", "hard", "soft"):
        assert main(["convert", str(source), "-o", str(tmp_path / f"{name}.mp4"), "--overwrite", *same]) == 2
        assert "never overwritten" in capsys.readouterr().err
    assert source.read_bytes() == original
    assert main(["convert", str(source), "-o", str(tmp_path / "out.mp4"), "--overwrite", *same]) == 0
    assert len(times(tmp_path / "out.mp4")) == 20


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["-o", "out.avi"], 2, "must end in"),
        (["-o", "out.mp4", "--start", "5", "--end", "3"], 2, "--end"),
        (["-o", "out.mp4", "--start", "x"], 2, "h:mm:ss"),
        (["-o", "out.mp4", "--start", "50"], 2, "no frames between"),
        (["-o", "out.mp4", "--fps", "0"], 2, "--fps"),
        (["-o", "out.mp4", "--codec", "nothing"], 2, "--codec"),
        (["-o", "out.mp4", "--codec", "aac"], 2, "--codec"),
        (["-o", "out.mp4", "--preset", "no-such"], 2, "--preset"),
        (["-o", "out.mp4", "--style", "nobody"], 5, "nobody"),
        (["-o", "out.mp4", "--style", "hokusai,hokusai"], 2, "different"),
        (["-o", "-", "--json"], 2, "stdout"),
        (["-o", "file/out.mp4"], 1, "file"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path, same, capsys, monkeypatch, arguments, code, word):
    write_film(tmp_path / "in.mp4")
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    style = [] if "--style" in arguments else same
    assert main(["convert", "in.mp4", *arguments, *style]) == code
    said = capsys.readouterr()
    assert word in said.err
    assert said.err.count("\n") == 1
    assert not leftovers(tmp_path)


@pytest.mark.parametrize("tenth", range(10))
def test_a_film_that_was_cut_off(tmp_path, same, capsys, tenth):
    whole = write_film(tmp_path / "whole.mkv", range(0, 4000, 40), Fraction(1, 1000), sounds=1)
    data = whole.read_bytes()
    source = tmp_path / "in.mkv"
    source.write_bytes(data[: len(data) * tenth // 10])
    code = main(["convert", str(source), "-o", str(tmp_path / "out.mkv"), *same])
    said = capsys.readouterr().err
    if code == 3:
        assert "missing" in said or "damaged" in said
        found = pictures(tmp_path / "out.mkv")
        assert 0 < len(found) < 100
        assert [number_of(picture) for _, picture in found] == list(range(len(found)))
    else:
        assert code == 4
        assert not (tmp_path / "out.mkv").exists()
    assert not leftovers(tmp_path)


@pytest.mark.parametrize("seed", range(8))
def test_a_film_with_flipped_bits(tmp_path, same, capsys, seed):
    source = write_film(tmp_path / "in.mp4", range(0, 60 * 512, 512), sounds=1)
    data = bytearray(source.read_bytes())
    chance = random.Random(seed)
    begin = data.index(b"mdat") + 8
    for _ in range(3):
        data[chance.randrange(begin, len(data) - 4000)] ^= 1 << chance.randrange(8)
    source.write_bytes(data)
    code = main(["convert", str(source), "-o", str(tmp_path / "out.mp4"), *same])
    said = capsys.readouterr().err
    if code == 0:  # the flip fell where it changes no more than a sound or a shade
        assert len(times(tmp_path / "out.mp4")) == 60
    elif code == 3:
        assert "damaged picture" in said or "missing" in said
        assert 0 < len(times(tmp_path / "out.mp4")) <= 60
    else:
        assert code == 4
        assert not (tmp_path / "out.mp4").exists()


def test_a_failure_leaves_nothing(tmp_path, same, capsys, monkeypatch):
    source = write_film(tmp_path / "in.mp4")

    def full(*_):
        raise OSError(28, "No space left on device")

    for module, name in ((segments.SegmentWriter, "add"), (assembly, "_interleaved")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, full)
            assert main(["convert", str(source), "-o", str(tmp_path / "out.mp4"), *same]) == 1
            assert "No space left" in capsys.readouterr().err
        assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "styles"]


def test_ctrl_c_before_the_first_part_leaves_nothing(tmp_path, same, capsys, monkeypatch):
    source = write_film(tmp_path / "in.mp4")
    out = tmp_path / "out.mp4"
    with monkeypatch.context() as patch:
        interrupted_after(patch, 7)
        assert main(["convert", str(source), "-o", str(out), *same]) == 130
        said = capsys.readouterr().err
        assert "stopped after 7 frames, none of them kept (the first part has 250 frames)" in said
        assert "continues" not in said
        assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "styles"]
        assert main(["convert", str(source), "-o", str(out), "--keep-partial", *same]) == 3
    assert [number_of(picture) for _, picture in pictures(out)] == list(range(7))
    assert not leftovers(tmp_path)


@pytest.mark.parametrize("more", [[], ["--resume"]])
def test_the_same_command_goes_on_after_ctrl_c(tmp_path, same, capsys, monkeypatch, more):
    monkeypatch.setattr(segments, "SEGMENT_FRAMES", 10)
    source = write_film(tmp_path / "my film.mp4", range(0, 50 * 512, 512), sounds=1)
    arguments = ["convert", str(source), "-o", str(tmp_path / "out.mp4"), *more, *same]
    with monkeypatch.context() as patch:
        interrupted_after(patch, 37)
        assert main(arguments) == 130
    assert leftovers(tmp_path) == [".out.mp4.partial"]
    said = capsys.readouterr().err.splitlines()
    assert "stopped after 37 frames, 30 of them kept" in said[-2]
    words = shlex.split(said[-1].partition("to continue: ")[2])
    assert words == ["realtime", *arguments]
    decoded = []
    monkeypatch.setattr(video_conversion._Conversion, "_add", _noting(decoded, video_conversion._Conversion._add))
    assert main(words[1:]) == 0
    assert "continues after 30 frames" in capsys.readouterr().err
    assert decoded == list(range(30 * 512, 50 * 512, 512))  # only what was not finished
    assert not leftovers(tmp_path)
    assert main(["convert", str(source), "-o", str(tmp_path / "whole.mp4"), *same]) == 0
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()


def _noting(decoded, add):
    def noted(self, picture, painted):
        decoded.append(picture.pts)
        add(self, picture, painted)

    return noted


@pytest.mark.parametrize("other", [["--strength", "0"], ["--discard"]])
def test_other_settings_and_discard_start_anew(tmp_path, same, capsys, monkeypatch, other):
    monkeypatch.setattr(segments, "SEGMENT_FRAMES", 10)
    source = write_film(tmp_path / "in.mp4")
    out = tmp_path / "out.mp4"
    with monkeypatch.context() as patch:
        interrupted_after(patch, 15)
        assert main(["convert", str(source), "-o", str(out), *same]) == 130
    assert leftovers(tmp_path)
    capsys.readouterr()
    assert main(["convert", str(source), "-o", str(out), *other, "--json", *same]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["files"][0]["resumed_frames"] == 0
    assert ("out.mp4 starts from the beginning" in told.err) == (other != ["--discard"])
    assert [number_of(picture) for _, picture in pictures(out)] == list(range(20))
    assert not leftovers(tmp_path)


def test_discard_leaves_nothing_after_ctrl_c(tmp_path, same, capsys, monkeypatch):
    monkeypatch.setattr(segments, "SEGMENT_FRAMES", 10)
    source = write_film(tmp_path / "in.mp4")
    arguments = ["convert", str(source), "-o", str(tmp_path / "out.mp4"), "--discard", *same]
    interrupted_after(monkeypatch, 15)
    assert main(arguments) == 130
    said = capsys.readouterr().err
    assert "none of them kept" in said
    assert "continues" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "styles"]
    for other in ("--keep-partial", "--resume"):
        assert main([*arguments, other]) == 2
        assert "contradict" in capsys.readouterr().err


def test_a_second_ctrl_c_stops_at_once_and_keeps_what_is_finished(tmp_path, same, capsys, monkeypatch):
    monkeypatch.setattr(segments, "SEGMENT_FRAMES", 10)
    source = write_film(tmp_path / "in.mp4")
    arguments = ["convert", str(source), "-o", str(tmp_path / "out.mp4"), *same]
    with monkeypatch.context() as patch:
        interrupted_after(patch, 15, times=2)
        assert main(arguments) == 130
    said = capsys.readouterr().err
    assert "to continue: realtime convert " in said
    assert said.endswith("realtime: interrupted\n")
    assert main(arguments) == 0
    assert "continues after 10 frames" in capsys.readouterr().err


def test_a_full_disk_keeps_what_is_finished(tmp_path, same, capsys, monkeypatch):
    monkeypatch.setattr(segments, "SEGMENT_FRAMES", 10)
    source = write_film(tmp_path / "in.mp4")
    arguments = ["convert", str(source), "-o", str(tmp_path / "out.mp4"), *same]

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(assembly, "_interleaved", full)
        assert main(arguments) == 1
    assert "No space left on device; the same command continues after 20 frames" in capsys.readouterr().err
    assert main(arguments) == 0
    assert [number_of(picture) for _, picture in pictures(tmp_path / "out.mp4")] == list(range(20))
    assert not leftovers(tmp_path)


def _convert_in_process(arguments, frames_before_death):
    """Runs the command in a process of its own, killed without mercy after so many frames; None: not killed."""
    program = f"""
import os, signal, sys
from stylecam.realtime import cli
from stylecam.realtime.convert import segments, video_conversion
segments.SEGMENT_FRAMES = 10
add = video_conversion._Conversion._add
def dying(self, picture, painted):
    add(self, picture, painted)
    if self.result.frames - self.result.resumed_frames == {frames_before_death}:
        os.kill(os.getpid(), signal.SIGKILL)
video_conversion._Conversion._add = dying
sys.exit(cli.main({arguments!r}))
"""
    return subprocess.run([sys.executable, "-c", program], check=False, capture_output=True).returncode


def test_resume_after_being_killed(tmp_path, same):
    source = write_film(tmp_path / "in.mp4", range(0, 60 * 512, 512), sounds=1)
    assert _convert_in_process(["convert", str(source), "-o", str(tmp_path / "whole.mp4"), *same], None) == 0
    arguments = ["convert", str(source), "-o", str(tmp_path / "out.mp4"), *same]
    for frames in (5, 13, 26):
        assert _convert_in_process(arguments, frames) == -signal.SIGKILL
        assert not (tmp_path / "out.mp4").exists()
    assert _convert_in_process(arguments, None) == 0
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()


def test_two_conversions_into_one_file(tmp_path, same, capsys):
    source = write_film(tmp_path / "in.mp4")
    with SegmentFolders([tmp_path / "out.mp4"], keep=False):
        assert main(["convert", str(source), "-o", str(tmp_path / "out.mp4"), *same]) == 1
        assert "another conversion" in capsys.readouterr().err
        assert leftovers(tmp_path) == [".out.mp4.partial"]
    assert main(["convert", str(source), "-o", str(tmp_path / "out.mp4"), *same]) == 0
    assert not leftovers(tmp_path)


def test_segments_that_do_not_fit_are_refused(tmp_path):
    whole = segments.Segment(tmp_path / "x", b"h", [1], [0], [1], [True])
    other = segments.Segment(tmp_path / "y", b"other", [1], [5], [1], [True])
    with pytest.raises(RecordError, match="start again with --discard"):
        list(segments.merged_packets([whole, other]))


def test_what_appears_meanwhile_is_left(tmp_path, same, capsys, monkeypatch):
    source = write_film(tmp_path / "in.mp4")
    out = tmp_path / "out.mp4"
    add = video_conversion._Conversion._add

    def appear(self, picture, painted):
        out.write_bytes(b"precious")
        add(self, picture, painted)

    monkeypatch.setattr(video_conversion._Conversion, "_add", appear)
    assert main(["convert", str(source), "-o", str(out), *same]) == 1
    assert "was created by another program meanwhile" in capsys.readouterr().err
    assert out.read_bytes() == b"precious"
    assert not leftovers(tmp_path)


@pytest.mark.parametrize("arguments", [["--codec", "h264", "-o", "out.webm"], ["--codec", "gif", "-o", "out.mp4"]])
def test_encoders_are_tried_before_any_work(tmp_path, same, capsys, monkeypatch, arguments):
    write_film(tmp_path / "in.mp4")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(video_conversion, "convert_video", None)  # it must not come to that
    assert main(["convert", "in.mp4", *arguments, *same]) == 2
    assert "does not work" in capsys.readouterr().err


def test_standard_output_takes_one(tmp_path, same, capsys):
    source = str(write_film(tmp_path / "in.mp4"))
    assert main(["convert", source, source, "-o", "-", *same]) == 2
    assert main(["convert", str(tmp_path), "-o", "-", *same]) == 2
    assert capsys.readouterr().out == ""
