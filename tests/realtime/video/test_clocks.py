"""Clocks of recorders and of films that were joined: one clock comes out, for picture and sound."""

import json
from fractions import Fraction
from itertools import pairwise

import pytest

from stylecam.realtime.cli import main
from stylecam.realtime.convert import segments
from stylecam.realtime.video.clock import Clock
from stylecam.realtime.video.libraries import av

from ...films import heard, number_of, numbered, packets, pictures, times, write_film
from ...interruption import interrupted_after
from ...source_frames import read_frames


def _joined(tmp_path, count=2, suffix=".mkv", **film):
    part = write_film(tmp_path / f"part{suffix}", range(0, 800, 40), Fraction(1, 1000), **film)
    joined = tmp_path / f"in{suffix}"
    joined.write_bytes(part.read_bytes() * count)
    return part, joined


@pytest.mark.parametrize("codec", ["libx264", "mpeg4", "libvpx-vp9"])
def test_a_clock_that_begins_anew_goes_on(convert, tmp_path, codec):
    part, source = _joined(tmp_path, sounds=1, codec=codec)
    length = heard(part)[2]
    for suffix in (".mp4", ".mkv"):
        target = tmp_path / f"out{suffix}"
        code, said = convert(source, target)
        assert (code, said.count("\n")) == (0, 1), said
        shown = pictures(target)
        assert [number_of(picture) for _, picture in shown] == [*range(20), *range(20)]
        assert max(b[0] - a[0] for a, b in pairwise(shown)) < Fraction(1, 8)
        assert packets(target) == packets(part) * 2
        assert abs(heard(target)[2] - 2 * length) < 0.05
        begins = [shown[n][0] for n in (0, 20)]
        assert abs(float(begins[1] - begins[0]) - max(length, 0.8)) < 0.06  # picture and sound begin anew together


def test_a_joined_film_live(tmp_path, style_folder, capsys):
    _, source = _joined(tmp_path)
    style = ["--style", str(style_folder / "same-fast.onnx")]
    command = ["--camera", str(source), "--no-window", "--record", str(tmp_path / "out.mp4"), "--json", *style]
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out)["frames_shown"] == 40
    assert times(tmp_path / "out.mp4") == [Fraction(n, 25) for n in range(40)]


def test_a_part_of_a_joined_film(convert, tmp_path):
    _, source = _joined(tmp_path, sounds=1)
    assert convert(source, tmp_path / "out.mp4", "--start", "1.0", "--end", "1.2")[0] == 0
    assert [number_of(picture) for _, picture in pictures(tmp_path / "out.mp4")][:3] == [5, 6, 7]


def test_a_joined_film_is_resumed(tmp_path, style_folder, monkeypatch, capsys):
    monkeypatch.setattr(segments, "SEGMENT_FRAMES", 10)
    _, source = _joined(tmp_path, sounds=1)
    command = ["convert", str(source), "--resume", "--style", str(style_folder / "same-fast.onnx"), "-o"]
    assert main([*command, str(tmp_path / "whole.mp4")]) == 0
    for frames in (17, 33):
        with monkeypatch.context() as patch:
            interrupted_after(patch, frames)
            assert main([*command, str(tmp_path / "out.mp4")]) == 130
    assert main([*command, str(tmp_path / "out.mp4")]) == 0
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()


