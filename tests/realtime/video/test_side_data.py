"""What stands beside a film's pixels: bars to crop, transparency, projections, tiles, another size in the middle."""

import io
import shutil
import subprocess
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from stylecam.realtime.cli import main
from stylecam.realtime.video import ebml
from stylecam.realtime.video.libraries import av, cv2
from stylecam.realtime.video.side_data import Marks, read_marks
from stylecam.realtime.video.video_input import connect
from stylecam.realtime.video.view import OneSize, Turns

from ...films import number_of, numbered, pictures, times, write_film
from ...mjpeg_server import MjpegServer
from ...pictures import file, rgb, smooth
from ...source_frames import read_frames

VIDEO = (bytes.fromhex("18538067"), bytes.fromhex("1654ae6b"), b"\xae", b"\xe0")
CROPS = {"left": b"\x54\xcc", "top": b"\x54\xbb", "right": b"\x54\xdd", "bottom": b"\x54\xaa"}
ROUND = b"\x76\x71\x81\x01\x76\x72\x94" + bytes(20)  # a projection all round


def _with_elements(path, *elements, **film):
    """A Matroska film whose track says more of its pictures."""
    plain = write_film(path.with_name(f"plain{path.suffix}"), [0, 40, 80], Fraction(1, 1000), **film)
    more = b"".join(ebml.element(name, content) for name, content in elements)
    path.write_bytes(ebml.replaced(plain.read_bytes(), VIDEO, more))
    return path


def _cropped(path, **sides):
    return _with_elements(path, *((CROPS[side], bytes([pixels])) for side, pixels in sides.items()))


def _copied(source, target):
    with av.open(str(source)) as before, av.open(str(target), "w") as container:
        copy = container.add_stream_from_template(before.streams.video[0], opaque=True)
        for number, packet in enumerate(packet for packet in before.demux(video=0) if packet.size):
            packet.dts = 40 * number - 80
            packet.stream = copy
            container.mux(packet)
    return target


def _marks(path):
    with connect(path) as container:
        return read_marks(container.streams.video[0])


@pytest.mark.parametrize(
    "sides", [{"top": 16, "bottom": 16}, {"left": 24}, {"left": 2, "top": 4, "right": 6, "bottom": 8}]
)
def test_bars_are_cut_off(convert, tmp_path, source_of, sides):
    source = _cropped(tmp_path / "in.mkv", **sides)
    left, top, right, bottom = (sides.get(side, 0) for side in CROPS)
    expected = numbered(0)[top : 64 - bottom, left : 96 - right]
    for path in (source, _copied(source, tmp_path / "clap.mp4")):
        with source_of(path) as live:
            image = read_frames(live, 1)[0].image
        assert convert(path, tmp_path / "out.mp4", "--overwrite")[0] == 0
        for seen in (image, pictures(tmp_path / "out.mp4")[0][1]):
            assert seen.shape == expected.shape
            assert np.abs(seen.astype(int) - expected).mean() < 4
        assert _marks(tmp_path / "out.mp4") == Marks()


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".mov", ".webm"])
def test_a_projection_is_kept(convert, tmp_path, suffix):
    source = _with_elements(tmp_path / "in.mkv", (b"\x76\x70", ROUND))
    code, said = convert(source, tmp_path / f"out{suffix}")
    assert (code, said.count("\n")) == (0, 1)
    assert ebml.inner(_marks(tmp_path / f"out{suffix}").projection, b"\x76\x71") == b"\x01"
    assert len(times(tmp_path / f"out{suffix}")) == 3


def test_pictures_for_two_eyes_are_kept_or_named(convert, tmp_path):
    source = _with_elements(tmp_path / "in.mkv", (b"\x53\xb8", b"\x03"), codec="mpeg4")
    assert _marks(source).stereo == b"\x03"
    assert convert(source, tmp_path / "out.mkv")[1].count("\n") == 1
    assert _marks(tmp_path / "out.mkv").stereo == b"\x03"
    assert b"st3d" in (convert(source, tmp_path / "out.mp4"), (tmp_path / "out.mp4").read_bytes())[1]
    said = convert(tmp_path / "out.mp4", tmp_path / "again.mkv")[1]  # FFmpeg reads Apple's mark there, which says less
    assert "the 3D (stereo) mark was left out: it does not say how the two pictures are arranged" in said
    said = convert(source, tmp_path / "out.mov")[1]
    assert "the 3D (stereo) mark was left out: a .mov file cannot hold it; .mkv can hold it" in said


