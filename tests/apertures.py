"""AVIF files with a clean aperture, which Pillow does not write: the box is put in, what lies behind it moved on."""

import struct

__all__ = ["with_aperture"]

_HEADS = {b"meta": 12, b"stsd": 16, b"av01": 86}  # bytes before the boxes inside; others have 8
_ENTRY = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"av01")


def with_aperture(avif, size, box):
    """The file `avif`, a picture or film stored in `size`, of which only `box` (left, top, right, bottom) is seen."""
    left, top, right, bottom = box
    middles = left + right - size[0], top + bottom - size[1]  # twice as far from the picture's middle
    numbers = right - left, 1, bottom - top, 1, middles[0], 2, middles[1], 2
    clap = struct.pack(">I4sIIIIiIiI", 40, b"clap", *numbers)
    return _in_track(avif, clap) if avif[8:12] == b"avis" else _in_items(avif, clap)


def _in_track(avif, clap):
    found = _path(avif, *_ENTRY)
    return _inserted(avif, found[-1][0] + found[-1][1], clap, found)


def _in_items(avif, clap):
    """As a property of every item: of the alpha too."""
    ipco = _path(avif, b"meta", b"iprp", b"ipco")
    number = 1 + len(list(_children(avif, *ipco[-1], 8)))
    data = _inserted(avif, sum(ipco[-1]), clap, ipco)
    ipma = _path(data, b"meta", b"iprp", b"ipma")
    at = ipma[-1][0] + 16
    for _ in range(int.from_bytes(data[at - 4 : at], "big")):
        data = data[: at + 2] + bytes([data[at + 2] + 1]) + data[at + 3 :]
        at += 3 + data[at + 2] - 1
        data = _inserted(data, at, bytes([0x80 | number]), _path(data, b"meta", b"iprp", b"ipma"))
        at += 1
    return data


def _inserted(data, place, new, around):
    """`data` with `new` at `place`, the boxes `around` it longer, and what lies behind it found where it is then."""
    data = bytearray(data[:place] + new + data[place:])
    for at, size in around:
        struct.pack_into(">I", data, at, size + len(new))
    for at in _offsets(data):
        offset = int.from_bytes(data[at : at + 4], "big")
        if offset >= place:
            struct.pack_into(">I", data, at, offset + len(new))
    return bytes(data)


def _offsets(data):
    """Where the places of items and of a track's chunks stand: four bytes each, as Pillow's library writes them."""
    try:
        at = _path(data, b"meta", b"iloc")[-1][0] + 12
        assert (data[at - 4], data[at]) == (0, 0x44)
        base, items = data[at + 1] >> 4, int.from_bytes(data[at + 2 : at + 4], "big")
        at += 4
        for _ in range(items):
            at += 4 + base
            extents = int.from_bytes(data[at : at + 2], "big")
            yield from range(at + 2, at + 2 + 8 * extents, 8)
            at += 2 + 8 * extents
    except KeyError:
        pass
    try:
        stco = _path(data, *_ENTRY[:5], b"stco")[-1][0]
        yield from range(stco + 16, stco + 16 + 4 * int.from_bytes(data[stco + 12 : stco + 16], "big"), 4)
    except KeyError:
        pass


def _path(data, *names):
    """(place, size) of each box on the way."""
    found, box, head = [], (0, len(data)), 0
    for name in names:
        box = next((child for kind, *child in _children(data, *box, head) if kind == name), None)
        if box is None:
            raise KeyError(name)
        found.append(tuple(box))
        head = _HEADS.get(name, 8)
    return found


def _children(data, at, size, head):
    end, at = at + size, at + head
    while at + 8 <= end:
        length = int.from_bytes(data[at : at + 4], "big")
        yield bytes(data[at + 4 : at + 8]), at, length
        at += length
