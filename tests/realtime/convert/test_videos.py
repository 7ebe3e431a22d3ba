"""`realtime convert` on videos: nothing of the original is lost, whatever it is."""

import json
import shutil
import subprocess
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from stylecam.realtime.cli import main
from stylecam.realtime.convert.segments import SEGMENT_FRAMES
from stylecam.realtime.video.libraries import av, cv2

from ...films import SIZE, number_of, numbered, packets, pictures, times, write_film


def numbers(path):
    return [number_of(picture) for _, picture in pictures(path)]


def test_pictures_times_and_sound_are_kept(convert, tmp_path):
    source = write_film(tmp_path / "in.mp4", sounds=2)
    code, said = convert(source, tmp_path / "out.mp4")
    assert (code, numbers(tmp_path / "out.mp4")) == (0, list(range(20)))
    assert times(tmp_path / "out.mp4") == times(source)
    for track in (0, 1):
        assert packets(tmp_path / "out.mp4", "audio", track) == packets(source, "audio", track)
    assert "20 frames" in said
    with av.open(str(source)) as before, av.open(str(tmp_path / "out.mp4")) as after:
        assert [s.metadata["language"] for s in after.streams.audio] == ["deu", "eng"]
        assert after.streams.video[0].average_rate == before.streams.video[0].average_rate == 25
        assert abs(after.duration - before.duration) < 1000  # microseconds
        assert after.streams.video[0].duration == before.streams.video[0].duration
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mp4", "styles"]


@pytest.mark.parametrize(
    ("times_", "base", "rate"),
    [
        ([0, 500, 700, 3000, 3001, 9000, 30000, 30500], Fraction(1, 12800), Fraction(25)),
        ([1000, 1512, 2024, 2536], Fraction(1, 12800), Fraction(25)),
        ([n * 1001 for n in range(12)], Fraction(1, 30000), Fraction(30000, 1001)),
        ([90000 + n * 3754 for n in range(5)], Fraction(1, 90000), Fraction(24000, 1001)),
        ([0], Fraction(1, 1000), Fraction(1)),
    ],
)
def test_times_are_exact(convert, tmp_path, times_, base, rate):
    source = write_film(tmp_path / "in.mp4", times_, base, rate)
    assert convert(source, tmp_path / "out.mp4")[0] == 0
    assert times(tmp_path / "out.mp4") == times(source)
    assert numbers(tmp_path / "out.mp4") == list(range(len(times_)))


