"""Reads a picture file: its frames, upright and as a style can paint them."""

from __future__ import annotations

import contextlib
import io
import logging
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError, features

from stylecam.models.errors import PictureError
from stylecam.realtime.pictures import pixels
from stylecam.realtime.pictures.clean_aperture import clean_aperture
from stylecam.realtime.pictures.heif import is_heif, teach_pillow
from stylecam.realtime.pictures.metadata import Metadata, orientation, read_metadata, with_profile
from stylecam.realtime.pictures.picture_formats import PICTURE_FORMATS

__all__ = ["PICTURE_SUFFIXES", "PictureFrame", "Pictures", "failures", "readable_formats", "suffixes"]

_AVIF = features.check("avif")  # Pillow can be built without
PICTURE_SUFFIXES = {suffix: form for suffix, form in PICTURE_FORMATS.items() if form != "AVIF" or _AVIF}

SMALLEST = 32  # px a side, of what a style can paint
MOST_PIXELS = 500_000_000  # of all frames together: a file of a few bytes may claim any number
_DERIVED_PAGE = 1 | 4  # TIFF's flags of a page that is a smaller copy, or a mask, of another

# Pillow refuses twice as many. It warns of more than this many, which is nobody's trouble.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2
logging.getLogger("PIL").addHandler(logging.NullHandler())  # else Python prints what is logged about damaged files


@dataclass(frozen=True)
class PictureFrame:
    """A frame to paint: uint8 `[H, W, 3]` BGR, its alpha `[H, W]`, what it says about itself, and its time in ms."""

    bgr: np.ndarray
    alpha: np.ndarray | None
    said: Metadata
    duration: float


def readable_formats(head: bytes, name: str) -> list[str]:
    """What Pillow is to try on a file that begins with `head`. Raises `StylecamError` where an extra is missing."""
    if is_heif(head):
        teach_pillow(name)
        return ["HEIF"]
    return sorted({*PICTURE_SUFFIXES.values()} - {"HEIF"})  # of which Pillow may not have heard


def suffixes(*forms: str) -> str:
    """The suffixes of these formats, or of all, as a sentence lists them."""
    return ", ".join(s for s, form in PICTURE_SUFFIXES.items() if not forms or form in forms)


@contextlib.contextmanager
def failures(sentence: str, name: str) -> Iterator[None]:
    """Whatever Pillow raises is `sentence`, or a better one, of `PictureError`; what it only warns of is no trouble."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except PictureError:
        raise
    except UnidentifiedImageError:
        raise PictureError(f"{name} is not a supported picture: give one of {suffixes()}") from None
    except (Image.DecompressionBombError, MemoryError):
        raise PictureError(_too_large(name)) from None
    except Exception as error:  # a damaged file may make a decoder raise anything
        raise PictureError(sentence) from error


def _too_large(name: str) -> str:
    return f"{name} has more than {MOST_PIXELS // 1_000_000} megapixels in all: make it smaller first, or split it"


class Pictures:
    """A picture file, which may hold several frames.

    `data` is the file, `name` what messages call it. Raises `PictureError`, here and while the frames are read, for
    one that is no picture, is damaged, or has too many pixels, and `StylecamError` where it needs an extra.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self._data = data
        if not data:
            raise PictureError(f"{name} is empty: copy it again from the original")
        formats = readable_formats(data, name)
        with failures(self._damaged(), name):
            try:
                self._image: Any = Image.open(io.BytesIO(data), formats=formats)
            except UnidentifiedImageError:
                if formats == ["HEIF"]:  # as it says itself
                    raise PictureError(self._damaged()) from None
                raise
            self.form = str(self._image.format)
            self.info = dict(self._image.info)
            self._numbers = self._frame_numbers()

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def default_image(self) -> bool:
        """Whether the first frame is a PNG's picture for those who do not know animations, and no part of it."""
        return bool(self.info.get("default_image"))

    def frames(self, size: tuple[int, int] | None, plain: bool) -> Iterator[PictureFrame]:
        """Each frame as it is to be painted: at `size` (width, height), with `plain` in the colours of sRGB.

        `size` is the first one's; pages of other sizes change in the same proportion.
        """
        scale, total = (1.0, 1.0), 0
        for number in self._numbers:
            with failures(self._damaged(), self.name):
                self._image.seek(number)
                total += math.prod(self._image.size)
                if total > MOST_PIXELS:
                    raise PictureError(_too_large(self.name))
                frame = self._decoded(plain)
            height, width = frame.bgr.shape[:2]
            if size is not None and number == self._numbers[0]:
                scale = size[0] / width, size[1] / height
            target = max(1, round(width * scale[0])), max(1, round(height * scale[1]))
            self._check_size(target)
            yield _resized(frame, target)

    def _frame_numbers(self) -> list[int]:
        count = getattr(self._image, "n_frames", 1)
        if self.form == "MPO":  # a photo, and what a camera adds to it: previews, the other eye's view, brightness
            return [0]
        if count * SMALLEST**2 > MOST_PIXELS:
            raise PictureError(_too_large(self.name))
        if self.form == "HEIF":  # it need not begin with the one that stands for all
            return [self._image.tell(), *(n for n in range(count) if n != self._image.tell())]
        if self.form != "TIFF" or count == 1:
            return list(range(count))
        return [n for n in range(count) if not self._page_kind(n) & _DERIVED_PAGE] or [0]

    def _page_kind(self, number: int) -> int:
        self._image.seek(number)
        return int(self._image.tag_v2.get(254, 0))

    def _decoded(self, plain: bool) -> PictureFrame:
        image = self._image
        image.load()
        said = read_metadata(image, self._data)
        depth = self._data[24] if self.form == "PNG" else 8
        bgr, alpha, profile = pixels.to_bgr(image, said.profile, depth, plain)
        if self.form == "AVIF":
            left, top, right, bottom = clean_aperture(self._data, image.size)
            bgr = bgr[top:bottom, left:right]
            alpha = None if alpha is None else alpha[top:bottom, left:right]
        if profile != said.profile:
            said = with_profile(said, profile)
        turn = 1 if self.form == "TIFF" else orientation(said)  # Pillow has turned a TIFF's pages itself
        upright = None if alpha is None else pixels.upright(alpha, turn)
        return PictureFrame(pixels.upright(bgr, turn), upright, said, float(image.info.get("duration", 0)))

    def _check_size(self, size: tuple[int, int]) -> None:
        width, height = size
        if min(size) < SMALLEST:
            raise PictureError(
                f"{self.name} is {width}x{height} px: it needs at least {SMALLEST} px a side, so enlarge it"
            )
        if width * height > MOST_PIXELS:
            raise PictureError(_too_large(self.name))

    def _damaged(self) -> str:
        return f"{self.name} is damaged or incomplete: copy it again from the original"


def _resized(frame: PictureFrame, size: tuple[int, int]) -> PictureFrame:
    alpha = None if frame.alpha is None else pixels.resized(frame.alpha, size)
    return replace(frame, bgr=pixels.resized(pixels.hidden_filled(frame.bgr, frame.alpha), size), alpha=alpha)
