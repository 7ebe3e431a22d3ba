"""The part of an AVIF picture that is meant to be seen: its clean aperture, which Pillow does not tell.

The boxes are those of ISO/IEC 14496-12 (`clap` in 12.1.4) and 23008-12, where a picture is an item with properties.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction

__all__ = ["clean_aperture"]

_META_HEAD, _ENTRY_HEAD, _SAMPLE_HEAD = 4, 8, 78  # bytes before the boxes in meta, in stsd and in a video's entry of it
_TRACK = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")


def clean_aperture(data: bytes, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) in px, of a picture that is stored in `size` (width, height); all of it where none is.

    An aperture beyond the picture is none, as for browsers and for FFmpeg.
    """
    width, height = size
    try:
        clap = _sequence_clap(data) if data[8:12] == b"avis" else _item_clap(data)
        if clap is None:
            return 0, 0, width, height
        numbers = struct.unpack(">IIIIiIiI", clap[:32])
        wide, high, right, down = (Fraction(n, d) for n, d in zip(numbers[::2], numbers[1::2], strict=True))
    except (struct.error, IndexError, ZeroDivisionError):
        return 0, 0, width, height
    # The offsets are those of its middle from the picture's.
    left, top = round((width - wide) / 2 + right), round((height - high) / 2 + down)
    box = left, top, left + round(wide), top + round(high)
    inside = 0 <= box[0] < box[2] <= width and 0 <= box[1] < box[3] <= height
    return box if inside else (0, 0, width, height)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(type, content) of each box that begins in `data`, one after the other."""
    at = 0
    while at + 8 <= len(data):
        length, head = int.from_bytes(data[at : at + 4], "big"), 8
        if length == 1:
            length, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        end = len(data) if length == 0 else at + length
        if end < at + head:
            return
        yield data[at + 4 : at + 8], data[at + head : end]
        at = end


def _first(data: bytes, *path: bytes) -> bytes:
    """The content of the first box of each type within the one before; empty where there is none."""
    for name in path:
        data = next((content for found, content in _boxes(data) if found == name), b"")
        data = data[_META_HEAD:] if name == b"meta" else data
    return data


def _sequence_clap(data: bytes) -> bytes | None:
    """Of a film in AVIF: it stands in the track."""
    entry = next((content for _, content in _boxes(_first(data, *_TRACK)[_ENTRY_HEAD:])), b"")
    return _first(entry[_SAMPLE_HEAD:], b"clap") or None


def _item_clap(data: bytes) -> bytes | None:
    meta = _first(data, b"meta")
    primary = _first(meta, b"pitm")
    item = int.from_bytes(primary[4:6] if primary[:1] == b"\0" else primary[4:8], "big")
    properties = list(_boxes(_first(meta, b"iprp", b"ipco")))
    numbers = _associated(_first(meta, b"iprp", b"ipma"), item)
    found = [properties[number - 1] for number in numbers if 0 < number <= len(properties)]
    return next((content for name, content in found if name == b"clap"), None)


def _associated(ipma: bytes, wanted: int) -> list[int]:
    """The numbers, from 1, of the properties of an item."""
    if not ipma:
        return []
    name_bytes, number_bytes = (4 if ipma[0] else 2), (2 if ipma[3] & 1 else 1)
    at, essential = 8, 1 << (8 * number_bytes - 1)
    for _ in range(int.from_bytes(ipma[4:8], "big")):
        item = int.from_bytes(ipma[at : at + name_bytes], "big")
        count, at = ipma[at + name_bytes], at + name_bytes + 1
        places = range(at, at + count * number_bytes, number_bytes)
        if item == wanted:
            return [int.from_bytes(ipma[place : place + number_bytes], "big") & ~essential for place in places]
        at += count * number_bytes
    return []
