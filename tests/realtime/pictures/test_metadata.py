"""Orientation, EXIF, XMP, captions and resolution of a painted picture."""

import struct
from xml.dom import minidom

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps, IptcImagePlugin, PngImagePlugin, TiffImagePlugin

from ...pictures import HEIGHT, WIDTH, XMP, camera_exif, file, opened, repaint, smooth


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_pictures_are_painted_upright_and_turned_once(form, orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    lossless = {"JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}}.get(form, {})
    xmp = {} if form in ("PNG", "TIFF") else {"xmp": XMP % orientation}
    data = file(Image.fromarray(smooth()), form, exif=exif, **xmp, **lossless)
    upright = np.asarray(ImageOps.exif_transpose(opened(file(Image.fromarray(smooth()), exif=exif)))).astype(int)
    seen = []
    painted = repaint(data, ".png", lambda picture: seen.append(picture) or picture)
    assert np.abs(seen[0][..., ::-1] - upright).max() <= 3
    assert seen[0].flags.c_contiguous
    assert np.abs(np.asarray(ImageOps.exif_transpose(opened(painted))).astype(int) - upright).max() <= 3
    again = repaint(painted, ".jpg")
    assert opened(again).size == opened(painted).size == upright.shape[1::-1]
    assert opened(painted).getexif().get(ExifTags.Base.Orientation, 1) == 1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_exif_is_kept_but_for_what_changed(photo, form, suffix, order):
    data = file(photo, form, exif=b"Exif\0\0" + camera_exif(order=order))
    painted = repaint(data, suffix)
    image, exif = opened(painted), opened(painted).getexif()
    details, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    assert image.size == (HEIGHT, WIDTH)
    assert exif.get(ExifTags.Base.Orientation, 1) == 1
    assert exif[ExifTags.Base.ImageWidth] == HEIGHT
    assert exif[ExifTags.Base.Artist] == "Jos\xe9 Mu\xf1oz"
    assert (details[40962], details[40963]) == (HEIGHT, WIDTH)
    assert details[37500] == b"MakerNote with absolute offsets"
    assert details[37386][0] == 72
    assert gps[1] == "N"
    assert b"THUMBNAIL" not in painted
    assert not exif.get_ifd(ExifTags.IFD.IFD1)


def test_camera_notes_stay_where_their_offsets_are_right(photo):
    blob = camera_exif()
    painted = opened(repaint(file(photo, "JPEG", exif=b"Exif\0\0" + blob), ".jpg")).info["exif"][6:]
    assert painted.find(b"MakerNote") == blob.find(b"MakerNote")
    assert len(painted) == len(blob) - len(b"\xff\xd8THUMBNAIL\xff\xd9")


def test_a_thumbnail_before_other_values_is_blanked(photo):
    blob = camera_exif() + b"tail"
    painted = repaint(file(photo, "JPEG", exif=b"Exif\0\0" + blob), ".jpg")
    assert b"THUMBNAIL" not in painted
    assert b"tail" in painted


def test_a_tiffs_tags_survive_in_every_format(photo):
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[270], tags[274], tags[33550] = "A caption", 6, (0.5, 0.25, 0.0)  # the last is GeoTIFF's
    tags[34665], tags[34853] = {36867: "2020:01:02 03:04:05"}, {1: "N"}
    data = file(photo, "TIFF", tiffinfo=tags)
    for suffix in (".tif", ".jpg", ".png", ".webp"):
        kept = opened(repaint(data, suffix)).getexif()
        assert kept[270] == "A caption"
        assert kept.get_ifd(34853)[1] == "N"
        assert kept.get_ifd(34665)[36867] == "2020:01:02 03:04:05"
        assert kept[33550] == (0.5, 0.25, 0.0)
        assert kept.get(274, 1) == 1


def test_imagemagicks_exif_in_png_turns_the_picture_once(photo):
    info = PngImagePlugin.PngInfo()
    blob = b"Exif\0\0" + camera_exif()
    info.add_text("Raw profile type exif", f"\nexif\n{len(blob):8}\n{blob.hex()}\n")
    painted = opened(repaint(file(photo, pnginfo=info)))
    assert painted.size == (HEIGHT, WIDTH)
    assert ImageOps.exif_transpose(painted).size == (HEIGHT, WIDTH)
    assert painted.getexif()[ExifTags.Base.Artist].startswith("Jos")
    assert "Raw profile type exif" not in painted.text


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_xmp_is_kept_with_its_orientation_reset(photo, form, suffix):
    options = {"xmp": XMP % 6, "exif": b"Exif\0\0" + camera_exif()}
    if form == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", (XMP % 6).decode(), zip=True)
    if form == "TIFF":
        exif = Image.Exif()
        exif[274], exif[700] = 6, XMP % 6
        options["exif"] = exif
    xmp = opened(repaint(file(photo, form, **options), suffix)).info["xmp"]
    assert b"xmp:Rating='4'" in xmp
    assert b'tiff:Orientation="1"' in xmp or (form == "TIFF" and b"tiff:Orientation" not in xmp)
    assert b"tiff:ImageWidth='%d'" % HEIGHT in xmp
    assert b">%d</exif:PixelYDimension>" % WIDTH in xmp
    assert b"BASE64" not in xmp


def test_xmp_that_jpeg_cannot_hold_is_left_out(photo):
    data = file(photo, "WEBP", xmp=XMP % 1 + b" " * 70000)
    assert "xmp" in opened(repaint(data, ".webp")).info
    assert "xmp" not in opened(repaint(data, ".jpg")).info


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".bmp", ".webp"])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "BMP"])
def test_resolution_is_kept(photo, form, suffix):
    painted = opened(repaint(file(photo, form, dpi=(300, 150)), suffix))
    exif = painted.getexif()
    dpi = (exif[282], exif[283]) if suffix == ".webp" else painted.info["dpi"]
    assert [round(float(d)) for d in dpi] == [300, 150]


