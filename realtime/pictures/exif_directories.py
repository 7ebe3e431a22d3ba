"""EXIF and TIFF directories, changed byte by byte: what is not understood is left as it is.

EXIF here is the TIFF structure itself, without the `Exif` marker that JPEG puts before it. It is patched where it
lies, because a camera's own notes hold offsets that are right in one place only.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np

__all__ = ["Directory", "orientation", "page_exif", "repainted_exif", "tagged_tiff", "wrapped"]

Directory: TypeAlias = "Mapping[int, tuple[int, bytes | Directory]]"  # tag: (type, little-endian values)

ORIENTATION = 274
_WIDTHS, _HEIGHTS = (256, 40962), (257, 40963)  # the picture's own, and what EXIF adds
_CHILDREN = (34665, 34853, 40965)  # EXIF, GPS, interoperability: tags whose value is where another directory lies
_SHORT, _LONG = 3, 4
# type: bytes of a value, bytes of the numbers that it is made of
_TYPES = {1: (1, 1), 2: (1, 1), 3: (2, 2), 4: (4, 4), 5: (8, 4), 6: (1, 1), 7: (1, 1)}
_TYPES |= {8: (2, 2), 9: (4, 4), 10: (8, 4), 11: (4, 4), 12: (8, 8), 13: (4, 4)}

# How a TIFF file lays out its own pixels, and what else of it would be wrong in a painting's file: the profile and XMP
# (they are handled by themselves), previews, Photoshop's layers and thumbnails, tables of values by bit depth.
_LAYOUT = {*range(254, 260), *range(262, 267), 273, 274, *range(277, 282), 284, *range(288, 294), 301, *range(317, 326)}
_LAYOUT |= {330, *range(332, 348), *range(512, 533), 700, 34377, 34675, 37724}


def wrapped(ifd: Directory) -> bytes:
    """EXIF of one directory."""
    out = bytearray(b"II*\0\0\0\0\0")
    struct.pack_into("<I", out, 4, _append(out, ifd))
    return bytes(out)


def orientation(exif: bytes) -> int | None:
    """How the pixels lie, 1..8; None where it is not said."""
    for _, tag, kind, _, value in _entries(exif, _first(exif)):
        if tag == ORIENTATION and kind in (_SHORT, _LONG):
            number = int(struct.unpack_from(_order(exif) + ("H" if kind == _SHORT else "I"), exif, value)[0])
            return number if 1 <= number <= 8 else 1
    return None


def repainted_exif(exif: bytes, size: tuple[int, int]) -> bytes:
    """`exif` of a picture that is upright now, of `size` (width, height), and whose thumbnail is gone.

    Empty for EXIF that cannot be read: nobody else could, and its thumbnail might show the photo.
    """
    start = _first(exif)
    if not start:
        return b""
    out = bytearray(exif)
    children = [value for _, tag, kind, _, value in _entries(exif, start) if tag == _CHILDREN[0] and kind == _LONG]
    for at in (start, *(_number(exif, child) for child in children)):
        for entry, tag, _, _, _ in _entries(exif, at):
            if tag == ORIENTATION:
                struct.pack_into(_order(exif) + "HIHH", out, entry + 2, _SHORT, 1, 1, 0)
            elif tag in (*_WIDTHS, *_HEIGHTS):
                struct.pack_into(_order(exif) + "HII", out, entry + 2, _LONG, 1, size[tag in _HEIGHTS])
    return bytes(_without_thumbnail(out, start))


def _without_thumbnail(out: bytearray, start: int) -> bytearray:
    link = _link(out, start)
    if link + 4 > len(out):
        return out
    told = {tag: value for _, tag, _, count, value in _entries(out, _number(out, link)) if count == 1}
    out[link : link + 4] = bytes(4)
    for begin, length in ((513, 514), (273, 279)):  # as JPEG, or as bare pixels
        if begin in told and length in told:
            at = _number(out, told[begin])
            end = min(at + _number(out, told[length]), len(out))
            if at > link and end == len(out):
                del out[at:]
            elif at > link:
                out[at:end] = bytes(max(0, end - at))
            break
    return out


def page_exif(data: bytes, offset: int) -> bytes:
    """EXIF of the page whose directory lies at `offset` in a TIFF file; empty where it has none or is a BigTIFF."""
    page = {tag: value for tag, value in _read(data, offset).items() if tag not in _LAYOUT}
    return wrapped(page) if page else b""


def tagged_tiff(data: bytes, pages: Sequence[tuple[bytes, Directory]]) -> bytes:
    """The TIFF file `data`, little-endian as Pillow writes it, each page with EXIF and further tags."""
    out, link = bytearray(data), 4
    for exif, more in pages:
        at = _number(out, link)
        told = {tag: value for tag, value in _read(exif, _first(exif)).items() if tag not in _LAYOUT}
        own = _read(out, at)
        following = _number(out, _link(out, at))
        moved = _append(out, {**told, **own, **more}, following)
        struct.pack_into("<I", out, link, moved)
        link = _link(out, moved)
    return bytes(out)


def _order(data: bytes | bytearray) -> str:
    return ">" if data[:2] == b"MM" else "<"


def _number(data: bytes | bytearray, at: int) -> int:
    return int(struct.unpack_from(_order(data) + "I", data, at)[0])


def _first(data: bytes | bytearray) -> int:
    """Where the first directory lies; 0 if this is no TIFF structure."""
    if data[:4] not in (b"II*\0", b"MM\0*") or len(data) < 8:
        return 0
    at = _number(data, 4)
    return at if at + 2 <= len(data) else 0


def _link(data: bytes | bytearray, at: int) -> int:
    """Where a directory tells where the next one lies."""
    return at + 2 + 12 * int(struct.unpack_from(_order(data) + "H", data, at)[0])


def _entries(data: bytes | bytearray, at: int) -> Iterator[tuple[int, int, int, int, int]]:
    """(where the entry lies, tag, type, number of values, where they lie), as far as they lie in the data."""
    if at < 8 or at + 2 > len(data):
        return
    for entry in range(at + 2, min(_link(data, at), len(data) - 11), 12):
        tag, kind, count = struct.unpack_from(_order(data) + "HHI", data, entry)
        size = _TYPES[kind][0] * count if kind in _TYPES else 0
        value = entry + 8 if size <= 4 else _number(data, entry + 8)
        if size and value + size <= len(data):
            yield entry, tag, kind, count, value


def _read(data: bytes | bytearray, at: int, depth: int = 0) -> Directory:
    found: dict[int, tuple[int, bytes | Directory]] = {}
    if data[:4] not in (b"II*\0", b"MM\0*"):
        return found
    for _, tag, kind, count, value in _entries(data, at):
        if tag in _CHILDREN:
            child = _read(data, _number(data, value), depth + 1) if depth < 2 and kind == _LONG else {}
            if child:
                found[tag] = (_LONG, child)
            continue
        whole, part = _TYPES[kind]
        numbers = np.frombuffer(data, f"{_order(data)}u{part}", count * whole // part, value)
        found[tag] = (kind, numbers.astype(f"<u{part}").tobytes())
    return found


def _append(out: bytearray, ifd: Directory, following: int = 0) -> int:
    """Writes a directory behind little-endian `out`, its values and children before it, and returns where it lies."""
    rows = []
    for tag, (kind, content) in sorted(ifd.items()):
        if isinstance(content, bytes):
            count, value = len(content) // _TYPES[kind][0], content
        else:
            count, value = 1, struct.pack("<I", _append(out, content))
        if len(value) > 4:
            out += bytes(len(out) % 2)
            value, here = struct.pack("<I", len(out)), value
            out += here
        rows.append(struct.pack("<HHI4s", tag, kind, count, value))
    out += bytes(len(out) % 2)
    at = len(out)
    out += struct.pack("<H", len(rows)) + b"".join(rows) + struct.pack("<I", following)
    return at
