"""What a picture file says besides its pixels, and how a painting's file says it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from PIL import Image, PngImagePlugin

from stylecam.realtime.pictures import exif_directories, xmp_packet

__all__ = ["Metadata", "orientation", "read_metadata", "repainted", "save_options", "tiff_tags", "with_profile"]

_ACROSS, _DOWN, _UNIT, _XMP, _PROFILE = 282, 283, 296, 700, 34675  # TIFF's tags
_INCH = 2
_IPTC = 0x0404  # its number among Photoshop's resources
_SEGMENT = 65533  # bytes that a JPEG segment holds
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_COLORS = (b"gAMA", b"cHRM", b"sRGB", b"cICP")  # what PNG says of its colours where it has no profile
_XMP_KEY = b"XML:com.adobe.xmp"
_XMP_MARKER = b"http://ns.adobe.com/xap/1.0/\0"
_EXIF_MARKER = b"Exif\0\0"
_RAW_EXIF = ("Raw profile type exif", "Raw profile type APP1")  # ImageMagick's way, older than PNG's own


@dataclass(frozen=True)
class Metadata:
    """What is kept of a picture: empty where the file does not say it.

    `exif` is its TIFF structure, `profile` an ICC profile, `dpi` (across, down), `iptc` the captions that news photos
    carry and `chunks` PNG's (name, content).
    """

    exif: bytes = b""
    profile: bytes = b""
    xmp: bytes = b""
    dpi: tuple[float, float] | None = None
    comment: bytes = b""
    iptc: bytes = b""
    chunks: tuple[tuple[bytes, bytes], ...] = ()


def read_metadata(image: Image.Image, data: bytes) -> Metadata:
    """What the frame that `image` has loaded says about itself; `data` is the whole file."""
    info = image.info
    said = Metadata(
        exif=_unmarked(_bytes(info.get("exif")) or _raw_exif(info)),
        profile=_bytes(info.get("icc_profile")),
        xmp=_bytes(info.get("xmp")),
        dpi=_dpi(info.get("dpi")),
    )
    if image.format in ("JPEG", "MPO"):
        iptc = _bytes((info.get("photoshop") or {}).get(_IPTC))
        return replace(said, comment=_bytes(info.get("comment")), iptc=iptc)
    if image.format == "TIFF":
        return _of_page(said, image, data)
    return _with_chunks(said, data) if image.format == "PNG" else said


def orientation(said: Metadata) -> int:
    """How the pixels lie, 1..8. EXIF decides; XMP is asked where EXIF does not say."""
    number = exif_directories.orientation(said.exif)
    if number is None:
        number = xmp_packet.orientation(said.xmp)
    return number if number is not None and 1 <= number <= 8 else 1


def repainted(said: Metadata, size: tuple[int, int]) -> Metadata:
    """The same of a painting that is upright, of `size` (width, height), without what it has not or is not."""
    exif, xmp = exif_directories.repainted_exif(said.exif, size), xmp_packet.repainted_xmp(said.xmp, size)
    return replace(said, exif=exif, xmp=xmp)


def with_profile(said: Metadata, profile: bytes) -> Metadata:
    """The same of a picture whose colours were converted to those of `profile`."""
    return replace(said, profile=profile, chunks=tuple(c for c in said.chunks if c[0] not in _COLORS))


def save_options(said: Metadata, form: str) -> dict[str, Any]:
    """What Pillow is to write with a picture of format `form`, as far as the format can hold it."""
    options: dict[str, Any] = {}
    if form in ("JPEG", "PNG", "BMP") and said.dpi:
        options["dpi"] = said.dpi
    if form in ("JPEG", "PNG", "WEBP", "AVIF", "HEIF"):
        options["icc_profile"] = said.profile
    if form == "JPEG":
        if len(said.exif) + len(_EXIF_MARKER) <= _SEGMENT:
            options["exif"] = _EXIF_MARKER + said.exif if said.exif else b""
        if len(said.xmp) + len(_XMP_MARKER) <= _SEGMENT:
            options["xmp"] = said.xmp
        options["comment"] = said.comment
        options["extra"] = _iptc_segment(said.iptc)
    elif form == "PNG":
        options |= {"exif": said.exif, "pnginfo": _png_info(said)}
    elif form in ("WEBP", "AVIF", "HEIF"):
        # It has no place for the resolution but EXIF.
        exif = said.exif or (exif_directories.wrapped(_resolution(said.dpi)) if said.dpi else b"")
        options |= {"exif": exif, "xmp": said.xmp}
    if form == "HEIF":
        options = {name: value or None for name, value in options.items()}  # empty bytes are an error to it
    return options


def _iptc_segment(iptc: bytes) -> bytes:
    """The JPEG segment that holds IPTC, in the way of Photoshop; nothing for none or too much of it."""
    resource = b"8BIM" + struct.pack(">HHI", _IPTC, 0, len(iptc)) + iptc + bytes(len(iptc) % 2)
    content = b"Photoshop 3.0\0" + resource
    if not iptc or len(content) > _SEGMENT:
        return b""
    return b"\xff\xed" + struct.pack(">H", len(content) + 2) + content


def tiff_tags(said: Metadata) -> exif_directories.Directory:
    """What a page says besides its EXIF."""
    tags = dict(_resolution(said.dpi)) if said.dpi else {}
    if said.xmp:
        tags[_XMP] = (1, said.xmp)
    if said.profile:
        tags[_PROFILE] = (7, said.profile)
    return tags


def _resolution(dpi: tuple[float, float]) -> exif_directories.Directory:
    across, down = (Fraction(d).limit_denominator(10000) for d in dpi)
    return {
        _ACROSS: (5, struct.pack("<II", across.numerator, across.denominator)),
        _DOWN: (5, struct.pack("<II", down.numerator, down.denominator)),
        _UNIT: (3, struct.pack("<H", _INCH)),
    }


def _png_info(said: Metadata) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    for name, content in said.chunks:
        info.add(name, content)
    if said.xmp:
        info.add(b"iTXt", _XMP_KEY + b"\0\0\0\0\0" + said.xmp)
    return info


def _with_chunks(said: Metadata, data: bytes) -> Metadata:
    kept = []
    for name, content in _png_chunks(data):
        key = content.partition(b"\0")[0]
        if name == b"eXIf":  # Pillow misses one behind the pixels of an animation
            said = replace(said, exif=_unmarked(content))
        elif name in _COLORS or (name in _TEXTS and key not in (_XMP_KEY, *(k.encode() for k in _RAW_EXIF))):
            kept.append((name, content))
    return replace(said, chunks=tuple(kept))


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        yield name, data[at + 8 : at + 8 + length]
        at += 12 + length


def _raw_exif(info: dict[Any, Any]) -> bytes:
    for key in _RAW_EXIF:
        lines = info.get(key)
        if isinstance(lines, str):  # "", the kind, the length, then hexadecimal digits
            return bytes.fromhex("".join(lines.split("\n")[3:]))
    return b""


def _of_page(said: Metadata, image: Any, data: bytes) -> Metadata:
    """Without what Pillow remembers of the page before, or makes up: a resolution of 1."""
    tags = image.tag_v2
    return replace(
        said,
        exif=exif_directories.page_exif(data, int(tags.offset or 0)),
        profile=said.profile if _PROFILE in tags else b"",
        dpi=said.dpi if _ACROSS in tags and _DOWN in tags else None,
    )


def _bytes(value: object) -> bytes:
    if isinstance(value, tuple):  # a TIFF tag of an unusual type
        return bytes(v & 255 for v in value if isinstance(v, int))
    if isinstance(value, str):
        return value.encode()
    return value if isinstance(value, bytes) else b""


def _unmarked(exif: bytes) -> bytes:
    while exif.startswith(_EXIF_MARKER):
        exif = exif[len(_EXIF_MARKER) :]
    return exif


def _dpi(dpi: Any) -> tuple[float, float] | None:
    try:
        across, down = (float(d) for d in dpi)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if min(across, down) > 0.01 and max(across, down) < 65535 else None
