"""What stands beside the painted pictures: copied where the container holds it, else told before the painting."""

import contextlib
import json
import os
from fractions import Fraction
from pathlib import Path

import pytest

from stylecam.models.errors import RecordError
from stylecam.realtime.cli import main
from stylecam.realtime.convert import video_conversion
from stylecam.realtime.convert.assembly import check_encoder
from stylecam.realtime.convert.packet_times import muxable
from stylecam.realtime.convert.wholeness import WholeFile, check_whole
from stylecam.realtime.video.encoding import Encoding
from stylecam.realtime.video.libraries import av, cv2

from ...films import heard, number_of, numbered, packets, pictures, times, write_film, write_heard


@pytest.mark.parametrize(
    ("codec", "channels", "copied"),
    [
        ("pcm_s16le", 2, (".mp4", ".mov", ".mkv")),
        ("pcm_s16le", 6, (".mp4", ".mov", ".mkv")),
        ("pcm_u8", 1, (".mov", ".mkv")),
        ("adpcm_ms", 2, (".mkv",)),
    ],
)
def test_sound_without_named_channels(convert, tmp_path, codec, channels, copied):
    """AVI tells their number alone, which MP4 takes for none."""
    source = write_heard(tmp_path / "in.avi", codec, channels, picture="mjpeg")
    for suffix in (".mp4", ".mov", ".mkv", *((".webm",) if channels == 6 else ())):
        target = tmp_path / f"out{suffix}"
        code, said = convert(source, target)
        assert (code, [number_of(p) for _, p in pictures(target)]) == (0, list(range(20))), said
        name, begin, seconds = heard(target)
        if suffix in copied:
            assert b"".join(packets(target)) == b"".join(packets(source))
            assert "anew" not in said
        else:
            assert name == ("opus" if suffix == ".webm" else "aac")
            assert f"stream 1 (audio, {codec}) was encoded again as {name}: a {suffix} file cannot hold it" in said
        assert abs(seconds - 0.8) < 0.06
        assert abs(begin) < 0.03


def test_sound_that_one_container_holds(convert, tmp_path, capsys, style_folder):
    source = write_heard(tmp_path / "in.wmv", "wmav2", rate=44100, picture="wmv2")
    code, said = convert(source, tmp_path / "out.mkv")
    assert (code, said.count("\n")) == (0, 1)
    assert packets(tmp_path / "out.mkv") == packets(source)
    assert heard(tmp_path / "out.mkv")[0] == "wmav2"
    code, said = convert(source, tmp_path / "out.mp4")
    assert (code, heard(tmp_path / "out.mp4")[0]) == (0, "aac")
    assert "again as aac: a .mp4 file cannot hold it; .mkv can hold it" in said
    style = ["--style", str(style_folder / "same-fast.onnx"), "--json"]
    assert main(["convert", str(source), "-o", str(tmp_path / "bare.mp4"), "--no-reencode", *style]) == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert file["changed"] == []
    assert file["left_out"] == ["stream 1 (audio, wmav2) was left out: a .mp4 file cannot hold it; .mkv can hold it"]
    with av.open(str(tmp_path / "bare.mp4")) as container:
        assert not container.streams.audio


def test_the_hint_is_true(convert, tmp_path):
    """Matroska has no name for it: the hint is at MOV, which does."""
    source = write_heard(tmp_path / "in.flv", "nellymoser", 1, rate=44100, picture="flv")
    code, said = convert(source, tmp_path / "out.mkv")
    assert (code, "a .mkv file cannot hold it; .mov can hold it" in said) == (0, True)
    assert convert(source, tmp_path / "out.mov")[1].count("\n") == 1
    assert packets(tmp_path / "out.mov") == packets(source)