@pytest.mark.parametrize(("suffix", "codec", "count"), [(".mkv", "libx264", 3), (".flv", "flv", 2)])
def test_what_lies_behind_and_cannot_be_read_is_said(convert, tmp_path, style_folder, capsys, suffix, codec, count):
    _, source = _joined(tmp_path, count, suffix, codec=codec)
    code, said = convert(source, tmp_path / "out.mp4")
    assert (code, f"in{suffix} contains a second film, which cannot be read" in said) == (3, True), said
    style = ["--style", str(style_folder / "same-fast.onnx")]
    assert main(["--camera", str(source), "--no-window", "--frames", "500", *style]) == 3
    assert "contains a second film" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("suffix", "begin"), [(".mkv", 1), (".mkv", 3600), (".webm", 3600), (".flv", 3600), (".mp4", 1), (".mp4", 3600)]
)
def test_a_recording_begins_when_its_first_picture_comes(convert, tmp_path, source_of, suffix, begin):
    base = Fraction(1, 1000)
    codec = {".webm": "libvpx-vp9", ".flv": "flv"}.get(suffix, "mpeg4")
    at = [begin * 1000 + 40 * n for n in range(25)]
    source = write_film(tmp_path / f"in{suffix}", at, base, codec=codec)
    code, said = convert(source, tmp_path / "out.mp4")
    assert (code, said.count("\n")) == (0, 1), said
    meant = suffix == ".mp4" and begin == 1  # an edit list says that there is nothing to be seen before
    shown = times(tmp_path / "out.mp4")
    assert [round(time * 25) for time in shown] == [25 * meant + n for n in range(25)]
    with source_of(source) as live:
        assert len(read_frames(live, 100)) == 25
        assert live.damaged is None


def test_sound_keeps_its_place_beside_a_late_picture(convert, tmp_path):
    source = write_film(tmp_path / "in.mkv", range(400, 1200, 40), Fraction(1, 1000), sounds=1)
    assert convert(source, tmp_path / "out.mkv")[0] == 0
    before, after = (times(path)[0] - Fraction(heard(path)[1]) for path in (source, tmp_path / "out.mkv"))
    assert abs(before - after) < Fraction(2, 1000)


def _with_same_times(path, repeats):
    """Numbered pictures, 25 a second, of which each `repeats`-th has the time of the one before it."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        told, made = [], []
        for n in range(60):
            frame = av.VideoFrame.from_ndarray(numbered(n), "bgr24")
            frame.pts, frame.time_base = 40 * n, Fraction(1, 1000)
            made += stream.encode(frame)
            told.append(told[-1] + 40 * (n % repeats != 0) if told else 0)
        for packet, time in zip([*made, *stream.encode(None)], told, strict=True):
            packet.pts = packet.dts = time
            packet.duration = 40
            container.mux(packet)
    return told


@pytest.mark.parametrize("repeats", [2, 5])
def test_a_delay_is_given_back(convert, tmp_path, source_of, repeats):
    source = tmp_path / "in.mkv"
    told = _with_same_times(source, repeats)
    assert convert(source, tmp_path / "out.mkv")[0] == 0
    with source_of(source) as live:
        recorded = [frame.pts for frame in read_frames(live, 100)]
    for shown in (times(tmp_path / "out.mkv"), [time - recorded[0] for time in recorded]):
        assert len(shown) == 60
        assert all(b > a for a, b in pairwise(shown))
        assert max(abs(1000 * time - expected) for time, expected in zip(shown, told, strict=True)) <= 40
        assert abs(1000 * shown[-1] - told[-1]) <= 40


class _Packet:
    def __init__(self, index, kind, ticks, length=40):
        self.stream = type("Stream", (), {"index": index, "type": kind})
        self.pts = self.dts = ticks
        self.duration, self.time_base = length, Fraction(1, 1000)


def _corrected(clock, *packets_):
    for packet in packets_:
        clock.correct(packet)
    return [packet.pts for packet in packets_]


def test_streams_begin_anew_together():
    clock = Clock(False)
    assert _corrected(clock, _Packet(0, "video", 960), _Packet(1, "audio", 990, 20)) == [960, 990]
    assert not clock.restarted
    assert _corrected(clock, _Packet(1, "audio", 5, 20), _Packet(0, "video", 0), _Packet(2, "subtitle", 7)) == [
        1010, 1005, 7,
    ]  # fmt: skip
    assert clock.restarted


def test_a_jump_ahead_is_none_where_a_wait_may_be_meant():
    for jumps, expected in ((True, 1000), (False, 90_000)):
        clock = Clock(jumps)
        assert _corrected(clock, _Packet(0, "video", 960), _Packet(0, "video", 90_000)) == [960, expected]
