"""Pictures made by hand for the tests of picture files: each format, depth, tag and profile on its own."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

from stylecam.realtime.pictures.picture_file import repaint_picture
from stylecam.realtime.video.libraries import cv2

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


GREY = np.linspace(0, 255, WIDTH).round().astype(np.uint8) * np.ones((HEIGHT, 1), np.uint8)


def png(depth, kind, rows, extra=b""):
    """A PNG of any depth; `rows` are packed."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    width = len(rows[0]) * 8 // (depth * {0: 1, 2: 3, 4: 2, 6: 4}[kind])
    head = struct.pack(">IIBBBBB", width, len(rows), depth, kind, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + pixels + chunk(b"IEND", b"")


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


def frames(mode="RGB", sizes=((WIDTH, HEIGHT),) * 3):
    return [Image.new(mode, size, (60 * n, 200, 10, 255)[: len(mode)]) for n, size in enumerate(sizes)]


def animation(form, mode="RGB", **options):
    first, *others = frames(mode)
    lossless = {"lossless": True} if form == "WEBP" else {}
    return file(
        first, form, save_all=True, append_images=others, duration=[100, 250, 40], loop=3, **lossless, **options
    )


def pages(**options):
    first, *others = frames(sizes=((WIDTH, HEIGHT), (100, 80), (WIDTH, HEIGHT)))
    return file(first, "TIFF", save_all=True, append_images=others, **options)