def test_a_part_of_sound_that_is_encoded_anew(convert, tmp_path):
    source = write_heard(tmp_path / "in.wmv", "wmav2", rate=44100, seconds=0.8, picture="wmv2")
    assert convert(source, tmp_path / "out.mp4", "--start", "0.3", "--end", "0.6")[0] == 0
    assert 0.27 < heard(tmp_path / "out.mp4")[2] < 0.38


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg2video"])
def test_a_second_film_with_pictures_out_of_order(convert, tmp_path, codec):
    """Matroska has no decode times, and its reader cannot tell those of the first pictures."""
    source = tmp_path / "in.mkv"
    options = {"bf": "2", "g": "30", **({"x265-params": "log-level=error"} if codec == "libx265" else {})}
    with av.open(str(source), "w") as container:
        streams = [container.add_stream(name, rate=25, options=options) for name in ("libx264", codec)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
            stream.codec_context.max_b_frames = 2
        for n in range(20):
            for stream in streams:
                frame = av.VideoFrame.from_ndarray(numbered(n + 100 * stream.index), "bgr24")
                frame.pts, frame.time_base = n, Fraction(1, 25)
                container.mux(stream.encode(frame))
        for stream in streams:
            container.mux(stream.encode(None))
    for suffix in (".mkv", ".mp4"):
        target = tmp_path / f"out{suffix}"
        code, said = convert(source, target, style="negative")
        assert code == 0, said
        with av.open(str(target)) as container:
            shown = [(frame.time, frame.to_ndarray(format="bgr24")) for frame in container.decode(video=1)]
        assert [number_of(picture) for _, picture in shown] == list(range(100, 120))
        assert [round(time * 25) for time, _ in shown] == list(range(20))
        assert [number_of(255 - picture) for _, picture in pictures(target)] == list(range(20))


@pytest.mark.parametrize("order", ["font first", "cover first"])
def test_fonts_and_covers_stay_attached(convert, tmp_path, order):
    cover = cv2.imencode(".jpg", numbered(3))[1].tobytes()
    things = [("font.ttf", "application/x-truetype-font", b"fakefont"), ("cover.jpg", "image/jpeg", cover)]
    film, source = (
        write_film(tmp_path / "film.mkv", range(0, 800, 40), Fraction(1, 1000), sounds=1),
        tmp_path / "in.mkv",
    )
    with av.open(str(film)) as before, av.open(str(source), "w") as container:
        copies = {s.index: container.add_stream_from_template(s, opaque=True) for s in before.streams}
        for thing in things if order == "font first" else reversed(things):
            container.add_attachment(*thing)
        for packet in muxable(packet for packet in before.demux() if packet.size):
            packet.stream = copies[packet.stream.index]
            container.mux(packet)
    code, said = convert(source, tmp_path / "out.mkv")
    assert (code, said.count("\n")) == (0, 1), said
    assert packets(tmp_path / "out.mkv", "video", 1) == [cover]
    with av.open(str(tmp_path / "out.mkv")) as container:
        names = {s.metadata.get("filename") for s in container.streams} - {None}
        assert names == {"font.ttf", "cover.jpg"}
        assert [s.data for s in container.streams if s.type == "attachment"] == [b"fakefont"]
    code, said = convert(source, tmp_path / "out.mp4")
    assert (code, said.count("left out")) == (0, 1)  # the font
    assert packets(tmp_path / "out.mp4", "video", 1) == [cover]
    assert convert(tmp_path / "out.mp4", tmp_path / "back.mkv")[0] == 0
    with av.open(str(tmp_path / "back.mkv")) as container:
        assert container.streams.video[1].metadata["filename"] == "cover.jpg"


def test_what_does_not_fit_is_found_before_the_painting(convert, tmp_path, monkeypatch):
    source = write_heard(tmp_path / "in.avi", "pcm_s16le", picture="mjpeg")
    monkeypatch.setattr("stylecam.realtime.convert.copying.name_channels", lambda context: None)
    monkeypatch.setattr("stylecam.realtime.convert.stream_fates._holds", lambda *_: True)
    monkeypatch.setattr(video_conversion._Conversion, "run", None)  # it must not come to that
    code, said = convert(source, tmp_path / "out.mp4")
    assert code == 1
    assert "in.avi cannot become a .mp4 file with all its streams" in said
    assert "try -o with .mkv" in said


def test_a_full_disk_is_said_of_full_disks_alone(tmp_path):
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    file = WholeFile(Path("/dev/full"))
    with contextlib.suppress(OSError):  # as FFmpeg does
        file.write(b"x")
    with pytest.raises(OSError, match="No space left"), file:
        pass
    film = write_film(tmp_path / "film.mp4")
    check_whole(film, "film", [], 20)
    with pytest.raises(RecordError, match="is incomplete, it lacks 1 of audio, 1 of its pictures"):
        check_whole(film, "film", ["audio"], 21)


def test_alpha_is_tried_too():
    check_encoder(Encoding("vp9", alpha=True), ".webm")


def _packet(stream, pts, dts):
    packet = av.Packet(b"x")
    packet.stream, packet.pts, packet.dts, packet.duration, packet.time_base = stream, pts, dts, 40, Fraction(1, 1000)
    return packet


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("video", [(0, None), (80, None), (40, 0), (120, 40)], [(0, -80), (80, -40), (40, 0), (120, 40)]),
        ("video", [(0, None), (40, None)], [(0, -80), (40, -40)]),
        ("audio", [(0, 0), (40, 40), (40, 40), (20, 20), (80, 80)], [(0, 0), (40, 40), (41, 41), (42, 42), (80, 80)]),
        ("audio", [(0, None), (None, None), (80, 80)], [(0, 0), (40, 40), (80, 80)]),
        ("video", [(0, 10), (40, 20)], [(10, 10), (40, 20)]),
    ],
)
def test_times_of_copied_packets(tmp_path, kind, given, expected):
    with av.open(str(write_film(tmp_path / "film.mp4", sounds=1))) as container:
        stream = getattr(container.streams, kind)[0]
        made = list(muxable(_packet(stream, *times_) for times_ in given))
        assert [(packet.pts, packet.dts) for packet in made] == expected