def _disc(path, codec, pix_fmt, options=None):
    """A white disc on nothing that is black."""
    alpha = cv2.circle(np.zeros((64, 96), np.uint8), (48, 32), 20, 255, -1)
    picture = np.dstack([np.where(alpha[..., None] > 0, (30, 40, 230), 0).astype(np.uint8), alpha])
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height, stream.pix_fmt = 96, 64, pix_fmt
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "bgra").reformat(format=pix_fmt)))
        container.mux(stream.encode(None))
    return path


KINDS = [
    ("in.mov", "qtrle", "argb", {}),
    ("in.mkv", "ffv1", "yuva420p", {}),
    ("in.mov", "prores_ks", "yuva444p10le", {"profile": "4444"}),
    ("in.webm", "libvpx-vp9", "yuva420p", {"auto-alt-ref": "0", "crf": "10", "b": "0"}),
    ("in.webm", "libvpx", "yuva420p", {"auto-alt-ref": "0", "b": "500k"}),
]


@pytest.mark.parametrize(("name", "codec", "pix_fmt", "options"), KINDS)
def test_transparency_is_kept_or_laid_over_white(convert, tmp_path, source_of, name, codec, pix_fmt, options):
    source = _disc(tmp_path / name, codec, pix_fmt, options)
    with source_of(source) as live:
        image = read_frames(live, 1)[0].image
        assert live.notes == [f"{source} is transparent, shown over white"]
    code, said = convert(source, tmp_path / "out.mp4")
    assert (code, "put on white: libx264 in a .mp4 file cannot hold it; vp9 in .webm can" in said) == (0, True)
    for seen in (image, pictures(tmp_path / "out.mp4")[0][1]):
        assert seen[2, 2].min() > 245
        assert np.abs(seen[32, 48].astype(int) - (30, 40, 230)).max() < 14
    code, said = convert(source, tmp_path / "out.webm", style="negative")
    assert (code, said.count("\n")) == (0, 1), said
    code, said = convert(tmp_path / "out.webm", tmp_path / "again.mkv", "--codec", "ffv1")  # reads what it wrote
    assert (code, said.count("\n")) == (0, 1), said
    with av.open(str(tmp_path / "again.mkv")) as container:
        seen = next(container.decode(video=0)).to_ndarray(format="bgra")
    assert (seen[2, 2, 3], seen[32, 48, 3]) == (0, 255)
    assert np.abs(seen[32, 48, :3].astype(int) - (225, 215, 25)).max() < 14


def test_pixels_that_could_be_transparent_and_are_not(convert, tmp_path, source_of):
    opaque = np.dstack([numbered(5), np.full((64, 96), 255, np.uint8)])
    with av.open(str(tmp_path / "in.mov"), "w") as container:
        stream = container.add_stream("qtrle", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "argb"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(opaque, "bgra").reformat(format="argb")))
        container.mux(stream.encode(None))
    assert convert(tmp_path / "in.mov", tmp_path / "out.mp4")[1].count("\n") == 1
    with source_of(tmp_path / "in.mov") as live:
        assert (number_of(read_frames(live, 1)[0].image), live.notes) == (5, [])


def test_a_transparent_film_is_resumed(tmp_path, style_folder, monkeypatch):
    from stylecam.realtime.convert import segments

    from ...interruption import interrupted_after

    monkeypatch.setattr(segments, "SEGMENT_FRAMES", 1)
    source = _disc(tmp_path / "in.mov", "qtrle", "argb")
    command = ["convert", str(source), "--resume", "--style", str(style_folder / "same-fast.onnx"), "-o"]
    assert main([*command, str(tmp_path / "whole.webm")]) == 0
    with monkeypatch.context() as patch:
        interrupted_after(patch, 2)
        assert main([*command, str(tmp_path / "out.webm")]) == 130
    assert main([*command, str(tmp_path / "out.webm")]) == 0
    assert (tmp_path / "out.webm").read_bytes() == (tmp_path / "whole.webm").read_bytes()


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF"])
def test_transparent_pictures_live(tmp_path, source_of, form):
    picture = np.dstack([smooth(), np.full(smooth().shape[:2], 255, np.uint8)])
    picture[:20, :20] = 0
    path = tmp_path / f"in.{form.lower()}"
    path.write_bytes(file(Image.fromarray(picture), form, **({} if form == "PNG" else {"quality": 95})))
    with source_of(path) as live:
        image = read_frames(live, 1)[0].image
        assert live.notes == [f"{path} is transparent, shown over white"]
    assert image[5, 5].min() > 245
    assert np.abs(image[30, 40, ::-1].astype(int) - picture[30, 40, :3]).max() < 12


