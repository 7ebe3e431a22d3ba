"""HEIC and HEIF, the photos of phones: Pillow reads and writes them with the extra `heic`, which is asked for here."""

from __future__ import annotations

import functools

from stylecam.realtime.common.extras import needs_extra

__all__ = ["HEAD", "is_heif", "teach_pillow"]

HEAD = 256  # bytes in which a file says what it is

_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_AVIF = {b"avif", b"avis"}  # which are HEIF too, by their container, and which Pillow knows by itself


def is_heif(head: bytes) -> bool:
    """Whether a file that begins with `head` says that it is HEIF and no AVIF."""
    if head[4:8] != b"ftyp":
        return False
    end = min(int.from_bytes(head[:4], "big"), len(head), HEAD)
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, end, 4))}
    return bool(brands & _BRANDS) and not brands & _AVIF


def teach_pillow(name: str) -> None:
    """Makes Pillow know the format ``HEIF``. Raises `StylecamError` where the extra is missing; `name` is the file."""
    with needs_extra("heic", f"{name} is a HEIC photo and needs an extra"):
        _register()


@functools.cache
def _register() -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
