"""What an encoder must know of a film's pictures, by the film's header and its first frame."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from stylecam.realtime.video.colours import colour_tags
from stylecam.realtime.video.encoding import VideoFormat
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.transparency import has_alpha

__all__ = ["format_of", "frame_rate"]

USUAL_RATE = Fraction(25)


def frame_rate(stream: Any) -> Fraction:
    """The average rate, or a usual one where the film says none."""
    found: Fraction = stream.average_rate or stream.guessed_rate or USUAL_RATE
    return found


def format_of(
    frame: av.VideoFrame, size: tuple[int, int], ticks: Fraction, rate: Fraction, aspect: Fraction
) -> VideoFormat:
    """The format of pictures of `size` (width, height), whose sides become even ones; their times are in `ticks`."""
    width, height = (side + side % 2 for side in size)
    return VideoFormat(width, height, ticks, rate, aspect, colour_tags(frame), has_alpha(frame))