def test_avif_pictures_in_and_out(convert, tmp_path):
    (tmp_path / "in.avif").write_bytes(file(Image.fromarray(smooth()), "AVIF", quality=95, subsampling="4:4:4"))
    for suffix in (".png", ".avif"):
        assert convert(tmp_path / "in.avif", tmp_path / f"out{suffix}", style="negative")[0] == 0
        made = rgb((tmp_path / f"out{suffix}").read_bytes())
        assert np.abs(made - (255 - smooth().astype(int))).mean() < 4


def test_a_film_in_avif_is_all_of_it(convert, tmp_path, source_of):
    """It holds its first picture a second time, for those who know no films, and FFmpeg lists that one first."""
    first, *others = (Image.fromarray(numbered(n)[..., ::-1]) for n in range(5))
    (tmp_path / "in.avif").write_bytes(file(first, "AVIF", save_all=True, append_images=others, duration=[40] * 5))
    with source_of(tmp_path / "in.avif") as live:
        assert [number_of(frame.image) for frame in read_frames(live, 9)] == list(range(5))
        assert live.fps == 25
    for suffix in (".mp4", ".mkv", ".webm"):
        code, said = convert(tmp_path / "in.avif", tmp_path / f"out{suffix}")
        assert (code, said.count("\n")) == (0, 1), said
        assert [number_of(picture) for _, picture in pictures(tmp_path / f"out{suffix}")] == list(range(5))
        with av.open(str(tmp_path / f"out{suffix}")) as container:
            assert len(container.streams) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_transparency_of_avif_is_no_film_of_its_own(convert, tmp_path, count):
    """It is a stream of grey pictures, and was copied beside the painted ones as if it were a second film."""
    alpha = np.full((64, 96), 200, np.uint8)
    first, *others = (Image.fromarray(np.dstack([numbered(n)[..., ::-1], alpha])) for n in range(count))
    more = {"save_all": True, "append_images": others, "duration": [40] * count} if others else {}
    (tmp_path / "in.avif").write_bytes(file(first, "AVIF", **more))
    code, said = convert(tmp_path / "in.avif", tmp_path / "out.mp4")
    assert (code, said.count("was left out: it holds transparency or depth")) == (0, 1), said
    assert [number_of(picture) for _, picture in pictures(tmp_path / "out.mp4")] == list(range(count))
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert len(container.streams) == 1


def test_tiles_are_joined_or_refused(convert, tmp_path, source_of):
    avifenc = shutil.which("avifenc")
    if avifenc is None:
        pytest.skip("avifenc is not installed")
    Image.fromarray(smooth(256, 256)).save(tmp_path / "grid.png")
    command = [avifenc, "--grid", "2x2", "-s", "10", str(tmp_path / "grid.png"), str(tmp_path / "grid.avif")]
    subprocess.run(command, check=True, capture_output=True)
    with source_of(tmp_path / "grid.avif") as live:
        assert live.size == (256, 256)
    assert convert(tmp_path / "grid.avif", tmp_path / "out.jpg")[0] == 0
    assert cv2.imread(str(tmp_path / "out.jpg")).shape == (256, 256, 3)
    code, said = convert(tmp_path / "grid.avif", tmp_path / "out.mp4")  # which only FFmpeg reads
    assert (code, "in 4 tiles" in said) == (4, True)