def test_subtitles_chapters_and_tags_are_kept_where_there_is_room(convert, tmp_path):
    tags = {"title": "A walk", "artist": "Somebody"}
    source = write_film(
        tmp_path / "in.mkv",
        range(0, 800, 40),
        Fraction(1, 1000),
        sounds=2,
        subtitles=True,
        chapters=True,
        metadata=tags,
    )
    code, said = convert(source, tmp_path / "out.mkv")
    assert (code, "left out" in said) == (0, False)
    assert packets(tmp_path / "out.mkv", "subtitles") == packets(source, "subtitles")
    with av.open(str(source)) as before, av.open(str(tmp_path / "out.mkv")) as after:
        assert [s.type for s in after.streams] == [s.type for s in before.streams]
        assert after.chapters() == before.chapters()
        assert {after.metadata.get(key) for key in ("title", "ARTIST")} == {"A walk", "Somebody"}
    code, said = convert(source, tmp_path / "out.mp4")
    assert code == 0
    assert "srt" in said
    assert ".mkv can hold it" in said
    with av.open(str(tmp_path / "out.mp4")) as after:
        assert [len(after.streams.video), len(after.streams.audio), len(after.streams.subtitles)] == [1, 2, 0]
        assert [c["metadata"]["title"] for c in after.chapters()] == ["one", "two"]
        assert after.metadata["title"] == "A walk"


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_rotation_is_applied_once(convert, tmp_path, rotation):
    source = write_film(tmp_path / "in.mp4", [0, 512], rotation=rotation, aspect=Fraction(4, 3))
    assert convert(source, tmp_path / "out.mp4")[0] == 0
    with av.open(str(tmp_path / "out.mp4")) as container:
        frame = next(container.decode(video=0))
        sideways = rotation in (90, 270)
        assert (frame.width, frame.height) == (SIZE[::-1] if sideways else SIZE)
        assert round(frame.rotation) == 0
        assert container.streams.video[0].sample_aspect_ratio == (Fraction(3, 4) if sideways else Fraction(4, 3))
    # FFmpeg turns counterclockwise, as numpy does.
    expected = np.rot90(numbered(0), rotation // 90).astype(int)
    assert np.abs(pictures(tmp_path / "out.mp4")[0][1].astype(int) - expected).mean() < 3


@pytest.mark.parametrize(
    "film",
    [
        {"pix_fmt": "yuv420p10le"},
        {"size": (321, 179), "pix_fmt": "yuv444p"},
        {"times": [0]},
        {"codec": "mpeg4"},
        {"codec": "ffv1", "pix_fmt": "bgr0"},
        {"codec": "libvpx-vp9", "suffix": ".webm", "time_base": Fraction(1, 1000), "times": [0, 40, 80, 120]},
    ],
)
def test_kinds_of_video(convert, tmp_path, film):
    film = dict(film)
    source = write_film(tmp_path / f"in{film.pop('suffix', '.mkv' if film.get('codec') == 'ffv1' else '.mp4')}", **film)
    code, said = convert(source, tmp_path / "out.mp4")
    assert code == 0, said
    assert numbers(tmp_path / "out.mp4") == numbers(source) == list(range(len(numbers(source))))
    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.video[0]
        width, height = film.get("size", SIZE)
        assert (stream.codec.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (width + width % 2, height + height % 2)


def test_what_is_no_video_is_refused(convert, tmp_path, capsys):
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        track = container.add_stream("aac", rate=48000)
        sound = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
        sound.sample_rate = 48000
        container.mux(track.encode(sound))
        container.mux(track.encode(None))
    (tmp_path / "text.mp4").write_text("this is no film")
    (tmp_path / "empty.mp4").touch()
    for name, word in (
        ("sound", "only audio"),
        ("text", "is not a video or picture"),
        ("empty", "is not a video or picture"),
        ("absent", "check the path"),
    ):
        code, said = convert(tmp_path / f"{name}.mp4", tmp_path / "out.mp4")
        assert (code, word in said) == (4, True), said
        assert not list(tmp_path.glob("*out*"))


def test_a_part_at_another_rate_and_size(convert, tmp_path):
    source = write_film(tmp_path / "in.mp4", sounds=1)
    assert convert(source, tmp_path / "part.mp4", "--start", "0.2", "--end", "0:00:00.6")[0] == 0
    assert numbers(tmp_path / "part.mp4") == list(range(5, 15))
    assert times(tmp_path / "part.mp4") == [Fraction(n, 25) for n in range(10)]
    sound = packets(tmp_path / "part.mp4")
    assert 18 <= len(sound) <= 20  # 0.4 s, in packets of 1024 of 48000 samples
    assert b"".join(sound) in b"".join(packets(source))
    assert convert(source, tmp_path / "fast.mp4", "--fps", "50", "--no-audio", "--size", "64x48")[0] == 0
    assert numbers(tmp_path / "fast.mp4") == [n // 2 for n in range(40)]
    with av.open(str(tmp_path / "fast.mp4")) as container:
        assert not container.streams.audio
        assert (container.streams.video[0].width, container.streams.video[0].height) == (64, 48)
        assert container.streams.video[0].average_rate == 50
    assert convert(source, tmp_path / "slow.mp4", "--fps", "5")[0] == 0
    assert numbers(tmp_path / "slow.mp4") == [0, 5, 10, 15]


def test_several_styles_at_once(convert, tmp_path):
    source = write_film(tmp_path / "in.mp4", sounds=1)
    assert convert(source, tmp_path / "out.mp4", style="same,negative")[0] == 0
    made = {path.name for path in tmp_path.glob("out*")}
    assert made == {"out-same-fast.mp4", "out-negative-fast.mp4"}
    same, negative = (pictures(tmp_path / f"out-{name}-fast.mp4") for name in ("same", "negative"))
    assert np.abs(same[3][1].astype(int) + negative[3][1] - 255).mean() < 4
    assert packets(tmp_path / "out-negative-fast.mp4") == packets(source)


def test_the_report(convert, tmp_path, style_folder, capsys):
    source = write_film(tmp_path / "in.mp4")
    style = str(style_folder / "same-fast.onnx")
    target, sheet = tmp_path / "out.mp4", tmp_path / "sheet.png"
    assert main(["convert", str(source), "-o", str(target), "--style", style, "--json", "--sheet", str(sheet)]) == 0
    report = json.loads(capsys.readouterr().out)
    (file,) = report["files"]
    assert (file["frames"], file["outputs"], file["exit_code"], file["damaged"]) == (20, [str(target)], 0, 0)
    assert file["fps"] > 0
    assert sheet.stat().st_size > 1000


def test_outputs_play_elsewhere(convert, tmp_path):
    """Decoded by another program: FFmpeg's own."""
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("ffmpeg is not installed")
    source = write_film(tmp_path / "in.mp4", [0, 500, 1100, 3000, 3600, 9000], sounds=1)
    for suffix in (".mp4", ".mkv"):
        target = tmp_path / f"out{suffix}"
        assert convert(source, target)[0] == 0
        command = [ffmpeg, "-v", "error", "-xerror", "-i", str(target), "-f", "null", "-"]
        played = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (played.returncode, played.stderr) == (0, "")


@pytest.mark.parametrize("name", ["bigbuckbunny", "bikes", "carphone"])
def test_real_clips(convert, tmp_path, shared, name):
    source = shared / "clips" / f"{name}.mp4"
    assert convert(source, tmp_path / "out.mp4", "--size", "96x64")[0] == 0
    assert times(tmp_path / "out.mp4") == times(source)
    with av.open(str(source)) as before, av.open(str(tmp_path / "out.mp4")) as after:
        assert after.streams.video[0].average_rate == before.streams.video[0].average_rate
        assert len(after.streams.audio) == len(before.streams.audio)
        assert abs(after.duration - before.duration) < 1000
    if name == "bigbuckbunny":
        assert len(times(source)) == 132
        assert packets(tmp_path / "out.mp4") == packets(source)


def test_long_films_are_joined_without_a_seam(convert, tmp_path):
    count = 2 * SEGMENT_FRAMES + 7
    gaps = np.random.default_rng(0).integers(1, 900, count)
    at = [int(t) for t in np.cumsum(gaps)]
    source = write_film(tmp_path / "in.mp4", at, size=(32, 32))
    assert convert(source, tmp_path / "out.mp4")[0] == 0
    assert times(tmp_path / "out.mp4") == times(source)
    with av.open(str(tmp_path / "out.mp4")) as container:
        decoding = [packet.dts for packet in container.demux(video=0) if packet.size]
    assert decoding == sorted(set(decoding))


def test_what_is_seen_at_the_cut_is_kept(convert, tmp_path):
    """A picture stays until the next one comes: a talk's slides, a recorded screen."""
    source = write_film(tmp_path / "in.mkv", [0, 40, 80, 60_000], Fraction(1, 1000), rate=Fraction(25))
    assert convert(source, tmp_path / "part.mp4", "--start", "10", "--end", "20")[0] == 0
    assert (numbers(tmp_path / "part.mp4"), times(tmp_path / "part.mp4")) == ([2], [0])
    with av.open(str(tmp_path / "part.mp4")) as container:
        assert container.duration == 10_000_000
    assert convert(source, tmp_path / "rate.mp4", "--fps", "1", "--end", "30")[0] == 0
    assert numbers(tmp_path / "rate.mp4") == [0, *[2] * 29]


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_avi_without_times(convert, tmp_path, codec):
    source = write_film(tmp_path / "in.avi", range(30), Fraction(1, 25), codec=codec)
    assert convert(source, tmp_path / "out.mp4")[0] == 0
    assert numbers(tmp_path / "out.mp4") == list(range(30))
    steps = np.diff([float(time) for time in times(tmp_path / "out.mp4")])
    assert np.allclose(np.delete(steps, 0), 1 / 25)
    assert steps[0] <= 2 / 25  # FFmpeg's own reading of such files has a gap there


def test_broadcasts_start_anywhere_and_jump(convert, tmp_path):
    first = write_film(tmp_path / "a.ts", range(0, 10 * 3600, 3600), Fraction(1, 90000), sounds=1)
    joined = tmp_path / "in.ts"
    joined.write_bytes(first.read_bytes() * 2)
    code, said = convert(joined, tmp_path / "out.mp4")
    assert code in (0, 3), said
    shown = times(tmp_path / "out.mp4")
    assert shown[0] < Fraction(1, 5)
    assert len(shown) >= 18
    assert max(b - a for a, b in pairwise(shown)) <= Fraction(1, 5)
    assert sorted(shown) == shown
    assert len(packets(tmp_path / "out.mp4")) == 2 * len(packets(first))


def test_a_cover_is_kept(convert, tmp_path):
    source = tmp_path / "in.mp4"
    cover = cv2.imencode(".png", numbered(3))[1].tobytes()
    film = write_film(tmp_path / "film.mp4")
    (tmp_path / "cover.png").write_bytes(cover)
    with av.open(str(film)) as pictures_, av.open(str(tmp_path / "cover.png")) as art, av.open(str(source), "w") as out:
        video, picture = (out.add_stream_from_template(c.streams.video[0]) for c in (pictures_, art))
        picture.disposition = picture.disposition.attached_pic
        for container, stream in ((pictures_, video), (art, picture)):
            for packet in container.demux():
                if packet.size:
                    packet.stream = stream
                    out.mux(packet)
    assert convert(source, tmp_path / "out.mp4")[0] == 0
    assert packets(tmp_path / "out.mp4", "video", 1) == packets(source, "video", 1) == [cover]
    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.video[1]
        assert stream.disposition & stream.disposition.attached_pic


def test_a_timecode_track_is_made_anew(convert, tmp_path):
    source = write_film(tmp_path / "in.mov", metadata={"timecode": "01:00:00:00"})
    with av.open(str(source)) as container:
        assert [s.type for s in container.streams] == ["video", "data"]
    code, said = convert(source, tmp_path / "out.mov")
    assert (code, "left out" in said) == (0, False)
    with av.open(str(tmp_path / "out.mov")) as container:
        assert [s.metadata.get("timecode") for s in container.streams] == ["01:00:00:00"] * 2
