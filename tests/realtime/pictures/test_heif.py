"""HEIC and HEIF: what is kept of them, as of the other formats, and what is said without the extra."""

import sys

import numpy as np
import pytest
from PIL import ExifTags, Image

from stylecam.models.errors import PictureError, StylecamError
from stylecam.realtime.cli import main
from stylecam.realtime.pictures import heif
from stylecam.realtime.pictures.heif import is_heif

from ...pictures import (
    HEIGHT,
    WIDTH,
    XMP,
    alpha_ramp,
    camera_exif,
    file,
    frames,
    grey_profile,
    inverted,
    opened,
    repaint,
    rgb,
    smooth,
)
from ...source_frames import read_frames

EXACT = {"quality": 100, "subsampling": "4:4:4"}


@pytest.fixture(autouse=True)
def _extra():
    pytest.importorskip("pillow_heif")
    heif.teach_pillow("the test")


@pytest.fixture
def without_extra(monkeypatch):
    heif._register.cache_clear()
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    yield
    heif._register.cache_clear()


def test_pixels_alpha_and_profile_stay(photo):
    assert np.abs(rgb(repaint(file(photo, "HEIF", **EXACT), ".png", inverted)) - (255 - smooth())).mean() < 2
    profile = opened(repaint(file(Image.new("L", (40, 40), 55), icc_profile=grey_profile()))).info["icc_profile"]
    data = file(photo, "HEIF", icc_profile=profile)
    for suffix in (".heic", ".HEIF", ".jpg", ".png"):
        made = opened(repaint(data, suffix))
        assert (made.size, made.info["icc_profile"]) == ((WIDTH, HEIGHT), profile)
    transparent = file(Image.fromarray(np.dstack([smooth(), alpha_ramp()])), "HEIF", **EXACT)
    for suffix in (".heic", ".png"):
        alpha = np.asarray(opened(repaint(transparent, suffix)))[..., 3].astype(int)
        assert np.abs(alpha - alpha_ramp()).mean() < 2
    assert opened(repaint(transparent, ".jpg")).mode == "RGB"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_once(orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    upright = rgb(repaint(file(Image.fromarray(smooth()), exif=exif)))
    data = file(Image.fromarray(smooth()), "HEIF", exif=exif, xmp=XMP % orientation, **EXACT)
    for suffix in (".png", ".heic"):
        made = repaint(repaint(data, suffix), ".png")
        assert rgb(made).shape == upright.shape
        assert np.abs(rgb(made) - upright).mean() < 4


@pytest.mark.parametrize(("form", "suffix"), [("HEIF", ".heic"), ("HEIF", ".jpg"), ("JPEG", ".heic"), ("PNG", ".heif")])
def test_exif_and_xmp_are_kept_but_for_what_changed(photo, form, suffix):
    xmp = {} if form == "PNG" else {"xmp": XMP % 6}
    painted = repaint(file(photo, form, exif=b"Exif\0\0" + camera_exif(), **xmp), suffix)
    image, exif = opened(painted), opened(painted).getexif()
    details, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    assert image.size == (HEIGHT, WIDTH)
    assert exif.get(ExifTags.Base.Orientation, 1) == 1
    assert exif[ExifTags.Base.ImageWidth] == details[40962] == HEIGHT
    assert exif[ExifTags.Base.Artist] == "Jos\xe9 Mu\xf1oz"
    assert details[37500] == b"MakerNote with absolute offsets"
    assert gps[1] == "N"
    assert b"THUMBNAIL" not in painted
    assert form == "PNG" or (b"xmp:Rating='4'" in painted and b"BASE64" not in painted)


def test_the_resolution_becomes_exif(photo):
    assert opened(repaint(file(photo, "JPEG", dpi=(240, 240)), ".heic")).getexif()[282] == 240


def test_several_pictures_stay_and_the_one_that_stands_for_all_is_first():
    first, *others = frames(sizes=((WIDTH, HEIGHT), (100, 80), (WIDTH, HEIGHT)))
    data = file(first, "HEIF", save_all=True, append_images=others, primary_index=1, **EXACT)
    made = opened(repaint(data, ".heic"))
    sizes = []
    for number in range(made.n_frames):
        made.seek(number)
        sizes.append(made.size)
    assert sizes == [(100, 80), (WIDTH, HEIGHT), (WIDTH, HEIGHT)]
    assert opened(repaint(data, ".heic")).tell() == 0
    with pytest.raises(PictureError, match=r"photo has 3 pictures, which .jpg cannot hold: use .heic, .heif"):
        repaint(data, ".jpg")


@pytest.mark.parametrize("length", [40, 500, -40])
def test_a_damaged_one_is_one_sentence(photo, length):
    with pytest.raises(PictureError, match="photo is damaged or incomplete"):
        repaint(file(photo, "HEIF")[:length])


def test_it_is_known_by_its_content(photo):
    assert is_heif(file(photo, "HEIF"))
    assert not any(is_heif(file(photo, form)) for form in ("AVIF", "JPEG", "PNG"))
    assert not is_heif(b"\0\0\0\x18ftypisom\0\0\0\0isomavc1")
    assert is_heif(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic")
    assert not is_heif(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif")


@pytest.mark.usefixtures("without_extra")
def test_without_the_extra_it_is_named_with_its_install_line(photo, tmp_path, convert, source_of):
    sentence = r"and needs an extra: pip install 'stylecam\[heic\]'"
    data = file(photo, "HEIF")
    for call in (lambda: repaint(data, ".png"), lambda: repaint(file(photo), ".heic")):
        with pytest.raises(StylecamError, match=sentence):
            call()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "phone.heic").write_bytes(data)
    code, said = convert(tmp_path / "in" / "phone.heic", tmp_path / "out.jpg")
    assert (code, said.count("\n")) == (1, 1)
    assert "phone.heic is a HEIC photo and needs an extra: pip install 'stylecam[heic]'" in said
    photo.save(tmp_path / "in" / "other.png")
    code, said = convert(tmp_path / "in", tmp_path / "out")
    assert (code, "1 of 2 files converted" in said, "'stylecam[heic]'" in said) == (3, True, True)
    with pytest.raises(StylecamError, match=sentence), source_of(tmp_path / "in" / "phone.heic"):
        pass


def test_through_the_command(photo, tmp_path, convert, source_of):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "phone.HEIC").write_bytes(file(photo, "HEIF", exif=b"Exif\0\0" + camera_exif()))
    (tmp_path / "in" / "torn.heic").write_bytes(file(photo, "HEIF")[:300])
    code, said = convert(tmp_path / "in", tmp_path / "out", style="negative")
    assert (code, "torn.heic is damaged or incomplete" in said) == (3, True)
    (made,) = (tmp_path / "out").iterdir()
    assert made.name == "phone.HEIC"
    assert opened(made.read_bytes()).size == (HEIGHT, WIDTH)
    with source_of(made) as live:
        assert read_frames(live, 1)[0].image.shape == (WIDTH, HEIGHT, 3)
    assert main(["--camera", str(made), "--no-window", "--snapshot", str(tmp_path / "s.png")]) == 0
