"""A film whose pixels are no squares has the same shape when it is converted, whatever holds it before and after."""

from fractions import Fraction

import numpy as np
import pytest

from stylecam.realtime.convert import pixel_shape
from stylecam.realtime.convert.pixel_shape import tells_shape
from stylecam.realtime.video import ebml
from stylecam.realtime.video.encoding import Encoding
from stylecam.realtime.video.libraries import av

from ...films import SIZE, number_of, pictures, write_film
from ...source_frames import read_frames

VIDEO = (bytes.fromhex("18538067"), bytes.fromhex("1654ae6b"), b"\xae", b"\xe0")
DISPLAY = b"\x54\xb2", b"\x54\xb0", b"\x54\xba"  # unit (0: pixels), width, height
CROP = b"\x54\xcc", b"\x54\xdd"  # left, right
TIMES = {"times": [0, 40, 80], "time_base": Fraction(1, 1000)}


def _shown_as(path, codec, display, crop=(), **film):
    """A Matroska film of 96x64 px that is to be shown `display` (width, height) large, or in that proportion."""
    plain = write_film(path.with_name(f"plain{path.suffix}"), **TIMES, codec=codec, **film)
    names, numbers = (*DISPLAY, *CROP), (0, *display, *crop)
    more = b"".join(ebml.element(name, n.to_bytes(2, "big")) for name, n in zip(names, numbers, strict=False))
    path.write_bytes(ebml.replaced(plain.read_bytes(), VIDEO, more))
    return path


