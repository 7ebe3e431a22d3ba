"""Pixels that are no squares, as on DVDs: a file that tells their shape, or square ones where it could not."""

from __future__ import annotations

import io
from dataclasses import replace
from fractions import Fraction

import numpy as np

from stylecam.models.errors import RecordError
from stylecam.realtime.convert.segments import stream_packet
from stylecam.realtime.convert.stream_fates import CONTAINERS
from stylecam.realtime.convert.video_job import VideoJob
from stylecam.realtime.video.colours import usual_tags
from stylecam.realtime.video.encoding import Encoder, Encoding, VideoFormat
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.priority import priority_kept
from stylecam.realtime.video.video_input import ReadErrors, connect, picture_stream

__all__ = ["tells_shape", "with_square_pixels"]

CLOSE = Fraction(1, 200)  # what nobody sees
TRIAL = 1 << 10  # px of a side, at most, of the picture that is tried


def with_square_pixels(job: VideoJob) -> VideoJob:
    """The job, with a cut that makes the pixels square where one of its files could not tell what shape they have.

    Raises `SourceError` for a file that is no film.
    """
    with ReadErrors(str(job.source)), connect(job.source) as original:
        stream = picture_stream(original, str(job.source))
        aspect, size = stream.sample_aspect_ratio or Fraction(1), (stream.width, stream.height)
    if aspect == 1 or job.cut.size is not None:
        return job
    for encoding, target in zip(job.encodings, job.targets, strict=True):
        for upright in ((size, aspect), (size[::-1], 1 / aspect)):  # as it is stored, or turned by a quarter
            if not tells_shape(encoding, target.suffix.lower(), *upright):
                return replace(job, cut=replace(job.cut, square=True))
    return job


def tells_shape(encoding: Encoding, suffix: str, size: tuple[int, int], aspect: Fraction) -> bool:
    """Whether pixels `aspect` times as wide as high are read from a file of this suffix as they were written.

    MP4 tells it itself. In Matroska it is PyAV that does not, so there the codec must: those of VP9 and AV1 do not, and
    MPEG-2 knows four shapes of the whole picture. So it is tried with a picture of `size` (width, height), or smaller.
    """
    scale = min(Fraction(1), Fraction(TRIAL, max(size)))
    width, height = (max(64, 2 * round(side * scale / 2)) for side in size)
    video = VideoFormat(width, height, Fraction(1, 25), Fraction(25), aspect, usual_tags(height))
    buffer = io.BytesIO()
    try:
        encoder = Encoder(encoding, video)
        picture = np.zeros((height, width, 3), np.uint8)
        packets = [*encoder.encode(picture, 0, 1), *encoder.finish()]
        with av.open(buffer, "w", format=CONTAINERS[suffix]) as out:
            stream = out.add_stream(encoding.encoder, rate=video.rate)
            video.configure(stream.codec_context, encoding)
            with priority_kept():
                out.start_encoding()
            for packet in packets:
                out.mux(stream_packet(packet.pts, packet, stream, video.time_base))
        buffer.seek(0)
        with av.open(buffer) as made:
            found = made.streams.video[0].sample_aspect_ratio or Fraction(1)
    except (RecordError, av.FFmpegError, ValueError):
        return False  # whoever encodes the film says what is wrong
    return abs(found / aspect - 1) < CLOSE
