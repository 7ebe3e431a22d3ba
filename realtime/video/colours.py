"""From a decoded frame to BGR as it was meant, and from BGR to what an encoder takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from stylecam.realtime.video.hdr import BT2020, TRANSFERS, tone_mapped
from stylecam.realtime.video.libraries import av, cv2
from stylecam.realtime.video.reformat import reformat

__all__ = ["ColourTags", "Turn", "colour_tags", "even_sides", "to_bgr", "to_yuv", "turn_of", "turned", "usual_tags"]

# FFmpeg's AVCOL_* numbers, which are those of ITU-T H.273.
BT709, UNSPECIFIED, BT601 = 1, 2, 6
# Those that 8-bit YUV can be encoded in: BT.709, FCC, BT.601 (625 and 525 lines), SMPTE 240M, BT.2020.
MATRICES = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9}  # to the number by which swscale knows them
LIMITED = 1
HD_HEIGHT = 720
BLACK, SPAN = 16, 219  # of limited range, ITU-R BT.709
STRETCHED = np.rint(np.clip((np.arange(256) - BLACK) / SPAN, 0, 1) * 255).astype(np.uint8)


@dataclass(frozen=True)
class ColourTags:
    """What a video says of its colours: matrix, primaries and transfer by their numbers in ITU-T H.273."""

    colorspace: int
    primaries: int
    trc: int

    def put_on(self, context: Any) -> None:
        """Tells an encoder; pictures are always of limited range, as every player expects."""
        context.color_range = LIMITED
        context.colorspace, context.color_primaries, context.color_trc = self.colorspace, self.primaries, self.trc


@dataclass(frozen=True)
class Turn:
    """How a picture becomes what is to be seen: its bars cut off, then it is turned upright.

    Upright: rows and columns exchanged, then mirrored across or down. crop: pixels left, above, right and below.
    """

    sideways: bool = False
    across: bool = False
    down: bool = False
    crop: tuple[int, int, int, int] = (0, 0, 0, 0)


def to_bgr(frame: av.VideoFrame, turn: Turn | None = None) -> np.ndarray:
    """A decoded frame as uint8 `[H, W, 3]`, BGR, upright, in the colours that were meant; HDR becomes BT.709.

    `turn` is `turn_of` the film's first frame; without it this one is asked.
    """
    return turned(_bgr(frame), turn_of(frame) if turn is None else turn)


def _bgr(frame: av.VideoFrame) -> np.ndarray:
    if frame.color_trc in TRANSFERS:
        return tone_mapped(frame, _matrix(frame))
    if frame.format.is_rgb:
        return np.asarray(reformat(frame, "bgr24").to_ndarray())
    # By planes: into interleaved BGR swscale truncates 4:2:0, by up to 3 levels, or takes six times as long.
    planar = reformat(frame, "gbrp", src_colorspace=_matrix(frame))
    green, blue, red = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]
        for plane in planar.planes
    )
    image = cv2.merge([blue, green, red])
    if frame.format.name.startswith(("gray", "ya")) and frame.color_range == LIMITED:
        image = cv2.LUT(image, STRETCHED)  # swscale takes all grey for full range
    return np.asarray(image)


def _matrix(frame: av.VideoFrame) -> int:
    """The matrix to decode by, as swscale numbers it.

    FFmpeg takes untagged video for BT.601, as it was on television; in HD it is BT.709, as every player assumes, and
    HDR is BT.2020 (ITU-R BT.2100). A matrix that swscale would refuse is replaced by the likeliest.
    """
    if frame.colorspace in MATRICES:
        return MATRICES[frame.colorspace]
    refused = frame.colorspace != UNSPECIFIED
    if frame.color_trc in TRANSFERS or (refused and frame.color_primaries == BT2020):
        return BT2020
    return MATRICES[usual_tags(frame.height).colorspace]


def colour_tags(frame: av.VideoFrame) -> ColourTags:
    """What a video made of such frames says of its colours.

    That of the frame, where it says it. What is untagged, and RGB, is BT.709 from 720 lines and BT.601 below: what
    players assume, now said. HDR has become BT.709, as has what 8-bit YUV cannot be encoded in.
    """
    if frame.color_trc in TRANSFERS:
        return ColourTags(BT709, BT709, BT709)
    if frame.colorspace == UNSPECIFIED or frame.format.is_rgb:
        usual = usual_tags(frame.height)
        return replace(
            usual,
            primaries=_told(frame.color_primaries, usual.primaries),
            trc=_told(frame.color_trc, usual.trc),
        )
    matrix = frame.colorspace if frame.colorspace in MATRICES else BT709
    return ColourTags(int(matrix), int(frame.color_primaries), int(frame.color_trc))


def usual_tags(height: int) -> ColourTags:
    """What players assume of an untagged picture of so many lines."""
    usual = BT709 if height >= HD_HEIGHT else BT601
    return ColourTags(usual, usual, usual)


def _told(tag: int, usual: int) -> int:
    return usual if tag == UNSPECIFIED else int(tag)


def to_yuv(picture: np.ndarray, tags: ColourTags, pix_fmt: str = "yuv420p") -> av.VideoFrame:
    """uint8 `[H, W, 3]` BGR, or `[H, W, 4]` with alpha, as a frame of limited range in the matrix of `tags`, tagged so.

    A matrix that 8-bit YUV cannot be encoded in becomes BT.709, in the pixels and in the tag.
    """
    rgb = av.VideoFrame.from_ndarray(picture, format="bgr24" if picture.shape[2] == 3 else "bgra")
    matrix = tags.colorspace if tags.colorspace in MATRICES else BT709
    frame = reformat(rgb, pix_fmt, dst_colorspace=MATRICES[matrix], dst_color_range=LIMITED)
    frame.colorspace, frame.color_range = matrix, LIMITED
    frame.color_primaries, frame.color_trc = tags.primaries, tags.trc
    return frame


def even_sides(picture: np.ndarray) -> np.ndarray:
    """4:2:0 video has even sides: an odd one repeats its last row or column."""
    height, width = picture.shape[:2]
    if height % 2 == 0 and width % 2 == 0:
        return picture
    return cv2.copyMakeBorder(picture, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)


def turn_of(frame: av.VideoFrame, crop: tuple[int, int, int, int] = (0, 0, 0, 0)) -> Turn:
    """How a frame of the decoder's is to be turned: a phone films sideways and notes it in a display matrix.

    Once a film is enough. PyAV ties a frame whose side data was looked at to itself, so that it stays in memory until
    Python's garbage collector comes by.
    """
    for data in cast("Iterable[Any]", frame.side_data):
        if data.type.name == "DISPLAYMATRIX":
            # [a b u; c d v; x y w]: the point (p, q) is shown at (a p + c q, b p + d q).
            a, b, _, c, d = np.frombuffer(bytes(data), np.dtype("<i4"))[:5].tolist()
            sideways = abs(a) < abs(b)
            across, down = (c, b) if sideways else (a, d)
            return Turn(sideways, across < 0, down < 0, crop)
    return Turn(crop=crop)


def turned(image: np.ndarray, turn: Turn) -> np.ndarray:
    """Pixels `[H, W]` or `[H, W, 3]` as they are to be seen."""
    left, top, right, bottom = turn.crop
    height, width = image.shape[:2]
    if left + right < width and top + bottom < height:  # else it says nonsense
        image = image[top : height - bottom, left : width - right]
    if turn.sideways:
        image = image.swapaxes(0, 1)
    return np.ascontiguousarray(image[:: -1 if turn.down else 1, :: -1 if turn.across else 1])
