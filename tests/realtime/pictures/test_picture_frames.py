"""Animations, and files of several pages."""

import io

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms, TiffImagePlugin

from stylecam.models.errors import PictureError

from ...pictures import (
    HEIGHT,
    WIDTH,
    XMP,
    animation,
    camera_exif,
    file,
    frames,
    inverted,
    opened,
    pages,
    repaint,
    rgb,
    smooth,
)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("suffix", [".png", ".webp"])
@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_each_frame_of_an_animation_is_painted_and_keeps_its_time(form, suffix, mode):
    painted = Image.open(io.BytesIO(repaint(animation(form, mode), suffix, inverted)))
    assert painted.n_frames == 3
    durations, colors = [], []
    for n in range(3):
        painted.seek(n)
        painted.load()
        durations.append(painted.info["duration"])
        colors.append(painted.convert("RGB").getpixel((9, 9)))
    assert durations == [100, 250, 40]
    assert painted.info["loop"] == 3
    assert np.abs(np.array(colors) - [(255 - 60 * n, 55, 245) for n in range(3)]).max() <= 4


def test_an_animation_keeps_its_metadata():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = animation("WEBP", icc_profile=profile, exif=camera_exif(1), xmp=XMP % 1)
    painted = opened(repaint(data, ".webp"))
    assert painted.info["icc_profile"] == profile
    assert painted.getexif()[ExifTags.Base.Artist].startswith("Jos")
    assert b"xmp:Rating" in painted.info["xmp"]


def test_a_png_animations_still_picture_stays_apart():
    first, *others = frames()
    data = file(first, save_all=True, append_images=others, default_image=True, duration=[100, 250], loop=3)
    painted = opened(repaint(data, ".png", inverted))
    assert painted.info["default_image"]
    assert painted.n_frames == 3
    assert painted.getpixel((9, 9)) == (255, 55, 245)
    assert Image.open(io.BytesIO(repaint(data, ".webp"))).n_frames == 2


def test_each_page_of_a_tiff_is_painted_at_its_own_size():
    painted = Image.open(io.BytesIO(repaint(pages(dpi=(200, 200)), ".tiff", inverted)))
    assert painted.n_frames == 3
    for n, size in enumerate([(WIDTH, HEIGHT), (100, 80), (WIDTH, HEIGHT)]):
        painted.seek(n)
        assert painted.size == size
        assert painted.getpixel((9, 9)) == (255 - 60 * n, 55, 245)
        assert painted.info["dpi"] == (200, 200)
    halved = Image.open(io.BytesIO(repaint(pages(), ".tif", size=(WIDTH * 2, HEIGHT))))
    halved.seek(1)
    assert halved.size == (200, 80)


def test_a_page_says_only_what_it_says_itself(photo):
    buffer = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with TiffImagePlugin.AppendingTiffWriter(buffer) as pages:
        photo.save(pages, "TIFF", icc_profile=profile, dpi=(300, 300))
        pages.newFrame()
        photo.save(pages, "TIFF", description="second")
        pages.newFrame()
    painted = Image.open(io.BytesIO(repaint(buffer.getvalue(), ".tif")))
    assert painted.tag_v2[34675] == profile
    assert painted.tag_v2[282] == 300
    painted.seek(1)
    assert painted.tag_v2[270] == "second"
    assert 34675 not in painted.tag_v2
    assert 282 not in painted.tag_v2


def test_smaller_copies_of_a_page_are_left_out(photo):
    buffer = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(buffer) as pages:
        for image, kind in ((photo, 0), (Image.new("RGB", (10, 10)), 1)):
            image.save(pages, "TIFF", tiffinfo={254: kind})
            pages.newFrame()
    data = buffer.getvalue()
    assert Image.open(io.BytesIO(data)).n_frames == 2
    assert (rgb(repaint(data, ".png")) == smooth()).all()


def test_what_a_camera_adds_to_a_photo_is_left_out(photo):
    data = file(photo, "MPO", save_all=True, append_images=[Image.new("RGB", (WIDTH, HEIGHT))])
    painted = opened(repaint(data, ".jpg"))
    assert painted.format == "JPEG"
    assert np.abs(np.asarray(painted).astype(int) - smooth()).mean() <= 8


@pytest.mark.parametrize(
    ("data", "suffix", "remedy"),
    [(pages(), ".jpg", ".tif"), (pages(), ".png", ".tif"), (animation("WEBP"), ".tif", ".png, .webp")],
)
def test_several_frames_need_a_format_that_holds_them(data, suffix, remedy):
    with pytest.raises(PictureError, match=rf"photo has 3 (pages|frames), which {suffix} cannot hold: use .*{remedy}"):
        repaint(data, suffix)
