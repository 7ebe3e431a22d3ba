"""The pixels of any picture as 8-bit BGR, and the painting's as a picture again."""

from __future__ import annotations

import functools
import io
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from stylecam.realtime.video.libraries import cv2

__all__ = ["as_picture", "hidden_filled", "resized", "to_bgr", "upright"]

_SPACES = {"L": b"GRAY", "CMYK": b"CMYK", "RGB": b"RGB ", "LAB": b"Lab "}  # as an ICC profile calls them
_SIXTEEN = 65535
# orientation: (rows are columns, then upside down, then mirrored)
_TURNS = {
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}


def to_bgr(image: Image.Image, profile: bytes, depth: int, plain: bool) -> tuple[np.ndarray, np.ndarray | None, bytes]:
    """A loaded picture as uint8 `[H, W, 3]` BGR, its alpha `[H, W]` if it has any, and the ICC profile of the result.

    `profile` is the picture's own, `depth` the bits of a PNG's values. With `plain` the result is sRGB.
    """
    alpha = _keyed(image, depth)
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        image = Image.fromarray(_levels(image))
    elif image.mode == "P":
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif image.mode in ("La", "RGBa"):
        image = image.convert("LA" if image.mode == "La" else "RGBA")
    if image.mode in ("LA", "PA", "RGBA"):
        alpha = np.asarray(image.getchannel("A"))
    if image.mode in ("1", "LA"):
        image = image.convert("L")
    elif image.mode not in _SPACES:
        image = image.convert("RGB")
    color, profile = _to_rgb(image, profile, plain)
    return cv2.cvtColor(np.asarray(color), cv2.COLOR_RGB2BGR), alpha, profile


def _keyed(image: Image.Image, depth: int) -> np.ndarray | None:
    """Alpha of a PNG in which one colour or level is transparent.

    Pillow tells that colour in the file's own levels, whatever it did to the pixels.
    """
    key = image.info.get("transparency")
    if key is None or not (image.mode in ("1", "L", "RGB") or image.mode.startswith("I;")):
        return None
    values = np.asarray(image)
    if image.mode == "1":
        return np.where(values == bool(key), 0, 255).astype(np.uint8)
    if image.mode == "RGB":
        same = (values == (np.asarray(key) >> 8 if depth == 16 else np.asarray(key))).all(axis=2)
    else:
        same = values == key * (255 // (2**depth - 1) if depth < 8 else 1)
    return np.where(same, 0, 255).astype(np.uint8)


def _levels(image: Image.Image) -> np.ndarray:
    """Grey of more than 8 bits, as 8: uint8 `[H, W]`.

    Numbers of 32 bits do not say what is white; the first of the usual answers is taken that clips nothing.
    """
    values, tags = np.asarray(image), getattr(image, "tag_v2", {})
    if image.mode.startswith("I;"):
        bits = tags.get(258, (16,))
        white = 2 ** int(bits[0] if isinstance(bits, tuple) else bits) - 1
        table = np.minimum(np.arange(_SIXTEEN + 1) * (255 / white) + 0.5, 255).astype(np.uint8)
        grey: np.ndarray = table[values]
        return 255 - grey if tags.get(262) == 0 else grey  # Pillow does not turn "white is zero" round here
    if image.mode == "I" and tags.get(339, (1,))[0] == 1:
        values = values.view(np.uint32)
    values = np.nan_to_num(values.astype(np.float32), posinf=0, neginf=0)
    low, high = float(values.min()), float(values.max())
    usual = (255.0, 65535.0) if image.mode == "I" else (1.0, 255.0, 65535.0)
    white = next((w for w in usual if high <= w), high)
    if image.mode == "F" and 1 < high <= 16:  # light a little above white, or far
        white = high
    black = min(low, 0.0)
    if black < 0:
        white = high
    return np.clip((values - black) * (255 / max(white - black, 1e-30)) + 0.5, 0, 255).astype(np.uint8)


def _to_rgb(image: Image.Image, profile: bytes, plain: bool) -> tuple[Image.Image, bytes]:
    space = profile[16:20] if profile[36:40] == b"acsp" else b"RGB "
    if image.mode in ("L", "RGB") and space == b"RGB " and not (plain and profile):
        return image.convert("RGB"), profile
    source: Any
    try:
        if image.mode == "LAB":
            source = ImageCms.createProfile("LAB")
        elif space == _SPACES[image.mode]:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        else:
            return image.convert("RGB"), b""
        converted = ImageCms.profileToProfile(
            image,
            source,
            ImageCms.ImageCmsProfile(io.BytesIO(_srgb())),
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError):  # a profile that is none
        return image.convert("RGB"), b""
    return converted or image.convert("RGB"), _srgb()


@functools.cache
def _srgb() -> bytes:
    """The ICC profile of sRGB, without the time at which it was made: the same picture makes the same file."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = np.array([2000, 1, 1, 0, 0, 0], ">u2").tobytes()
    return bytes(profile)


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Pixels, `[H, W]` or `[H, W, 3]`, that lie as EXIF's `orientation` (1..8) says, turned to stand upright."""
    if orientation not in _TURNS:
        return pixels
    transposed, flipped, mirrored = _TURNS[orientation]
    pixels = pixels.swapaxes(0, 1) if transposed else pixels
    return np.ascontiguousarray(pixels[:: -1 if flipped else 1, :: -1 if mirrored else 1])


def hidden_filled(bgr: np.ndarray, alpha: np.ndarray | None) -> np.ndarray:
    """The picture to paint: uint8 `[H, W, 3]` BGR in which nothing hidden can be seen.

    Below full transparency anything may lie, black most often, and a style would draw it into what it touches. So
    the mean colour of what can be seen lies there instead; what is half transparent has its own colour already.
    """
    if alpha is None or alpha.all():
        return bgr
    seen = (alpha != 0).astype(np.uint8)
    mean = cv2.mean(bgr, seen)[:3] if seen.any() else (255, 255, 255)
    return np.where(seen[..., None] != 0, bgr, np.round(mean).astype(np.uint8))


def resized(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Pixels at (width, height)."""
    height, width = pixels.shape[:2]
    if size == (width, height):
        return pixels
    smaller = size[0] * size[1] < width * height
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC))


def as_picture(bgr: np.ndarray, alpha: np.ndarray | None, transparent: bool) -> Image.Image:
    """The painting, with its alpha if the format is `transparent`; otherwise laid over white."""
    picture = Image.fromarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))
    if alpha is None:
        return picture
    mask = Image.fromarray(alpha)
    if not transparent:
        return Image.composite(picture, Image.new("RGB", picture.size, "white"), mask)
    picture.putalpha(mask)
    return picture
