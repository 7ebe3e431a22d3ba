"""Paints a picture file; everything of it but its pixels is kept. Reading alone: picture_frames."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from stylecam.models.errors import OptionsError, PictureError
from stylecam.realtime.pictures.exif_directories import tagged_tiff
from stylecam.realtime.pictures.heif import teach_pillow
from stylecam.realtime.pictures.metadata import Metadata, repainted, save_options, tiff_tags
from stylecam.realtime.pictures.picture_frames import PICTURE_SUFFIXES, PictureFrame, Pictures, failures, suffixes
from stylecam.realtime.pictures.pixels import as_picture

__all__ = ["PICTURE_SUFFIXES", "repaint_picture"]

_LONGEST_SIDE = {"JPEG": 65500, "WEBP": 16383}  # px; JPEG's own limit is 65535, its library's is this
_TRANSPARENT = ("PNG", "WEBP", "TIFF", "AVIF", "HEIF")
# Pages, and HEIF's pictures, know no durations and loops, and may differ in size as an animation's frames may not.
_ANIMATED = ("PNG", "WEBP", "AVIF")
_SEVERAL = {**dict.fromkeys(_ANIMATED, _ANIMATED), "TIFF": ("TIFF",), "HEIF": ("HEIF",)}
_PAGES = {"TIFF": "pages", "HEIF": "pictures"}
_QUALITY = 95  # a painting's edges are sharp and saturated
_ENCODING: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": _QUALITY, "subsampling": "4:4:4"},
    "WEBP": {"quality": _QUALITY, "method": 4},
    "TIFF": {"compression": "tiff_adobe_deflate"},
    "PNG": {},
    "BMP": {},
    "AVIF": {"quality": _QUALITY, "subsampling": "4:4:4", "speed": 8, "max_threads": 1},
    "HEIF": {"quality": _QUALITY, "subsampling": "4:2:0"},  # phones and Windows show no other
}

Paint = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class _Painted:
    picture: Image.Image
    said: Metadata
    duration: float  # ms


def repaint_picture(
    data: bytes,
    name: str,
    paint: Paint,
    suffix: str,
    quality: int | None = None,
    size: tuple[int, int] | None = None,
) -> bytes:
    """The picture file `data` painted, as a file of the kind that `suffix`, one of `PICTURE_SUFFIXES`, names.

    `paint` takes and returns contiguous uint8 `[H, W, 3]` BGR, upright and of 32 px a side at least; each frame of
    an animation and each page goes through it. `size` is the (width, height) of the upright picture at which it is
    painted; pages of another size than the first one's change in the same proportion. `quality`, 1..100, is that of
    JPEG, WebP, AVIF and HEIF. Metadata, transparency, durations and the colour profile stay; thumbnails of what was
    painted do not. The same input makes the same bytes. `name` is what messages call the picture.

    Raises `PictureError` for a file that is no picture, is damaged, or holds what its painting's format cannot, and
    `OptionsError` for an impossible `quality` or `size`, `StylecamError` for HEIF without the extra.
    """
    form = _format(name, suffix, quality, size)
    pictures = Pictures(data, name)
    _check_several(pictures, form, suffix)
    painted = []
    for frame in pictures.frames(size, plain=form == "BMP"):
        _check_side(frame, name, form)
        bgr = np.ascontiguousarray(paint(np.ascontiguousarray(frame.bgr)))
        height, width = bgr.shape[:2]
        picture = as_picture(bgr, frame.alpha, form in _TRANSPARENT)
        painted.append(_Painted(picture, repainted(frame.said, (width, height)), frame.duration))
    with failures(f"{name} cannot be written as {suffix}: use one of {suffixes()}", name):
        return _encoded(painted, pictures, form, quality)


def _format(name: str, suffix: str, quality: int | None, size: tuple[int, int] | None) -> str:
    form = PICTURE_SUFFIXES.get(suffix.lower())
    if form is None:
        raise PictureError(f"{name} cannot be written as {suffix or 'a file without suffix'}: use one of {suffixes()}")
    if quality is not None and not 1 <= quality <= 100:
        raise OptionsError(f"the quality of a picture is a number from 1 to 100, not {quality}")
    if size is not None and min(size) < 1:
        raise OptionsError(f"a picture's sides are positive numbers of pixels, not {size[0]}x{size[1]}")
    if form == "HEIF":
        teach_pillow(f"the painting of {name}")
    return form


def _check_several(pictures: Pictures, form: str, suffix: str) -> None:
    holders = _SEVERAL.get(pictures.form, ())
    if len(pictures) > 1 and form not in holders:
        several = f"{len(pictures)} {_PAGES.get(pictures.form, 'frames')}"
        raise PictureError(f"{pictures.name} has {several}, which {suffix} cannot hold: use {suffixes(*holders)}")


def _check_side(frame: PictureFrame, name: str, form: str) -> None:
    height, width = frame.bgr.shape[:2]
    longest = _LONGEST_SIDE.get(form)
    if longest is not None and max(width, height) > longest:
        raise PictureError(
            f"{name} is {width}x{height} px, and {form} allows at most {longest} a side: use {suffixes('PNG')}"
        )


def _encoded(painted: Sequence[_Painted], pictures: Pictures, form: str, quality: int | None) -> bytes:
    if pictures.default_image and form != "PNG":
        painted = painted[1:]
    options = save_options(painted[0].said, form) | _ENCODING[form]
    if quality is not None and "quality" in options:
        options["quality"] = quality
    images = [p.picture for p in painted]
    if len(images) > 1:
        if any(image.mode == "RGBA" for image in images) and form not in _PAGES:
            images = [image.convert("RGBA") for image in images]
        options |= {"save_all": True, "append_images": images[1:]} | _timing(painted, pictures, form)
    buffer = io.BytesIO()
    images[0].save(buffer, form, **options)
    if form == "TIFF":
        return tagged_tiff(buffer.getvalue(), [(p.said.exif, tiff_tags(p.said)) for p in painted])
    return buffer.getvalue()


def _timing(painted: Sequence[_Painted], pictures: Pictures, form: str) -> dict[str, Any]:
    if form in _PAGES:
        return {"primary_index": 0} if form == "HEIF" else {}
    durations = [p.duration for p in painted]
    timing = {"duration": durations, "loop": pictures.info.get("loop", 0)}
    if form == "AVIF":
        return {"duration": [round(duration) for duration in durations]}
    if form == "PNG":
        timing |= {"disposal": 0, "blend": 0}
        if pictures.default_image:
            timing |= {"duration": durations[1:], "default_image": True}
    return timing
