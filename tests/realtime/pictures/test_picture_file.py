"""How a painted picture is written, and what happens to files that are none."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from stylecam.models.errors import OptionsError, PictureError
from stylecam.realtime.pictures.picture_file import PICTURE_SUFFIXES
from stylecam.realtime.video.libraries import cv2

from ...pictures import (
    HEIGHT,
    WIDTH,
    XMP,
    alpha_ramp,
    camera_exif,
    file,
    grey_profile,
    opened,
    pages,
    png,
    repaint,
    rgb,
    smooth,
    with_alpha,
)


def test_jpeg_is_fine_and_without_chroma_subsampling(photo):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    default = opened(repaint(file(noise), ".jpg"))
    assert [layer[1:3] for layer in default.layer] == [(1, 1)] * 3
    assert default.quantization == opened(file(noise, "JPEG", quality=95)).quantization
    low = repaint(file(noise), ".jpg", quality=30)
    assert opened(low).quantization == opened(file(noise, "JPEG", quality=30)).quantization
    assert repaint(file(noise), ".webp") == repaint(file(noise), ".webp", quality=95)
    assert len(repaint(file(noise), ".webp", quality=30)) < len(repaint(file(noise), ".webp"))
    assert repaint(file(photo), ".png", quality=30) == repaint(file(photo), ".png")


@pytest.mark.parametrize("suffix", PICTURE_SUFFIXES)
def test_every_suffix_makes_its_format_and_the_same_bytes_each_time(photo, suffix):
    data = file(Image.new("L", (40, 40), 55), icc_profile=grey_profile())
    assert opened(repaint(data, suffix)).format == PICTURE_SUFFIXES[suffix]
    assert repaint(data, suffix.upper()) == repaint(data, suffix)
    profile = opened(repaint(data)).info["icc_profile"]
    assert struct.unpack(">6H", profile[24:36]) == (2000, 1, 1, 0, 0, 0)  # not the time at which it was made


def test_a_size_is_that_of_the_upright_picture():
    data = file(Image.fromarray(np.dstack([smooth(), alpha_ramp()])), exif=b"Exif\0\0" + camera_exif(6))
    seen = []
    painted = repaint(data, size=(80, 120), paint=lambda picture: seen.append(picture.shape) or picture)
    assert seen == [(120, 80, 3)]
    assert opened(painted).size == (80, 120)
    assert opened(painted).getexif()[256] == 80
    small = repaint(file(Image.new("RGB", (4, 4))), size=(32, 32))
    assert opened(small).size == (32, 32)


def test_the_painting_is_what_is_written(photo):
    def marked(picture):
        picture = picture.copy()
        picture[:4, :4] = (0, 0, 255)
        return picture

    assert (rgb(repaint(file(photo), paint=marked))[:4, :4] == (255, 0, 0)).all()


def header(width, height):
    data = bytearray(png(1, 0, [bytes(5)] * 40))
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def wide(width, form="PNG"):
    return file(Image.new("L", (width, 32)), form)


@pytest.mark.parametrize(
    ("data", "suffix", "message"),
    [
        (b"", ".png", "photo is empty"),
        (b"no picture at all", ".png", "photo is not a supported picture: give one of .jpg, "),
        (file(Image.new("P", (40, 40)), "GIF"), ".png", "photo is not a supported picture"),
        (file(Image.fromarray(smooth()), "JPEG")[:-300], ".png", "photo is damaged or incomplete"),
        (header(100000, 100000), ".png", "photo has more than 500 megapixels"),
        (header(25000, 25000), ".png", "photo has more than 500 megapixels"),
        (header(0, 40), ".png", "photo is damaged|photo is not a supported picture|photo is 0x40"),
        (file(Image.new("RGB", (31, 200))), ".png", "photo is 31x200 px: it needs at least 32 px a side"),
        (file(Image.new("RGB", (40, 40))), ".gif", "photo cannot be written as .gif: use one of .jpg, "),
        (file(Image.new("RGB", (40, 40))), "", "photo cannot be written as a file without suffix"),
        (wide(65536), ".jpg", "photo is 65536x32 px, and JPEG allows at most 65500 a side: use .png"),
        (wide(65501), ".jpg", "photo is 65501x32 px, and JPEG"),
        (wide(16384), ".webp", "photo is 16384x32 px, and WEBP allows at most 16383 a side: use .png"),
    ],
)
def test_a_failure_is_one_sentence(data, suffix, message):
    def never(picture):
        raise AssertionError("painted before it was checked")

    with pytest.raises(PictureError, match=message) as caught:
        repaint(data, suffix, never)
    assert "\n" not in str(caught.value)


def test_the_longest_sides_can_be_written():
    assert opened(repaint(wide(65500), ".jpg")).size == (65500, 32)
    assert opened(repaint(wide(16383), ".webp")).size == (16383, 32)


def test_more_pixels_than_pillow_likes_are_read():
    with pytest.raises(PictureError, match="damaged or incomplete"):  # and not too large: it tried
        repaint(header(20000, 10000))


@pytest.mark.parametrize("options", [{"quality": 0}, {"quality": 101}, {"size": (0, 40)}])
def test_impossible_options(photo, options):
    with pytest.raises(OptionsError):
        repaint(file(photo), ".jpg", **options)


def test_what_paint_raises_is_not_ours(photo):
    def broken(picture):
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        repaint(file(photo), ".png", broken)


DAMAGED = {
    "JPEG": (file(Image.fromarray(smooth()), "JPEG", exif=b"Exif\0\0" + camera_exif(), xmp=XMP % 6), ".jpg"),
    "PNG": (with_alpha("P"), ".tif"),
    "WEBP": (file(Image.fromarray(smooth()), "WEBP", exif=camera_exif(), xmp=XMP % 6), ".webp"),
    "TIFF": (pages(), ".tif"),
    "BMP": (file(Image.fromarray(smooth()), "BMP"), ".png"),
    "EXIF": (repaint(file(Image.fromarray(smooth()), exif=b"Exif\0\0" + camera_exif()), ".tif"), ".jpg"),
}


@pytest.mark.parametrize("form", DAMAGED)
def test_damaged_files_are_painted_or_refused(form):
    data, suffix = DAMAGED[form]
    random = np.random.default_rng(0)
    outcomes = set()
    for attempt in range(60):
        broken = bytearray(data)
        if attempt % 3 == 0:
            broken = broken[: random.integers(1, len(data))]
        else:
            for at in random.integers(0, len(data) if attempt % 2 else min(len(data), 400), 4):
                broken[at] ^= 1 << random.integers(8)
        try:
            painted = repaint(bytes(broken), suffix)
        except PictureError:
            outcomes.add("refused")
            continue
        outcomes.add("painted")
        assert cv2.imdecode(np.frombuffer(painted, np.uint8), cv2.IMREAD_UNCHANGED) is not None
    assert "refused" in outcomes


def test_broken_exif_does_not_stop_a_picture(photo):
    for exif in (b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0garbage", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0"):
        painted = repaint(file(photo, "JPEG", exif=exif, dpi=(72, 72)), ".jpg")
        assert opened(painted).size == (WIDTH, HEIGHT)
