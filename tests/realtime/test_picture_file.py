import io
import struct
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms, ImageOps, IptcImagePlugin, PngImagePlugin, TiffImagePlugin

from stylecam.models.errors import OptionsError, PictureError
from stylecam.realtime._video import cv2
from stylecam.realtime.picture_file import PICTURE_SUFFIXES, repaint_picture

WIDTH, HEIGHT = 56, 40
LOSSLESS = (".png", ".tif", ".bmp")
XMP = (
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:Description tiff:Orientation=\"%d\" tiff:ImageWidth='999'"
    b" xmp:Rating='4'><exif:PixelYDimension>999</exif:PixelYDimension><xmp:Thumbnails><rdf:Alt>BASE64"
    b"</rdf:Alt></xmp:Thumbnails></rdf:Description></x:xmpmeta>"
)


def identity(picture):
    return picture


def inverted(picture):
    return 255 - picture


def file(image, form="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def rgb(data):
    return np.asarray(opened(data).convert("RGB")).astype(int)


def repaint(data, suffix=".png", paint=identity, **options):
    return repaint_picture(data, "photo", paint, suffix, **options)


def smooth(width=WIDTH, height=HEIGHT):
    """A picture in which every corner differs, smooth enough for JPEG."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 // width, y * 255 // height, 255 - x * 200 // width], axis=2).astype(np.uint8)


@pytest.fixture
def photo():
    return Image.fromarray(smooth())


def camera_exif(orientation=6, thumbnail=b"\xff\xd8THUMBNAIL\xff\xd9", order="<"):
    """EXIF as cameras write it: notes with absolute offsets, GPS, a thumbnail at the end."""
    notes = b"MakerNote with absolute offsets"
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)

    def entry(tag, kind, count, value):
        packed = struct.pack(order + "H", value) if kind == 3 else struct.pack(order + "I", value)
        return struct.pack(order + "HHI", tag, kind, count) + packed.ljust(4, b"\0")

    sizes = [2 + 12 * n + 4 for n in (6, 4, 2, 2)]
    first, exif, gps, second = (8 + sum(sizes[:n]) for n in range(4))
    values = 8 + sum(sizes)
    artist = "Jos\xe9 Mu\xf1oz\0".encode("latin-1")
    lens = values + len(artist)
    maker, thumb = lens + 16, lens + 16 + len(notes)
    ifds = [
        [
            entry(256, 4, 1, 999),
            entry(274, 3, 1, orientation),
            entry(282, 5, 1, lens),
            entry(315, 2, len(artist), values),
            entry(34665, 4, 1, exif),
            entry(34853, 4, 1, gps),
        ],
        [
            entry(37386, 5, 2, lens),
            entry(37500, 7, len(notes), maker),
            entry(40962, 3, 1, 999),
            entry(40963, 3, 1, 999),
        ],
        [entry(1, 2, 2, 0x4E << (24 if order == ">" else 0)), entry(5, 1, 1, 0)],
        [entry(513, 4, 1, thumb), entry(514, 4, 1, len(thumbnail))],
    ]
    packed = [
        struct.pack(order + "H", len(rows)) + b"".join(rows) + struct.pack(order + "I", second if n == 0 else 0)
        for n, rows in enumerate(ifds)
    ]
    rationals = struct.pack(order + "4I", 72, 1, 0, 0)
    blob = head + b"".join(packed) + artist + rationals + notes + thumbnail
    assert first == 8
    assert blob[thumb:] == thumbnail
    return blob


# Orientation and metadata


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


def made_profile(space, pcs, tags):
    """A minimal ICC profile, of version 2."""
    at, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        table += name + struct.pack(">II", at + len(body), len(content))
        body += content.ljust(-(-len(content) // 4) * 4, b"\0")
    head = bytearray(128)
    head[8:12], head[12:16], head[16:20], head[20:24], head[36:40] = b"\2\x20\0\0", b"prtr", space, pcs, b"acsp"
    head[68:80] = struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    data = bytes(head) + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(data)) + data[4:]


def cmyk_profile():
    """Cyan ink is red in it, and all else as light as there is little ink."""
    grid = []
    for corner in range(16):
        c, m, y, k = (corner >> n & 1 for n in (3, 2, 1, 0))
        grid += [128, 208, 190] if (c, m, y, k) == (1, 0, 0, 0) else [255 - 60 * (c + m + y + k), 128, 128]
    ramp = bytes(range(256))
    identity_matrix = struct.pack(">9i", *(65536 * (n % 4 == 0) for n in range(9)))
    lut = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + identity_matrix + ramp * 4 + bytes(grid) + ramp * 3
    white = b"XYZ \0\0\0\0" + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    return made_profile(b"CMYK", b"Lab ", {b"A2B0": lut, b"wtpt": white})


def grey_profile():
    """Linear light."""
    white = b"XYZ \0\0\0\0" + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    return made_profile(b"GRAY", b"XYZ ", {b"kTRC": b"curv\0\0\0\0\0\0\0\0", b"wtpt": white})


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


# Pixels

GREY = np.linspace(0, 255, WIDTH).round().astype(np.uint8) * np.ones((HEIGHT, 1), np.uint8)


def png(depth, kind, rows, extra=b""):
    """A PNG of any depth; `rows` are packed."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    width = len(rows[0]) * 8 // (depth * {0: 1, 2: 3, 4: 2, 6: 4}[kind])
    head = struct.pack(">IIBBBBB", width, len(rows), depth, kind, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + pixels + chunk(b"IEND", b"")


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


def alpha_ramp():
    return np.linspace(0, 255, WIDTH).round().astype(np.uint8) * np.ones((HEIGHT, 1), np.uint8)


def with_alpha(mode):
    image = Image.fromarray(np.dstack([smooth(), alpha_ramp()]))
    if mode == "P":
        return file(Image.fromarray(GREY).convert("P"), transparency=bytes(range(256)))
    if mode == "RGBA 16":
        return cv2.imencode(".png", np.asarray(image)[..., [2, 1, 0, 3]].astype(np.uint16) * 257)[1].tobytes()
    if mode == "LA 16":
        rows = [
            b"".join(struct.pack(">HH", a * 257, b * 257) for a, b in zip(g, r, strict=True))
            for g, r in zip(GREY.tolist(), alpha_ramp().tolist(), strict=True)
        ]
        return png(16, 4, rows)
    if mode == "WebP":
        return file(image, "WEBP", lossless=True, exact=True)
    return file(image.convert(mode), "TIFF" if mode == "RGBA" else "PNG")


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


# Frames


def frames(mode="RGB", sizes=((WIDTH, HEIGHT),) * 3):
    return [Image.new(mode, size, (60 * n, 200, 10, 255)[: len(mode)]) for n, size in enumerate(sizes)]


def animation(form, mode="RGB", **options):
    first, *others = frames(mode)
    lossless = {"lossless": True} if form == "WEBP" else {}
    return file(
        first, form, save_all=True, append_images=others, duration=[100, 250, 40], loop=3, **lossless, **options
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


def pages(**options):
    first, *others = frames(sizes=((WIDTH, HEIGHT), (100, 80), (WIDTH, HEIGHT)))
    return file(first, "TIFF", save_all=True, append_images=others, **options)


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
    with pytest.raises(PictureError, match=rf"photo has 3 (pages|frames), which {suffix} cannot hold: take .*{remedy}"):
        repaint(data, suffix)


# Encoding


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


# Failures


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
        (b"no picture at all", ".png", "photo is no picture that can be read: give one of .jpg, "),
        (file(Image.new("P", (40, 40)), "GIF"), ".png", "photo is no picture"),
        (file(Image.fromarray(smooth()), "JPEG")[:-300], ".png", "photo is damaged or incomplete"),
        (header(100000, 100000), ".png", "photo has more than 500 megapixels"),
        (header(25000, 25000), ".png", "photo has more than 500 megapixels"),
        (header(0, 40), ".png", "photo is damaged|photo is no picture|photo is 0x40"),
        (file(Image.new("RGB", (31, 200))), ".png", "photo is 31x200 px: a picture to paint has at least 32 px a side"),
        (file(Image.new("RGB", (40, 40))), ".gif", "photo cannot be written as .gif: take one of .jpg, "),
        (file(Image.new("RGB", (40, 40))), "", "photo cannot be written as a file without suffix"),
        (wide(65536), ".jpg", "photo is 65536x32 px, and JPEG holds 65500 a side: take .png"),
        (wide(65501), ".jpg", "photo is 65501x32 px, and JPEG"),
        (wide(16384), ".webp", "photo is 16384x32 px, and WEBP holds 16383 a side: take .png"),
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
