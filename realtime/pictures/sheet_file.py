"""A contact sheet as a file: PNG, SVG with its words as text, or a page of PDF."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from PIL import Image

from stylecam.realtime.common.whole_files import save_bytes
from stylecam.realtime.pictures.contact_sheet import (
    BACKGROUND,
    BASE,
    FAINT,
    GAP,
    INK,
    LINE,
    TEXT,
    TITLE_TEXT,
    Sheet,
)
from stylecam.realtime.pictures.lettering import text_width

__all__ = ["DPI", "save_sheet"]

DPI = 200


def save_sheet(path: Path, sheet: Sheet) -> None:
    """Writes the sheet in the format of the path's suffix, one of `FIGURES`, whole or not at all. Raises `RecordError`.

    All are of one size: 200 px an inch.
    """
    kinds = {".png": _png, ".svg": _svg, ".pdf": _pdf}
    save_bytes(path, kinds[path.suffix.lower()](sheet))


def _png(sheet: Sheet) -> bytes:
    return _saved(sheet.drawn(), "PNG", dpi=(DPI, DPI), compress_level=1)


def _pdf(sheet: Sheet) -> bytes:
    return _saved(sheet.drawn(), "PDF", resolution=DPI, title=sheet.title or None, quality=95, subsampling=0)


def _saved(picture: np.ndarray, kind: str, **settings: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture[..., ::-1])).save(file, kind, **settings)
    return file.getvalue()


def _svg(sheet: Sheet) -> bytes:
    width, height = sheet.size
    size = f'width="{width / DPI:.3f}in" height="{height / DPI:.3f}in" viewBox="0 0 {width} {height}"'
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">',
        f"<title>{_plain(sheet.title)}</title>",
        f'<rect width="{width}" height="{height}" fill="{_colour(BACKGROUND)}"/>',
        _text(sheet.heading(), (GAP, GAP + TITLE_TEXT), TITLE_TEXT, INK),
    ]
    for placed in sheet.placed():
        data = base64.b64encode(_saved(placed.picture, "PNG")).decode("ascii")
        (left, top), (rows, columns) = placed.at, placed.picture.shape[:2]
        parts.append(
            f'<image x="{left}" y="{top}" width="{columns}" height="{rows}" href="data:image/png;base64,{data}"/>'
        )
        for number, line in enumerate(placed.lines):
            at = placed.left, placed.top + number * LINE + BASE
            parts.append(_text(line, at, TEXT, FAINT if number else INK))
    return "\n".join([*parts, "</svg>\n"]).encode("utf-8")


def _text(text: str, at: tuple[int, int], size: int, colour: tuple[int, int, int]) -> str:
    # Every viewer has other letters: so long that the words end where they do in a PNG.
    length = f'textLength="{width}" lengthAdjust="spacingAndGlyphs" ' if (width := text_width(text, size)) > 0 else ""
    return f'<text x="{at[0]}" y="{at[1]}" font-size="{size}" {length}fill="{_colour(colour)}">{_plain(text)}</text>'


def _plain(text: str) -> str:
    """Text as XML may hold it."""
    return escape("".join(c if c.isprintable() else "?" for c in text))


def _colour(bgr: tuple[int, int, int]) -> str:
    return "#{2:02x}{1:02x}{0:02x}".format(*bgr)
