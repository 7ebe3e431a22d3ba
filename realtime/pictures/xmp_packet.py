"""XMP of a painting: changed place by place, as it is no business of ours what else stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["orientation", "repainted_xmp"]

_ORIENTATION = rb"""(tiff:Orientation(?:\s*=\s*["']|>)\s*)(\d+)"""
_WIDTH = rb"""((?:tiff:ImageWidth|exif:PixelXDimension)(?:\s*=\s*["']|>)\s*)(\d+)"""
_HEIGHT = rb"""((?:tiff:ImageLength|exif:PixelYDimension)(?:\s*=\s*["']|>)\s*)(\d+)"""
_THUMBNAILS = re.compile(rb"<(xmp|xap):Thumbnails\b.*?</\1:Thumbnails\s*>", re.DOTALL)

# What phones put behind a photo and announce in it: its film, a map of its highlights, of its depth, its sound. A
# painting has none of it, and a viewer that believed the note would look for it. Namespace: properties that say so.
_BEHIND = {
    b"http://ns.google.com/photos/1.0/camera/": rb"(?:MotionPhoto|MicroVideo)\w*",
    b"http://ns.google.com/photos/1.0/container/": rb"\w+",
    b"http://ns.google.com/photos/1.0/container/item/": rb"\w+",
    b"http://ns.google.com/photos/1.0/depthmap/": rb"\w+",
    b"http://ns.google.com/photos/1.0/image/": rb"\w+",
    b"http://ns.google.com/photos/1.0/audio/": rb"\w+",
    b"http://ns.adobe.com/hdr-gain-map/1.0/": rb"\w+",
    b"http://ns.apple.com/HDRGainMap/1.0/": rb"\w+",
    b"http://ns.apple.com/pixeldatainfo/1.0/": rb"\w+",
    b"http://ns.adobe.com/xmp/note/": rb"HasExtendedXMP",
}


def orientation(xmp: bytes) -> int | None:
    """How the pixels lie, as it is said; None where it is not."""
    found = re.search(_ORIENTATION, xmp)
    return int(found[2][:2]) if found else None


def repainted_xmp(xmp: bytes, size: tuple[int, int]) -> bytes:
    """The same of an upright painting of `size` (width, height): without thumbnails, and notes of what it lacks."""
    xmp = re.sub(_ORIENTATION, rb"\g<1>1", _THUMBNAILS.sub(b"", xmp))
    for pattern, side in ((_WIDTH, size[0]), (_HEIGHT, size[1])):
        xmp = re.sub(pattern, rb"\g<1>%d" % side, xmp)
    for prefix, names in _prefixes(xmp):
        name = prefix + rb":" + names
        xmp = re.sub(rb"<(%b)\b[^>]*/>|<(%b)\b.*?</\2\s*>" % (name, name), b"", xmp, flags=re.DOTALL)
        xmp = re.sub(rb"""\s%b\s*=\s*(?:"[^"]*"|'[^']*')""" % name, b"", xmp)
    return xmp


def _prefixes(xmp: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(what a namespace is called here, the properties of it that are to go)."""
    for prefix, uri in re.findall(rb"""xmlns:([\w.-]+)\s*=\s*["']([^"']*)["']""", xmp):
        if uri in _BEHIND:
            yield re.escape(prefix), _BEHIND[uri]
