"""Two real Ray workers on this machine make what a local conversion makes."""

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from stylecam.realtime.cli import main
from stylecam.realtime.convert import segments
from stylecam.realtime.convert.cluster import Part, parts_of
from stylecam.realtime.convert.cut import Cut
from stylecam.realtime.convert.video_reader import VideoReader

from ...films import number_of, pictures, times, write_film
from ...ray_here import ray_here


def test_two_workers_make_the_same_files(tmp_path, style_folder):
    """In a process of its own: Ray leaves threads behind, and warnings."""
    pytest.importorskip("ray")
    (tmp_path / "in").mkdir()
    write_film(tmp_path / "in" / "film.mp4", range(0, 300 * 512, 512), size=(64, 48), sounds=1)
    write_film(tmp_path / "in" / "short.mkv", [0, 40, 90], Fraction(1, 1000), size=(64, 48))
    for n in range(3):
        _photo(tmp_path / "in" / f"{n}.png", n)
    (tmp_path / "in" / "broken.png").write_bytes(b"no picture")
    styles = ",".join(str(style_folder / f"{name}-fast.onnx") for name in ("same", "negative"))
    arguments = ["convert", str(tmp_path / "in"), "--style", styles]
    assert main([*arguments, "-o", str(tmp_path / "here")]) == 3  # one of them is broken
    command = [
        sys.executable,
        "-m",
        "stylecam.realtime.cli",
        *arguments,
        "-o",
        str(tmp_path / "there"),
        "--ray",
        "local",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert "broken.png" in done.stderr
    here, there = (sorted(path.name for path in (tmp_path / name).iterdir()) for name in ("here", "there"))
    assert len(here) == 10
    assert there == here
    for name in here:
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes(), name


def _photo(path, n):
    from stylecam.realtime.video.libraries import cv2

    cv2.imwrite(str(path), np.random.default_rng(n).integers(0, 255, (40, 50, 3), np.uint8))


def test_no_cluster_is_one_sentence(tmp_path, style_folder, capsys):
    pytest.importorskip("ray")
    source = write_film(tmp_path / "in.mp4")
    style = str(style_folder / "same-fast.onnx")
    command = [sys.executable, "-m", "stylecam.realtime.cli", "convert", str(source), "--style", style]
    command += ["-o", str(tmp_path / "out.mp4"), "--ray", "127.0.0.1:1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("realtime: --ray 127.0.0.1:1: cannot connect to a cluster")


def test_parts_are_the_segments_of_a_local_conversion(tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "SEGMENT_FRAMES", 10)
    source = write_film(tmp_path / "in.mp4", range(1024, 1024 + 25 * 512, 512))
    shown = [int(time * 12800) for time in times(source)]
    with VideoReader(source) as reader:
        assert parts_of(reader) == [
            Part(None, shown[9], lead=None),
            Part(shown[9], shown[19], lead=shown[0]),
            Part(shown[19], None, lead=shown[10]),
        ]
    with VideoReader(source, Cut(start=Fraction(1, 5), end=Fraction(4, 5))) as reader:
        parts = parts_of(reader)
        assert len(parts) == 2
        assert parts[0].last == 9 * 512
    with VideoReader(source, Cut(fps=Fraction(5))) as reader:
        assert parts_of(reader) == [Part(None, None)]


def test_a_conversion_is_the_same_whoever_paints_its_parts(tmp_path, style_folder, monkeypatch):
    """The workers' own code, called here."""
    monkeypatch.setattr(segments, "SEGMENT_FRAMES", 10)
    source = write_film(tmp_path / "in.mp4", range(0, 25 * 512, 512), sounds=1)
    arguments = ["convert", str(source), "--style", str(style_folder / "negative-fast.onnx")]
    assert main([*arguments, "-o", str(tmp_path / "here.mp4")]) == 0
    monkeypatch.setitem(sys.modules, "ray", ray_here())
    assert main([*arguments, "-o", str(tmp_path / "there.mp4"), "--ray", "local"]) == 0
    assert (tmp_path / "there.mp4").read_bytes() == (tmp_path / "here.mp4").read_bytes()
    assert times(tmp_path / "there.mp4") == times(source)
    assert number_of(255 - pictures(tmp_path / "there.mp4")[7][1]) == 7
