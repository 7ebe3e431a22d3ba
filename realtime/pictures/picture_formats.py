"""Which suffixes picture files have: a fact of its own, for those who need no picture library to know it."""

__all__ = ["MAYBE_FILMS", "PICTURE_FORMATS"]

# Suffix: the format, as Pillow calls it.
PICTURE_FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".avif": "AVIF",
    ".heic": "HEIF",
    ".heif": "HEIF",
}
MAYBE_FILMS = frozenset(suffix for suffix, form in PICTURE_FORMATS.items() if form in ("AVIF", "HEIF"))