def _shape(path):
    """Width by height, as players show it."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return stream.width * (stream.sample_aspect_ratio or 1) / stream.height


def _square(path):
    with av.open(str(path)) as container:
        return (container.streams.video[0].sample_aspect_ratio or 1) == 1


@pytest.mark.parametrize("display", [(128, 64), (96, 72), (137, 64)])
@pytest.mark.parametrize(("suffix", "codec"), [(".webm", "libvpx-vp9"), (".mkv", "libvpx-vp9"), (".mkv", "libsvtav1")])
def test_matroska_tells_it_beside_the_codec(convert, tmp_path, suffix, codec, display):
    source = _shown_as(tmp_path / f"in{suffix}", codec, display)
    shape = Fraction(*display)
    assert _shape(source) == shape
    for target in ("out.mp4", "out.mkv", "out.webm"):
        code, said = convert(source, tmp_path / target)
        assert (code, [number_of(picture) for _, picture in pictures(tmp_path / target)]) == (0, [0, 1, 2]), said
        assert abs(_shape(tmp_path / target) / shape - 1) < 0.02
        assert _square(tmp_path / target) == (target == "out.webm")
        assert said.count("became square") == (target == "out.webm")


@pytest.mark.parametrize("codec", ["vp9", "av1", "ffv1"])
def test_pixels_become_squares_where_nobody_could_tell_their_shape(convert, tmp_path, codec):
    source = write_film(tmp_path / "in.mp4", [0, 512], aspect=Fraction(3, 2))
    code, said = convert(source, tmp_path / "out.mkv", "--codec", codec)
    assert (code, pictures(tmp_path / "out.mkv")[0][1].shape) == (0, (64, 144, 3))
    assert said.count("pixels of shape 3:2 became square: this file type cannot store their shape") == 1
    if codec != "ffv1":
        code, said = convert(source, tmp_path / "out.mp4", "--codec", codec)
        assert (code, said.count("\n"), _shape(tmp_path / "out.mp4")) == (0, 1, Fraction(9, 4))
        assert pictures(tmp_path / "out.mp4")[0][1].shape == (64, 96, 3)


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_the_container_is_right_where_the_codec_differs(convert, tmp_path, codec):
    """As players have it, for whom one sets the shape anew without encoding."""
    source = _shown_as(tmp_path / "in.mkv", codec, (192, 64), aspect=Fraction(4, 3))
    for target in ("out.mp4", "out.mkv", "out.webm"):
        assert convert(source, tmp_path / target)[0] == 0
        assert _shape(tmp_path / target) == 3


def test_tall_and_turned_pixels(convert, tmp_path):
    tall = write_film(tmp_path / "tall.mp4", [0, 512], aspect=Fraction(3, 4))
    turned = write_film(tmp_path / "turned.mp4", [0, 512], aspect=Fraction(4, 3), rotation=90)
    assert convert(tall, tmp_path / "tall.webm")[0] == convert(turned, tmp_path / "turned.webm")[0] == 0
    assert pictures(tmp_path / "tall.webm")[0][1].shape == (86, 96, 3)  # 85.3 rows, and an even number of them
    assert pictures(tmp_path / "turned.webm")[0][1].shape == (128, 64, 3)


def test_bars_are_cut_off_first(convert, tmp_path):
    """What is shown is said of the picture without them."""
    source = _shown_as(tmp_path / "in.webm", "libvpx-vp9", (128, 64), (16, 16))
    for target, size in (("out.mp4", (64, 64, 3)), ("out.webm", (64, 128, 3))):
        assert convert(source, tmp_path / target)[0] == 0
        assert pictures(tmp_path / target)[0][1].shape == size
        assert _shape(tmp_path / target) == 2


def test_a_size_that_is_asked_for_is_of_square_pixels(convert, tmp_path):
    source = write_film(tmp_path / "in.mp4", [0, 512], aspect=Fraction(3, 2))
    code, said = convert(source, tmp_path / "out.webm", "--size", "100x80")
    assert (code, "squares" in said, pictures(tmp_path / "out.webm")[0][1].shape) == (0, False, (80, 100, 3))


@pytest.mark.parametrize("display", [(128, 64), (96, 72), (96, 64)])
@pytest.mark.parametrize("codec", ["libvpx-vp9", "libx264"])
def test_the_window_shows_the_same_shape(tmp_path, source_of, codec, display):
    with source_of(_shown_as(tmp_path / "in.mkv", codec, display)) as live:
        frames = read_frames(live, 9)
        assert live.size == display
    assert [frame.image.shape for frame in frames] == [(*display[::-1], 3)] * 3
    assert [number_of(frame.image) for frame in frames] == [0, 1, 2]


def test_the_window_shows_the_shape_of_turned_pixels(tmp_path, source_of):
    turned = write_film(tmp_path / "turned.mp4", [0, 512], aspect=Fraction(4, 3), rotation=90)
    with source_of(turned) as live:
        assert live.size == (64, 128)


def test_transparency_is_made_square_with_the_picture(convert, tmp_path):
    source = _shown_as(tmp_path / "in.webm", "libvpx-vp9", (192, 64))
    assert convert(source, tmp_path / "out.webm", style="negative")[0] == 0
    (_, picture), *_ = pictures(tmp_path / "out.webm")
    assert picture.shape == (64, 192, 3)
    assert np.abs(picture[:, :40].astype(int) - (255 - 110)).mean() < 6


def test_films_of_square_pixels_are_not_tried(convert, tmp_path, monkeypatch):
    monkeypatch.setattr(pixel_shape, "tells_shape", None)  # it must not come to that
    assert convert(write_film(tmp_path / "in.mp4", [0, 512]), tmp_path / "out.webm")[0] == 0


@pytest.mark.parametrize(
    ("codec", "suffix", "told"),
    [
        ("h264", ".mkv", True),
        ("hevc", ".mkv", True),
        ("vp9", ".webm", False),
        ("vp9", ".mp4", True),
        ("av1", ".mkv", False),
        ("av1", ".mp4", True),
        ("mpeg2video", ".mkv", False),  # knows some shapes of whole pictures, and not this one
        ("mpeg4", ".mkv", True),
    ],
)
def test_what_can_be_told_is_found_by_trying(codec, suffix, told):
    assert tells_shape(Encoding(codec), suffix, SIZE, Fraction(64, 45)) == told
