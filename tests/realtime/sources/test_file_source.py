"""Films as a source: every frame, at its time, and what is wrong with a file."""

import contextlib
import gc
import itertools
import threading
from fractions import Fraction

import numpy as np
import pytest

from stylecam.models.errors import SourceError
from stylecam.realtime.sources.camera_option import open_source
from stylecam.realtime.video.colours import to_bgr
from stylecam.realtime.video.frame import EndOfSource
from stylecam.realtime.video.libraries import av

from ...source_frames import read_frames, write_video


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30000, 1001), Fraction(60)])
def test_a_file_gives_every_frame_at_its_exact_rate(tmp_path, fps):
    with open_source(str(write_video(tmp_path / "a.mp4", 33, fps))) as source:
        frames = read_frames(source, 100)
        assert source.fps == fps
    levels = [int(f.image.mean()) for f in frames]
    assert len(frames) == 33
    assert np.abs(np.array(levels) - (4 * np.arange(33) + 20)).max() <= 4


def test_a_file_that_is_slow_to_read_does_not_hold_its_reader(tmp_path, monkeypatch):
    gate, pictures = threading.Event(), itertools.count()

    def slow(frame, turn):
        assert next(pictures) < 3 or gate.wait(30)
        return to_bgr(frame, turn)

    monkeypatch.setattr("stylecam.realtime.sources.file_images.to_bgr", slow)
    with open_source(str(write_video(tmp_path / "a.mp4"))) as source:
        assert [f.index for f in read_frames(source, 3)] == [0, 1, 2]
        assert source.read(timeout=0.01) is None
        gate.set()
        assert [f.index for f in read_frames(source, 100)] == list(range(3, 20))


def test_frames_are_let_go_of_at_once(tmp_path):
    """Not when the garbage collector comes by: hundreds of frames fit in between."""
    path = write_video(tmp_path / "a.mp4", frames=50)
    gc.collect()
    gc.disable()
    try:
        with open_source(str(path)) as source, contextlib.suppress(EndOfSource):
            while True:
                source.read(10)
        assert sum(issubclass(type(thing), av.VideoFrame) for thing in gc.get_objects()) <= 2
    finally:
        gc.enable()


def test_a_file_that_never_gives_its_next_frame_can_be_left(tmp_path, monkeypatch):
    gate, pictures = threading.Event(), itertools.count()

    def stuck(frame, turn):
        assert next(pictures) == 0 or gate.wait(30)
        return to_bgr(frame, turn)

    monkeypatch.setattr("stylecam.realtime.sources.file_images.to_bgr", stuck)
    monkeypatch.setattr("stylecam.realtime.sources.file_source.JOIN_TIMEOUT", 0.01)
    before = set(threading.enumerate())
    with open_source(str(write_video(tmp_path / "a.mp4"))):
        pass
    held = set(threading.enumerate()) - before
    gate.set()
    for thread in held:
        thread.join(20)
    assert [t.daemon for t in held] == [True]


def test_real_clips_are_complete(shared):
    for name, count, fps in (("bikes.mp4", 250, Fraction(25)), ("carphone.mp4", None, Fraction(30000, 1001))):
        with open_source(str(shared / "clips" / name)) as source:
            frames = read_frames(source, 1000, 60)
            assert source.fps == fps
            assert source.damaged is None
        assert len(frames) == (count or len(frames)) > 100


def test_what_is_no_video_is_refused_with_the_reason(tmp_path):
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("not a film " * 99)
    (tmp_path / "text.txt").write_text("not a film " * 99)
    (tmp_path / "bad.png").write_bytes(b"\x89PNG nothing")
    write_video(tmp_path / "sound.mp4", audio=True, video=False)
    expected = {
        "none.mp4": "there is no file", "empty.mp4": "is empty", "text.mp4": "not a video", "text.txt": "text",
        "bad.png": "not a supported picture", "sound.mp4": "only audio", ".": "folder",
    }  # fmt: skip
    for name, part in expected.items():
        with pytest.raises(SourceError, match=part) as error, open_source(str(tmp_path / name)):
            pass
        assert "\n" not in str(error.value)


def test_damage_that_the_reader_has_not_come_to_is_not_told(tmp_path, monkeypatch):
    monkeypatch.setattr("stylecam.realtime.sources.file_source.AHEAD", 1000)
    whole = write_video(tmp_path / "a.mkv", 55, Fraction(25), (160, 120)).read_bytes()
    path = tmp_path / "cut.mkv"
    path.write_bytes(whole[: len(whole) // 2])
    with open_source(str(path)) as source:
        first = read_frames(source, 1)
        decoder = next((t for t in threading.enumerate() if t.name == f"decode {path}"), None)
        if decoder is not None:
            decoder.join(20)  # it met the damage
        assert (len(first), source.damaged) == (1, None)
        read_frames(source, 1000)
        assert "cut.mkv" in source.damaged


@pytest.mark.parametrize("tenths", range(1, 10))
def test_a_truncated_file_is_refused_or_said_to_be_damaged(tmp_path, tenths):
    whole = write_video(tmp_path / "a.mkv", 55, Fraction(25), (160, 120)).read_bytes()
    path = tmp_path / "cut.mkv"
    path.write_bytes(whole[: len(whole) * tenths // 10])
    frames, damaged, refused = [], None, ""
    try:
        with open_source(str(path)) as source:
            frames = read_frames(source, 1000)
            damaged = source.damaged
    except SourceError as error:
        refused = str(error)
    assert len(frames) < 55
    if frames:
        lacks_half_a_second = 55 - len(frames) > 25 / 2
        assert "cut.mkv" in damaged if lacks_half_a_second else damaged is None or "cut.mkv" in damaged
    else:
        assert "cut.mkv" in refused


def test_a_broken_picture_does_not_end_a_film(tmp_path):
    path = write_video(tmp_path / "a.mp4", 55, Fraction(25), (160, 120), codec="mpeg4")
    with av.open(str(path)) as container:
        broken = [packet for packet in container.demux(video=0) if packet.size][33]
        place, size = broken.pos, broken.size
    data = bytearray(path.read_bytes())
    data[place : place + size] = b"\xff" * size
    path.write_bytes(data)
    with open_source(str(path)) as source:
        frames = read_frames(source, 1000)
        assert len(frames) in (54, 55)
        assert frames[-1].pts == Fraction(54, 25)
        assert source.damaged == f"{path} has 1 damaged picture"
