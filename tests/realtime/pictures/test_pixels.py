"""Colour profiles, depths and transparency."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from stylecam.realtime.video.libraries import cv2

from ...pictures import (
    GREY,
    LOSSLESS,
    alpha_ramp,
    cmyk_profile,
    file,
    grey_profile,
    inverted,
    made_profile,
    opened,
    png,
    repaint,
    rgb,
    smooth,
    with_alpha,
)


def space(data):
    return (opened(data).info.get("icc_profile") or bytes(20))[16:20]


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_the_colour_profile_is_kept_to_the_byte(photo, form, suffix):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + bytes(70000)  # two JPEG segments
    image = photo.convert("L") if form == "JPEG" else photo
    painted = repaint(file(image, form, icc_profile=profile), suffix)
    assert opened(painted).info["icc_profile"] == profile


def test_bmp_holds_no_profile_so_its_colours_are_converted(photo):
    curve = b"curv\0\0\0\0\0\0\0\0"
    columns = {b"rXYZ": (0.436, 0.2225, 0.0139), b"gXYZ": (0.3851, 0.7169, 0.0971), b"bXYZ": (0.1431, 0.0606, 0.7139)}
    tags = {k: b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in c)) for k, c in columns.items()}
    linear = made_profile(b"RGB ", b"XYZ ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))
    data = file(Image.new("RGB", (40, 40), (55, 55, 55)), icc_profile=linear)
    assert np.abs(rgb(repaint(data, ".bmp")) - 128).max() <= 3
    assert (rgb(repaint(data, ".png")) == 55).all()


def test_a_grey_profile_is_applied_and_not_put_on_colours():
    data = file(Image.new("L", (40, 40), 55), icc_profile=grey_profile())
    painted = repaint(data)
    assert space(painted) == b"RGB "
    assert np.abs(rgb(painted) - 128).max() <= 3  # 55/255 of white's light


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_cmyk_goes_through_its_profile_into_srgb(form):
    cyan = Image.new("CMYK", (40, 40), (255, 0, 0, 0))
    painted = repaint(file(cyan, form, icc_profile=cmyk_profile()))
    red, green, blue = rgb(painted)[20, 20]
    assert red > green + 100
    assert red > blue + 100
    assert space(painted) == b"RGB "
    naive = repaint(file(cyan, form))
    assert np.abs(rgb(naive)[20, 20] - (0, 255, 255)).max() <= 3
    assert not opened(naive).info.get("icc_profile")


def test_a_profile_that_is_none_does_not_stop_cmyk():
    data = file(Image.new("CMYK", (40, 40), (0, 0, 0, 0)), "JPEG", icc_profile=b"no profile" * 20)
    painted = repaint(data, ".jpg")
    assert rgb(painted).min() >= 250
    assert not opened(painted).info.get("icc_profile")


def transparency(*levels):
    content = struct.pack(f">{len(levels)}H", *levels)
    return struct.pack(">I", len(content)) + b"tRNS" + content + struct.pack(">I", zlib.crc32(b"tRNS" + content))


def as_bgr(values):
    return np.repeat(np.asarray(values)[..., None], 3, axis=2)


SIXTEEN = (GREY.astype(np.uint16) * 257).astype(np.uint16)
BIG = smooth().astype(np.uint16) * 257
DEEP = {
    "1 bit": (file(Image.fromarray(GREY > 127)), np.where(as_bgr(GREY > 127), 255, 0)),
    "L": (file(Image.fromarray(GREY)), as_bgr(GREY)),
    "L jpeg": (file(Image.fromarray(GREY), "JPEG", quality=100), as_bgr(GREY)),
    "P": (file(Image.fromarray(GREY).convert("P")), as_bgr(GREY)),
    "I;16 png": (file(Image.fromarray(SIXTEEN)), as_bgr(GREY)),
    "I;16 tiff": (file(Image.fromarray(SIXTEEN), "TIFF"), as_bgr(GREY)),
    "I;16B tiff": (cv2.imencode(".tif", SIXTEEN)[1].tobytes(), as_bgr(GREY)),
    "I of 16 bits": (file(Image.fromarray(SIXTEEN.astype(np.int32)), "TIFF"), as_bgr(GREY)),
    "I of 8 bits": (file(Image.fromarray(GREY.astype(np.int32)), "TIFF"), as_bgr(GREY)),
    "I below zero": (file(Image.fromarray(GREY.astype(np.int32) * 1000 - 127500), "TIFF"), as_bgr(GREY)),
    "F to 1": (file(Image.fromarray(GREY.astype(np.float32) / 255), "TIFF"), as_bgr(GREY)),
    "F to 255": (file(Image.fromarray(GREY.astype(np.float32)), "TIFF"), as_bgr(GREY)),
    "F to 65535": (file(Image.fromarray(SIXTEEN.astype(np.float32)), "TIFF"), as_bgr(GREY)),
    "RGB 16 png": (cv2.imencode(".png", BIG[..., ::-1])[1].tobytes(), smooth()),
    "RGB 16 tiff": (cv2.imencode(".tif", BIG[..., ::-1])[1].tobytes(), smooth()),
    "YCbCr": (file(Image.fromarray(smooth()).convert("YCbCr"), "TIFF", compression="tiff_lzw"), smooth()),
    "BMP": (file(Image.fromarray(smooth()), "BMP"), smooth()),
    "2 bit png": (png(2, 0, [bytes([0b00011011] * 10)] * 40), as_bgr([[0, 85, 170, 255] * 10] * 40)),
}


@pytest.mark.parametrize("kind", DEEP)
def test_every_kind_of_pixels_comes_out_as_8_bit_rgb_with_right_levels(kind):
    data, expected = DEEP[kind]
    for suffix in LOSSLESS:
        painted = repaint(data, suffix)
        assert opened(painted).mode == "RGB"
        assert np.abs(rgb(painted) - expected).max() <= 1 + 2 * (kind in ("L jpeg", "YCbCr"))


def test_white_may_be_zero_in_a_16_bit_tiff():
    data = bytearray(file(Image.fromarray(SIXTEEN), "TIFF"))
    entry = data.index(struct.pack("<HHI", 262, 3, 1))
    data[entry + 8 : entry + 10] = b"\0\0"
    assert np.abs(rgb(repaint(bytes(data))) - as_bgr(255 - GREY)).max() <= 1


def test_float_with_gaps_and_a_little_above_white():
    values = GREY.astype(np.float32) / 255
    values[0, :3] = np.nan, np.inf, 1.01
    assert np.abs(rgb(repaint(file(Image.fromarray(values), "TIFF")))[1:] - as_bgr(GREY)[1:]).max() <= 4


@pytest.mark.parametrize(
    ("lab", "expected"),
    [
        ((100, 0, 0), (255, 255, 255)),
        ((50, 0, 0), (119, 119, 119)),
        ((54, 81, 70), (255, 0, 0)),
        ((88, -79, 81), (0, 255, 0)),
        ((30, 68, -112), (0, 0, 255)),
    ],
)
def test_lab_is_converted(lab, expected):
    image = Image.frombytes("LAB", (40, 40), bytes([round(lab[0] * 2.55), lab[1] & 255, lab[2] & 255]) * 1600)
    painted = repaint(file(image, "TIFF"))
    assert np.abs(rgb(painted)[20, 20] - expected).max() <= 26  # Lab of whole numbers is coarse
    assert space(painted) == b"RGB "


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGBA 16", "LA 16", "WebP"])
@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif"])
def test_transparency_is_kept_exactly(mode, suffix):
    painted = opened(repaint(with_alpha(mode), suffix, inverted))
    assert painted.mode == "RGBA"
    assert (np.asarray(painted)[..., 3] == alpha_ramp()).all()


@pytest.mark.parametrize("suffix", [".jpg", ".bmp"])
def test_transparency_is_laid_over_white_where_there_is_none(suffix):
    data = file(Image.new("RGBA", (40, 40), (200, 0, 0, 0)))
    assert rgb(repaint(data, suffix, inverted)).min() >= 253
    half = rgb(repaint(file(Image.new("RGBA", (40, 40), (200, 0, 0, 51))), suffix))
    assert np.abs(half[20, 20] - (244, 204, 204)).max() <= 2


def test_what_is_fully_transparent_is_not_painted():
    pixels = np.full((40, 40, 4), (10, 200, 10, 255), np.uint8)
    pixels[:, :20] = (255, 0, 255, 0)
    seen = []
    repaint(file(Image.fromarray(pixels)), paint=lambda picture: seen.append(picture) or picture)
    assert (seen[0] == (10, 200, 10)).all()
    nothing = file(Image.new("RGBA", (40, 40), (9, 9, 9, 0)))
    assert opened(repaint(nothing)).mode == "RGBA"


@pytest.mark.parametrize(
    ("data", "clear"),
    [
        (png(8, 0, [bytes([7, 8] * 20)] * 40, transparency(7)), [0, 255]),
        (png(2, 0, [bytes([0b01100110] * 10)] * 40, transparency(1)), [0, 255]),
        (png(1, 0, [bytes([0b10101010] * 5)] * 40, transparency(1)), [0, 255]),
        (png(16, 0, [struct.pack(">HH", 7000, 7001) * 20] * 40, transparency(7000)), [0, 255]),
        (png(8, 2, [bytes([1, 2, 3, 1, 2, 4] * 20)] * 40, transparency(1, 2, 3)), [0, 255]),
        (
            png(16, 2, [struct.pack(">6H", 256, 512, 800, 256, 512, 1900) * 20] * 40, transparency(256, 512, 800)),
            [0, 255],
        ),
    ],
    ids=["8 bit", "2 bit", "1 bit", "16 bit", "colour", "16 bit colour"],
)
def test_one_transparent_colour_stays_transparent(data, clear):
    alpha = np.asarray(opened(repaint(data)))[..., 3]
    assert (alpha == [clear * 20] * 40).all()