def test_times_that_are_the_same_stay_so_where_the_muxer_takes_them(tmp_path):
    given = [(0, 0), (1, 1), (1, 1), (2, 2), (1, 1)]
    with av.open(str(write_film(tmp_path / "film.mp4", sounds=1))) as container:
        for stream, expected in ((container.streams.audio[0], [0, 1, 1, 2, 2]), (container.streams.video[0], range(5))):
            made = muxable((_packet(stream, *times_) for times_ in given), strict=False)
            assert [packet.dts for packet in made] == list(expected)


def _trimmed(source, target, seconds):
    """As an editor on a phone does it: nothing is encoded, and what lies before the beginning stays in the file."""
    with av.open(str(source)) as before, av.open(str(target), "w") as container:
        copies = {s.index: container.add_stream_from_template(s, opaque=True) for s in before.streams}
        for packet in muxable(packet for packet in before.demux() if packet.size):
            ticks = int(seconds / packet.time_base)
            packet.pts, packet.dts = packet.pts - ticks, packet.dts - ticks
            packet.stream = copies[packet.stream.index]
            container.mux(packet)
    return target


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
@pytest.mark.parametrize("seconds", [Fraction(3, 10), Fraction(9, 20)])
def test_what_was_trimmed_away_stays_away(convert, tmp_path, suffix, seconds):
    film = write_film(tmp_path / "film.mp4", sounds=1)
    source = _trimmed(film, tmp_path / f"in{suffix}", seconds)
    first = -(-seconds * 25 // 1)
    length = heard(source)[2]
    assert length < 0.64 - seconds + 0.05
    for target in (tmp_path / "out.mkv", tmp_path / "out.mp4", tmp_path / "out.webm"):
        code, said = convert(source, target)
        assert code == 0, said
        assert [number_of(picture) for _, picture in pictures(target)] == list(range(int(first), 20))
        assert abs(heard(target)[2] - length) < 0.05
        picture, sound = times(target)[0], Fraction(heard(target)[1])
        assert abs(picture - sound - (times(source)[0] - Fraction(heard(source)[1]))) < Fraction(3, 100)
