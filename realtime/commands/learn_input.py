"""What `realtime learn` is given: the painting in any picture file, and the name of the style to be."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np

from stylecam.models.catalog import user_folder
from stylecam.models.errors import OptionsError, PictureError, StylecamError
from stylecam.models.files import read_whole
from stylecam.realtime.painting.user_styles import check_name, place_of
from stylecam.realtime.pictures.picture_frames import Pictures
from stylecam.realtime.pictures.plain_border import is_blank, without_plain_border
from stylecam.realtime.video.libraries import cv2
from stylecam.realtime.video.transparency import over_white

__all__ = ["TIER", "check_place", "read_painting", "style_name"]

TIER = "fast"  # of what is learnt: one that paints at once on any machine
LARGEST = 1024  # px: the shorter side that is kept; the strokes are learnt at half of it
SMALLEST = 64  # px
LONG = 16  # times as long as wide


def read_painting(path: Path, notify: Callable[[str], None]) -> np.ndarray:
    """The painting as it hangs: upright, its colours in sRGB, without a plain border; uint8 `[H, W, 3]` BGR.

    What is done with it, and what may not come out well, is said by `notify`. Raises `PictureError`.
    """
    try:
        data = read_whole(path)
    except OSError as error:
        raise PictureError(f"cannot read the painting {path}: {error.strerror}") from None
    frame = next(iter(Pictures(data, str(path)).frames(None, plain=True)))
    whole = over_white(frame.bgr, frame.alpha) if frame.alpha is not None else frame.bgr
    _check_size(path, whole)
    picture = without_plain_border(whole)
    if picture.shape != whole.shape:
        height, width = picture.shape[:2]
        notify(f"{path}: plain border cut off, {width}x{height} px remain")
    _check_size(path, picture)
    height, width = picture.shape[:2]
    if is_blank(picture):
        notify(f"{path} is a single plain colour: the paintings will be plain too")
    scale = LARGEST / min(height, width)
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(picture)


def _check_size(path: Path, picture: np.ndarray) -> None:
    height, width = picture.shape[:2]
    if min(height, width) < SMALLEST or max(height, width) > LONG * min(height, width):
        raise PictureError(
            f"{path} is {width}x{height} px: give a painting of at least {SMALLEST} px each way, at most {LONG} "
            "times as long as wide"
        )


def style_name(given: str | None, painting: Path, overwrite: bool, taken: Collection[str]) -> str:
    """The style's name: the given one, else the file's, with a number where it is among those `taken` already.

    Raises `OptionsError` for one that is no name, or that another style has and `overwrite` does not give up.
    """
    if given is not None:
        check_name(given)
        if given in taken and not overwrite:
            raise OptionsError(f"there is already a style {given}: choose another --name, or give --overwrite")
        return given
    plain = unicodedata.normalize("NFKD", painting.stem).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48] or "painting"
    if overwrite:
        return stem
    numbered = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in numbered if name not in taken)


def check_place(name: str, overwrite: bool) -> None:
    """Raises `StylecamError` where the style could not be put among the user's own: rather now than after minutes."""
    place = place_of(name, TIER, user_folder())
    there = next(folder for folder in place.parents if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise StylecamError(f"cannot write in {there}, where your styles are kept: make it writable")
    if place.exists() and not overwrite:
        raise OptionsError(f"there is already a file {place}: choose another --name, or give --overwrite")
