"""A job's pictures in every style, encoded and written in segments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stylecam.realtime.convert import segments
from stylecam.realtime.convert.cluster import PaintedPart
from stylecam.realtime.convert.segments import Segment, SegmentWriter
from stylecam.realtime.convert.video_reader import TimedPicture
from stylecam.realtime.video.encoding import EncodedPicture, Encoder, Encoding, VideoFormat

__all__ = ["PaintedSegments"]


class PaintedSegments:
    """For each file of a job the segments that are finished, and the one that is being written.

    finished: a list of segments for each file, in order; those of `done` are its beginning. bytes: how many are
    written. Raises `OSError` where a segment cannot be written, `RecordError` where an encoder fails.
    """

    def __init__(
        self, folders: Sequence[Path], encodings: Sequence[Encoding], video: VideoFormat, done: list[list[Segment]]
    ) -> None:
        self.finished = done
        self.bytes = sum(sum(segment.sizes) for track in done for segment in track)
        self._folders, self._encodings, self._video = folders, encodings, video
        self._open: list[tuple[Encoder, SegmentWriter]] = []  # one for each file, between a segment's two ends
        self._frames = 0  # in the open segment

    def add(self, picture: TimedPicture, painted: list[np.ndarray]) -> None:
        """The next picture, `painted` for each file: uint8 `[H, W, 3]` BGR. A full segment is finished."""
        if not self._open:
            for number, encoding in enumerate(self._encodings):
                self._open.append((Encoder(encoding, self._video), self._writer(number)))
        for (encoder, writer), image in zip(self._open, painted, strict=True):
            self._write(writer, encoder.encode(image, picture.pts, picture.duration, picture.alpha))
        self._frames += 1
        if self._frames == segments.SEGMENT_FRAMES:
            self.end(picture.damaged)

    def end(self, damaged: int, keep: bool = True) -> None:
        """Finishes the open segment, up to whose end `damaged` pictures are damaged; it is lost unless `keep`."""
        for number, (encoder, writer) in enumerate(self._open):
            if keep:
                self._write(writer, encoder.finish())
                self.finished[number].append(writer.finish(encoder.extradata, damaged))
            else:
                writer.abandon()
        self._open, self._frames = [], 0

    def abandon(self) -> None:
        """Closes the open segment's files; it is no segment."""
        for _, writer in self._open:
            writer.abandon()

    def add_part(self, painted: PaintedPart, damaged: int) -> None:
        """A whole segment, as a cluster gives it."""
        for number, (packets, headers) in enumerate(painted):
            writer = self._writer(number)
            self._write(writer, packets)
            self.finished[number].append(writer.finish(headers, damaged))

    def _writer(self, number: int) -> SegmentWriter:
        return SegmentWriter(self._folders[number], len(self.finished[number]))

    def _write(self, writer: SegmentWriter, packets: list[EncodedPicture]) -> None:
        writer.add(packets)
        self.bytes += sum(len(packet.data) for packet in packets)
