"""Films are steadied, and a segment is the same whether it is painted in one run, after a break, or elsewhere."""

import json
import sys
from itertools import pairwise

import numpy as np
import pytest

from stylecam.realtime.cli import main
from stylecam.realtime.convert import segments
from stylecam.realtime.convert.steady_film import SteadyFilm, lead_frames
from stylecam.realtime.painting.motion import MotionSearch
from stylecam.realtime.video.libraries import av, cv2

from ...films import pictures, times, write_film
from ...interruption import interrupted_after
from ...ray_here import ray_here
from ..painting.moving_scene import HEIGHT, WIDTH, painted, scene, view

FRAMES = 34


@pytest.fixture
def film(tmp_path):
    """A camera that pans over a scene."""
    path = tmp_path / "pan.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "6", "crf": "12"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(view(scene(), 0.9 * number - 15, 0.4 * number), format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def _lossless(source, target, *more):
    return ["convert", str(source), "-o", str(target), "--style", "scream", "--codec", "ffv1", *more]


def _boil(path):
    """How far from one picture to the next, the pan taken back."""
    shown = [
        cv2.warpAffine(picture, np.float32([[1, 0, -0.9 * n], [0, 1, -0.4 * n]]), (WIDTH, HEIGHT))
        for n, (_, picture) in enumerate(pictures(path))
    ]
    return np.mean([np.abs(b.astype(int) - a)[40:-40, 40:-40].mean() for a, b in pairwise(shown)])


def test_a_film_is_steadied_unless_it_is_not_to_be(film, tmp_path):
    for name, more in (("usual", ()), ("plain", ("--steady", "0")), ("most", ("--steady", "1"))):
        assert main(_lossless(film, tmp_path / f"{name}.mkv", *more)) == 0
    boil = {name: _boil(tmp_path / f"{name}.mkv") for name in ("usual", "plain", "most")}
    assert boil["most"] < boil["usual"] < 0.9 * boil["plain"]
    first = [pictures(tmp_path / f"{name}.mkv")[0][1] for name in boil]
    assert np.array_equal(first[0], first[1])
    assert np.array_equal(first[0], first[2])
    assert times(tmp_path / "usual.mkv") == times(film)


@pytest.mark.parametrize("length", [5, 15])
def test_a_segment_is_the_same_wherever_a_conversion_begins(monkeypatch, length):
    monkeypatch.setattr(segments, "SEGMENT_FRAMES", length)
    frames = [view(scene(), 0.9 * n - 15, 0) for n in range(40)]
    paintings = [[painted(frame, seed), painted(frame, 100 + seed)] for seed, frame in enumerate(frames)]
    search = MotionSearch()
    motions = [search(frame) for frame in frames]
    whole = SteadyFilm(2, 0.8)
    in_one_run = [whole.next(*one) for one in zip(paintings, motions, strict=True)]
    for begin in range(length, 40, length):
        alone = SteadyFilm(2, 0.8)
        for number in range(begin - lead_frames(), begin):
            alone.lead(paintings[number], motions[number])
        for number in range(begin, 40):
            assert np.array_equal(alone.next(paintings[number], motions[number]), in_one_run[number]), number
    assert not np.array_equal(in_one_run[length], paintings[length])


def test_a_conversion_that_broke_off_goes_on_as_if_it_had_not(film, tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "SEGMENT_FRAMES", 10)
    assert main(_lossless(film, tmp_path / "whole.mkv")) == 0
    with monkeypatch.context() as patch:
        interrupted_after(patch, 23)
        assert main(_lossless(film, tmp_path / "out.mkv", "--resume")) == 130
    assert main(_lossless(film, tmp_path / "out.mkv", "--resume")) == 0
    assert _same_pictures(tmp_path / "out.mkv", tmp_path / "whole.mkv")


@pytest.mark.parametrize("more", [("--strength", "0"), ("--steady", "0")])
def test_what_is_not_steadied_goes_on_too(film, tmp_path, monkeypatch, more):
    monkeypatch.setattr(segments, "SEGMENT_FRAMES", 10)
    with monkeypatch.context() as patch:
        interrupted_after(patch, 23)
        assert main(_lossless(film, tmp_path / "out.mkv", "--resume", *more)) == 130
    assert main(_lossless(film, tmp_path / "out.mkv", "--resume", *more)) == 0
    assert times(tmp_path / "out.mkv") == times(film)


@pytest.mark.parametrize("size", [(100, 10), (640, 14), (34, 16)])
def test_a_film_of_a_few_lines(tmp_path, size):
    assert main(_lossless(write_film(tmp_path / "in.mp4", size=size), tmp_path / "out.mkv")) == 0
    assert len(times(tmp_path / "out.mkv")) == 20


def test_another_engine_starts_anew(film, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(segments, "SEGMENT_FRAMES", 10)
    with monkeypatch.context() as patch:
        interrupted_after(patch, 23)
        assert main(_lossless(film, tmp_path / "out.mkv", "--resume", "--device", "openvino:f32")) == 130
    assert main(_lossless(film, tmp_path / "out.mkv", "--resume", "--device", "cpu", "--json")) == 0
    assert json.loads(capsys.readouterr().out)["files"][0]["resumed_frames"] == 0


@pytest.mark.parametrize("cut", [(), ("--start", "0.3"), ("--fps", "30")])
def test_a_cluster_makes_the_same_film(film, tmp_path, monkeypatch, cut):
    monkeypatch.setattr(segments, "SEGMENT_FRAMES", 10)
    assert main(_lossless(film, tmp_path / "here.mkv", *cut)) == 0
    monkeypatch.setitem(sys.modules, "ray", ray_here())
    assert main(_lossless(film, tmp_path / "there.mkv", "--ray", "local", *cut)) == 0
    assert _same_pictures(tmp_path / "there.mkv", tmp_path / "here.mkv")


def _same_pictures(one, other):
    first, second = pictures(one), pictures(other)
    return len(first) == len(second) and all(
        a == b and np.array_equal(x, y) for (a, x), (b, y) in zip(first, second, strict=True)
    )