def _changing(path):
    """A film that becomes upright in its middle, as a network camera's may."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuvj420p"
        for n in range(4):
            size = (96, 64) if n < 2 else (40, 80)
            jpeg = cv2.imencode(".jpg", np.full((size[1], size[0], 3), 200, np.uint8))[1].tobytes()
            packet = av.Packet(jpeg)
            packet.stream, packet.pts, packet.dts, packet.duration = stream, n, n, 1
            packet.time_base, packet.is_keyframe = Fraction(1, 25), True
            container.mux(packet)
    return path


def _is_letterboxed(image):
    """Whether a grey upright picture of 40x80 px lies in the middle of one of 96x64 px, not stretched."""
    seen = np.flatnonzero(image[32].mean(axis=1) > 100)
    return image.shape == (64, 96, 3) and abs(len(seen) - 32) <= 1 and abs(seen.mean() - 47.5) <= 1


@pytest.mark.parametrize("suffix", [".mkv", ".avi"])
def test_a_film_that_changes_its_size_is_letterboxed(convert, tmp_path, source_of, suffix):
    source = _changing(tmp_path / f"in{suffix}")
    sentence = f"{source} changes from 96x64 to 40x80 px: shown within 96x64 with bars"
    code, said = convert(source, tmp_path / "out.mp4")
    assert (code, said.count(sentence)) == (0, 1)
    assert [_is_letterboxed(picture) for _, picture in pictures(tmp_path / "out.mp4")] == [False, False, True, True]
    with source_of(source) as live:
        assert [_is_letterboxed(frame.image) for frame in read_frames(live, 9)] == [False, False, True, True]
        assert live.notes == [sentence]


def test_a_network_camera_that_changes_its_size_is_letterboxed(source_of, tmp_path):
    with MjpegServer(size=(96, 64)) as server, source_of(server.url) as source:
        read_frames(source, 2)
        server.size = (40, 80)
        server.level = 200
        frames = []
        while not frames or not _is_letterboxed(frames[-1].image):
            frames += read_frames(source, 1)
            assert len(frames) < 400
        server.size = (96, 64)
        read_frames(source, 20)
        assert source.size == (96, 64)
        assert source.notes == [f"{server.url} changes from 96x64 to 40x80 px: shown within 96x64 with bars"]


def test_what_a_source_does_is_said_once(tmp_path, style_folder, capsys):
    style = ["--style", str(style_folder / "same-fast.onnx")]
    assert main(["--camera", str(_changing(tmp_path / "in.mkv")), "--no-window", *style]) == 0
    assert capsys.readouterr().err.count("shown within 96x64") == 1


def test_a_phone_that_is_turned_over_while_it_films(tmp_path):
    frames = []
    for rotation in (0, 90, 90, 180):
        with av.open(str(write_film(tmp_path / f"{rotation}.mp4", [0], rotation=rotation))) as container:
            frames.append(next(container.decode(video=0)))
    turns = Turns()
    assert [turns.of(frame).sideways for frame in frames] == [False, True, True, False]
    assert turns.of(frames[3]).down


def test_a_picture_within_another():
    said = []
    one_size = OneSize("camera", said.append)
    assert one_size(np.full((64, 96, 3), 9, np.uint8)).shape == (64, 96, 3)
    wide = one_size(np.full((32, 96, 3), 200, np.uint8))
    assert (wide[:15].max(), wide[17:47].min(), wide[49:].max()) == (0, 200, 0)
    one_size(np.full((64, 96, 3), 9, np.uint8))
    one_size(np.full((10, 10, 3), 9, np.uint8))
    assert len(said) == 1


def test_elements_within_elements():
    inner = ebml.element(b"\xae", ebml.element(b"\xe0", b"\x01"))
    data = ebml.element(b"\x16\x54\xae\x6b", inner)
    assert ebml.inner(data, b"\x16\x54\xae\x6b", b"\xae", b"\xe0") == b"\x01"
    longer = ebml.replaced(data, (b"\x16\x54\xae\x6b", b"\xae"), ebml.element(b"\x86", b"V"))
    assert ebml.inner(longer, b"\x16\x54\xae\x6b", b"\xae", b"\x86") == b"V"
    with pytest.raises(ValueError, match="no Matroska element"):
        list(ebml.children(io.BytesIO(b"\0\0").getvalue()))
