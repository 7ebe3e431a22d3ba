"""Puts a style file among the user's own."""

from __future__ import annotations

from pathlib import Path

from stylecam.models.catalog import Style, StyleCatalog
from stylecam.models.errors import StylecamError
from stylecam.realtime.sinks import write_whole
from stylecam.realtime.stylizer import Stylizer

__all__ = ["add_style"]


def add_style(style: Style, folder: Path, overwrite: bool = False) -> Path:
    """Checks a style and copies it to `folder`, as NAME-TIER.onnx; returns where it lies.

    The check loads it on the CPU and paints a test frame. With `overwrite` it takes the place of a style of the
    same name and tier. Raises `StyleError` for an unusable style, `StylecamError` where there is one already that may
    not be replaced, or for a folder that cannot be written in.
    """
    Stylizer(style, "cpu")
    target = _place(style, folder)
    if target.exists() and not overwrite:
        raise StylecamError(f"there is already {target}: give --overwrite to replace it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(target, style.data)
    except OSError as error:
        raise StylecamError(f"cannot write {target}: {error.strerror or error}") from None
    return target


def _place(style: Style, folder: Path) -> Path:
    """The file with this name and tier that is there, whatever it is called, else the one to be made."""
    for other in StyleCatalog([folder]).styles:
        if (other.name, other.tier) == (style.name, style.tier):
            return other.path
    tier = f"-{style.tier}" if style.tier in ("fast", "full") else ""  # a stranger's text is no part of a path
    return folder / f"{style.name}{tier}.onnx"