@pytest.mark.parametrize("length", [9, 10])
def test_captions_of_news_photos_are_kept(photo, length):
    caption = b"\x1c\x02\x78" + struct.pack(">H", length) + b"A caption!"[:length]
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(caption)) + caption + bytes(len(caption) % 2)
    segment = b"Photoshop 3.0\0" + resource
    with_caption = file(photo, "JPEG", extra=b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment)
    painted = opened(repaint(with_caption, ".jpg"))
    assert IptcImagePlugin.getiptcinfo(painted) == {(2, 120): b"A caption!"[:length]}
    assert "photoshop" not in opened(repaint(file(photo, "JPEG"), ".jpg")).info


def test_comments_and_png_texts_are_kept(photo):
    assert opened(repaint(file(photo, "JPEG", comment=b"a comment"), ".jpg")).info["comment"] == b"a comment"
    info = PngImagePlugin.PngInfo()
    info.add_text("Title", "Caf\xe9")
    info.add_text("Author", "one")
    info.add_text("Author", "two")
    info.add_itxt("Description", "\u753b", "ja", "\u8aac", zip=True)
    info.add(b"gAMA", struct.pack(">I", 45455))
    painted = repaint(file(photo, pnginfo=info))
    text = opened(painted).text
    assert text["Title"] == "Caf\xe9"
    assert text["Description"] == "\u753b"
    assert (text["Description"].lang, text["Description"].tkey) == ("ja", "\u8aac")
    assert all(b"Author\0" + value in painted for value in (b"one", b"two"))
    assert opened(painted).info["gamma"] == pytest.approx(0.45455)


def _xmp(attributes, inside=b""):
    spaces = b"".join(b' xmlns:%b="%b"' % pair for pair in NAMESPACES.items())
    return (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about=""%b %b xmp:Rating="4">%b</rdf:Description></rdf:RDF></x:xmpmeta>'
    ) % (spaces, attributes, inside)


NAMESPACES = {
    b"xmp": b"http://ns.adobe.com/xap/1.0/",
    b"GCamera": b"http://ns.google.com/photos/1.0/camera/",
    b"Container": b"http://ns.google.com/photos/1.0/container/",
    b"Item": b"http://ns.google.com/photos/1.0/container/item/",
    b"gm": b"http://ns.adobe.com/hdr-gain-map/1.0/",
    b"HDRGainMap": b"http://ns.apple.com/HDRGainMap/1.0/",
    b"GDepth": b"http://ns.google.com/photos/1.0/depthmap/",
    b"xmpNote": b"http://ns.adobe.com/xmp/note/",
    b"GPano": b"http://ns.google.com/photos/1.0/panorama/",
}
DIRECTORY = (
    b'<Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="video/mp4" '
    b'Item:Semantic="MotionPhoto" Item:Length="12345"/></rdf:li></rdf:Seq></Container:Directory>'
)


@pytest.mark.parametrize(
    ("attributes", "inside", "gone"),
    [
        (b'GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion="1"', DIRECTORY, (b"Motion", b"Directory", b"Item:")),
        (b"GCamera:MicroVideo='1' GCamera:MicroVideoOffset='999'", b"", (b"MicroVideo",)),
        (
            b'gm:Version="1.0"',
            b"<gm:GainMapMax>2.5</gm:GainMapMax>" + DIRECTORY,
            (b"gm:V", b"GainMapMax", b"Directory"),
        ),
        (b"", b"<HDRGainMap:HDRGainMapVersion>65536</HDRGainMap:HDRGainMapVersion>", (b"MapVersion",)),
        (b'GDepth:Format="RangeInverse" xmpNote:HasExtendedXMP="AB12"', b"", (b"RangeInverse", b"HasExtended")),
    ],
)
@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_what_lay_behind_a_photo_is_no_longer_announced(attributes, inside, gone, form):
    kept = b'GPano:ProjectionType="equirectangular" GCamera:SpecialTypeID="pano"'
    data = file(Image.fromarray(smooth()), form, xmp=_xmp(attributes + b" " + kept, inside)) + b"the film behind it"
    painted = repaint(data, ".jpg")
    said = opened(painted).info["xmp"]
    assert not [word for word in gone if word in said]
    assert all(word in said for word in (*kept.split(), b'xmp:Rating="4"'))
    minidom.parseString(said)
    assert b"the film behind it" not in painted
