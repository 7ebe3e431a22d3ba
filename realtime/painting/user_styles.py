"""Makes a style file of what the user has, and puts it among the user's own."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stylecam.models.catalog import NAME, Style, StyleCatalog
from stylecam.models.errors import OptionsError, StylecamError, StyleError
from stylecam.realtime.common.whole_files import write_whole
from stylecam.realtime.painting.foreign_models import Conventions
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.video.libraries import cv2

__all__ = ["add_style", "as_style", "check_name", "own_files", "place_of", "remove_files", "renamed", "with_thumbnail"]

THUMBNAIL = 160  # px: the longer side of the picture by which a style shows itself


def as_style(
    style: Style,
    levels: str | None = None,
    output_range: str | None = None,
    colours: str | None = None,
    multiple: int | None = None,
    **texts: str | None,
) -> Style:
    """A model that other people made, with what was said of it in its bytes: a style. Ours stay as they are.

    `texts` are its name, title and artist. Raises `OptionsError` for a name that is none, and where something is said
    of a style of ours.
    """
    said = {key: value for key, value in texts.items() if value is not None}
    if levels is None:
        if said or output_range or colours or multiple:
            raise OptionsError("these options are for a model from another program: give --range too")
        return style
    if style.metadata.get("network"):
        raise OptionsError(f"{style.path} is a stylecam style file and needs no --range: leave it out")
    conventions = Conventions(colours or "rgb", levels, output_range or levels, multiple or 1)
    style = renamed(style, said["name"]) if "name" in said else style
    return style.with_metadata(**said, conventions=conventions.to_json())


def check_name(name: str) -> None:
    """Raises `OptionsError` for a --name that no style can have."""
    if not NAME.fullmatch(name):
        raise OptionsError(f"--name {name}: give one word of letters, digits, - and _")


def renamed(style: Style, name: str, title: str | None = None) -> Style:
    """A style under another name, and title where one is given. Raises `OptionsError` for a name that is none."""
    check_name(name)
    return style.with_metadata(name=name, **({} if title is None else {"title": title}))


def with_thumbnail(style: Style, picture: np.ndarray) -> Style:
    """A style that shows itself by a picture, uint8 `[H, W, 3]` BGR, made small."""
    scale = THUMBNAIL / max(picture.shape[:2])
    size = max(1, round(scale * picture.shape[1])), max(1, round(scale * picture.shape[0]))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    png = cv2.imencode(".png", small, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()
    return style.with_metadata(thumbnail=base64.b64encode(png).decode())


def add_style(style: Style, folder: Path, overwrite: bool = False) -> Path:
    """Checks a style and copies it to `folder`, as NAME-TIER.onnx; returns where it lies.

    The check loads it on the CPU and paints a test frame. With `overwrite` it takes the place of a style of the
    same name and tier. Raises `StyleError` for an unusable style, `StylecamError` where there is one already that may
    not be replaced, or for a folder that cannot be written in.
    """
    Stylizer(style, "cpu")
    target = place_of(style.name, style.tier, folder)
    if target.exists() and not overwrite:
        raise StylecamError(f"{target} exists already; --overwrite replaces it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before = target.stat() if target.exists() else None
        write_whole(target, style.data)
        if before:  # own styles have their number keys by date: one that is replaced keeps its own
            os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
    except OSError as error:
        raise StylecamError(f"cannot write {target}: {error.strerror or error}") from None
    return target


def own_files(name: str, folder: Path) -> list[Style]:
    """The user's own style files of a name, one for each tier. Raises `StyleError` where `folder` has none."""
    catalog, found = StyleCatalog(), [style for style in StyleCatalog([folder]).styles if style.name == name]
    if not found:
        catalog.find(name)  # which says it where there is no such style at all
        raise StyleError(f"{name} is not one of your own styles, in {folder}: it stays as it is")
    return found


def remove_files(styles: Sequence[Style]) -> None:
    """Removes style files. Raises `StylecamError` where that is not allowed."""
    for style in styles:
        try:
            style.path.unlink()
        except OSError as error:
            raise StylecamError(f"cannot remove {style.path}: {error.strerror or error}") from None


def place_of(name: str, tier: str, folder: Path) -> Path:
    """The file with this name and tier that is in a folder, whatever it is called, else the one to be made."""
    for other in StyleCatalog([folder]).styles:
        if (other.name, other.tier) == (name, tier):
            return other.path
    suffix = f"-{tier}" if tier in ("fast", "full") else ""  # a stranger's text is no part of a path
    return folder / f"{name}{suffix}.onnx"
