"""Sound that is copied is all there, at its times, and can be heard: also where packets are very long or very short."""

import os
import shutil
import subprocess

import numpy as np
import pytest

from stylecam.realtime.video.libraries import av

from ...films import heard, number_of, packets, pictures, write_heard

SECONDS = 1.3  # longer than the pictures, and than a packet of TTA


def _samples(path):
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)])


def _length(path):
    with av.open(str(path)) as container:
        return container.duration


def _times(path):
    with av.open(str(path)) as container:
        return [packet.pts * packet.time_base for packet in container.demux(audio=0) if packet.size]


@pytest.mark.parametrize("codec", ["tta", "wavpack", "alac", "flac", "pcm_s24le"])
@pytest.mark.parametrize("seconds", [SECONDS, 0.7])
def test_no_sample_is_lost_in_matroska(convert, tmp_path, codec, seconds):
    source, target = write_heard(tmp_path / "in.mkv", codec, seconds=seconds, picture="libx264"), tmp_path / "out.mkv"
    code, said = convert(source, target)
    assert (code, said.count("\n")) == (0, 1), said
    assert packets(target) == packets(source)
    assert _times(target) == _times(source)
    assert _length(target) == _length(source)
    if codec != "tta" or seconds > 0.8:  # else the pictures are longer, and the film itself is not decoded to its end
        assert np.array_equal(_samples(target), _samples(source))
        assert heard(target)[2] == seconds


@pytest.mark.parametrize("seconds", [0.8, SECONDS, 2.2])
def test_the_last_packet_of_tta_can_be_heard(convert, tmp_path, seconds):
    """It is taken to be as long as all others, and a decoder goes by the film's length: FFmpeg's own copy loses it."""
    source, target = _with_ffmpeg(tmp_path / "in.mkv", seconds, "tta"), tmp_path / "out.mkv"
    assert convert(source, target)[0] == 0
    assert packets(target) == packets(source)
    assert _length(target) == _length(source)
    assert np.array_equal(_samples(target), _samples(source))


@pytest.mark.parametrize(
    ("codec", "suffix"), [("alac", ".mp4"), ("alac", ".mov"), ("flac", ".mp4"), ("pcm_s24le", ".mov")]
)
def test_no_sample_is_lost_from_matroska_to_others(convert, tmp_path, codec, suffix):
    """Matroska does not say how long the last packet is, and MP4 ends a film by it."""
    source, target = write_heard(tmp_path / "in.mkv", codec, seconds=SECONDS, picture="libx264"), tmp_path / "out"
    target = target.with_suffix(suffix)
    code, said = convert(source, target)
    assert (code, said.count("\n")) == (0, 1), said
    assert b"".join(packets(target)) == b"".join(packets(source))
    assert np.array_equal(_samples(target), _samples(source))


@pytest.mark.parametrize("codec", ["tta", "wavpack"])
@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".webm"])
def test_what_matroska_alone_holds_is_encoded_anew(convert, tmp_path, codec, suffix):
    source, target = write_heard(tmp_path / "in.mkv", codec, seconds=SECONDS, picture="libx264"), tmp_path / "out"
    target = target.with_suffix(suffix)
    code, said = convert(source, target)
    anew = "opus" if suffix == ".webm" else "aac"
    assert (code, heard(target)[0]) == (0, anew)
    assert f"{codec}) was encoded again as {anew}: a {suffix} file cannot hold it; .mkv can hold it" in said
    assert abs(heard(target)[2] - SECONDS) < 0.06


def test_a_part_of_tta_is_encoded_anew(convert, tmp_path):
    source, target = write_heard(tmp_path / "in.mkv", "tta", seconds=SECONDS, picture="libx264"), tmp_path / "out.mkv"
    code, said = convert(source, target, "--start", "0.2", "--end", "0.6")
    assert code == 0
    assert "stream 1 (audio, tta) was encoded again as aac: it cannot be cut in a .mkv file" in said
    assert [number_of(picture) for _, picture in pictures(target)] == list(range(5, 15))
    assert abs(heard(target)[2] - 0.4) < 0.06
    code, said = convert(source, tmp_path / "bare.mkv", "--end", "0.6", "--no-reencode")
    assert "stream 1 (audio, tta) was left out: it cannot be cut in a .mkv file" in said
    code, said = convert(write_heard(tmp_path / "wavpack.mkv", "wavpack"), tmp_path / "part.mkv", "--end", "0.6")
    assert (code, said.count("\n"), heard(tmp_path / "part.mkv")[0]) == (0, 1, "wavpack")


@pytest.mark.parametrize("codec", ["truehd", "mlp"])
@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_packets_shorter_than_a_tick_stay_in_time(convert, tmp_path, codec, suffix):
    """In Matroska's milliseconds several have one time; moved on by one each, the sound would last a fifth longer."""
    source = _with_ffmpeg(tmp_path / "in.mkv", 0.8, codec)
    target = tmp_path / f"out{suffix}"
    assert convert(source, target)[0] == 0
    assert abs(heard(target)[2] - 0.8) < 0.06
    if suffix == ".mkv":
        assert packets(target) == packets(source)
        assert _times(target) == _times(source)
        assert np.array_equal(_samples(target), _samples(source))


def _with_ffmpeg(path, seconds, codec):
    """A test picture of 0.8 s and a tone, by a program that has encoders which PyAV lacks, and other habits."""
    if shutil.which("ffmpeg") is None:
        (pytest.fail if os.environ.get("STYLECAM_CI") else pytest.skip)("there is no ffmpeg, which makes this film")
    picture, tone = "testsrc=size=96x64:rate=25:duration=0.8", f"sine=sample_rate=48000:duration={seconds}"
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone]
    command = ["ffmpeg", "-v", "error", *inputs, "-c:v", "libx264", "-ac", "2", "-c:a", codec, "-strict", "-2"]
    subprocess.run([*command, str(path)], check=True, stdin=subprocess.DEVNULL)
    return path


@pytest.mark.parametrize("codec", ["wmav1", "wmav2"])
def test_sound_is_not_copied_to_where_it_could_not_be_decoded(convert, tmp_path, codec):
    """MOV takes it, finds it again, and has lost what its decoder must know."""
    source, target = write_heard(tmp_path / "in.wmv", codec, rate=44100, picture="wmv2"), tmp_path / "out.mov"
    code, said = convert(source, target)
    assert (code, heard(target)[0]) == (0, "aac")
    assert f"{codec}) was encoded again as aac: a .mov file cannot hold it; .mkv can hold it" in said
