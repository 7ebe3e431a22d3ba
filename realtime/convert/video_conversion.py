"""A video repainted: decoded once, painted in every style, encoded in segments, put together when all is done."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

from stylecam.models.errors import OptionsError, RecordError
from stylecam.realtime.common.pipeline import ahead, in_order
from stylecam.realtime.convert import segments
from stylecam.realtime.convert.assembly import Assembly, assemble, try_out
from stylecam.realtime.convert.cluster import Cluster, PaintedPart, Part, parts_of
from stylecam.realtime.convert.differences import differences
from stylecam.realtime.convert.segment_folders import SegmentFolders
from stylecam.realtime.convert.segments import Segment, SegmentWriter
from stylecam.realtime.convert.stream_fates import Fate, fates
from stylecam.realtime.convert.video_job import VideoJob, fingerprint
from stylecam.realtime.convert.video_reader import TimedPicture, VideoReader
from stylecam.realtime.painting.repainter import Repainter
from stylecam.realtime.video.encoding import EncodedPicture, Encoder
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.video_input import not_without_damage

__all__ = ["VideoJob", "VideoProgress", "VideoResult", "check_free", "convert_video"]

AHEAD = 4  # decoded pictures that wait


@dataclass(frozen=True)
class VideoProgress:
    """`frames` done of about `expected` (0: unknown), `painted` of them now and not before a break."""

    frames: int
    expected: int
    painted: int
    bytes: int


@dataclass
class VideoResult:
    """What became of a job. `problem`: one sentence where the original was damaged or the job was stopped.

    `left_out` and `changed`: a sentence for each thing that the files lack, or hold in another way than the original.
    """

    frames: int = 0
    resumed_frames: int = 0
    damaged: int = 0
    seconds: float = 0.0
    stopped: bool = False
    problem: str | None = None
    left_out: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


def convert_video(
    job: VideoJob,
    repainter: Repainter,
    at_once: int = 1,
    progress: Callable[[VideoProgress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    cluster: Cluster | None = None,
) -> VideoResult:
    """Repaints a video, `at_once` pictures at a time or on a cluster; a file has its name only when it is complete.

    Raises `SourceError` when there is nothing to decode, `RecordError` when a file cannot be written. A job that
    `should_stop` ends leaves nothing, unless it says `keep_partial`, or `resume` (its segments, then).
    """
    start = time.monotonic()
    with (
        VideoReader(job.source, job.cut) as reader,
        _writing(job.targets[0]),
        SegmentFolders(job.targets, job.resume) as folders,
    ):
        done = folders.begin(fingerprint(job, reader, repainter))
        conversion = _Conversion(job, reader, folders.folders, done)
        if cluster is None:
            conversion.run(repainter, at_once, progress, should_stop)
        else:
            conversion.run_on(cluster, progress, should_stop)
        result = conversion.result
        if not result.stopped or job.keep_partial:
            conversion.finish()
            folders.finished = True
    result.seconds = time.monotonic() - start
    return result


class _Conversion:
    def __init__(self, job: VideoJob, reader: VideoReader, folders: list[Path], done: list[list[Segment]]) -> None:
        self.job, self.reader, self.folders, self.segments = job, reader, folders, done
        self.result = VideoResult(frames=sum(s.frames for s in done[0]), damaged=done[0][-1].damaged if done[0] else 0)
        self.result.resumed_frames = self.result.frames
        self._tracks: list[tuple[Encoder, SegmentWriter]] = []
        self._in_segment = 0
        self._bytes = sum(sum(segment.sizes) for track in done for segment in track)
        self._fates: dict[str, list[Fate]] = {}  # by the suffix of the file
        self._try_out()

    def run(
        self,
        repainter: Repainter,
        at_once: int,
        progress: Callable[[VideoProgress], None],
        should_stop: Callable[[], bool],
    ) -> None:
        """Paints and encodes what is not done yet, up to the end or until `should_stop`."""
        after = self.segments[0][-1].last if self.segments[0] else None
        reader, result = self.reader, self.result
        try:
            with (
                ahead(reader.pictures(after, result.damaged), AHEAD) as pictures,
                ThreadPoolExecutor(at_once, "paint") as pool,
            ):
                for picture, painted in _painted(repainter, pool, pictures, 2 * at_once):
                    self._add(picture, painted)
                    progress(self._progress())
                    if should_stop():
                        result.stopped = True
                        break
            self._end_segment(keep=not result.stopped or self.job.keep_partial)
        except BaseException:
            for _, writer in self._tracks:
                writer.abandon()
            raise
        result.damaged = result.damaged if result.stopped else reader.damaged
        result.problem = self._problem()

    def run_on(
        self, cluster: Cluster, progress: Callable[[VideoProgress], None], should_stop: Callable[[], bool]
    ) -> None:
        """The same on a cluster, a segment at a time."""
        job, result, done = self.job, self.result, self.segments[0]
        parts = parts_of(self.reader)
        parts = parts[len(done) :] if len(parts) > 1 or not done else [Part(done[-1].last, None)]
        for painted, damaged in cluster.segments(job.source, job.cut, job.encodings, parts):
            result.damaged += damaged
            if painted[0][0]:
                self._add_segment(painted)
            progress(self._progress())
            if should_stop():
                result.stopped = True
                break
        else:
            self.reader.read_to_end()
        result.problem = self._problem()

    def _add_segment(self, painted: PaintedPart) -> None:
        self.result.frames += len(painted[0][0])
        for number, (packets, headers) in enumerate(painted):
            writer = SegmentWriter(self.folders[number], len(self.segments[number]))
            self._write(writer, packets)
            self.segments[number].append(writer.finish(headers, self.result.damaged))

    def _write(self, writer: SegmentWriter, packets: list[EncodedPicture]) -> None:
        writer.add(packets)
        self._bytes += sum(len(packet.data) for packet in packets)

    def _progress(self) -> VideoProgress:
        frames = self.result.frames
        return VideoProgress(frames, self.reader.expected, frames - self.result.resumed_frames, self._bytes)

    def _add(self, picture: TimedPicture, painted: list[np.ndarray]) -> None:
        if not self._tracks:
            for number, encoding in enumerate(self.job.encodings):
                encoder = Encoder(encoding, self.reader.format)
                self._tracks.append((encoder, SegmentWriter(self.folders[number], len(self.segments[number]))))
        for (encoder, writer), image in zip(self._tracks, painted, strict=True):
            self._write(writer, encoder.encode(image, picture.pts, picture.duration, picture.alpha))
        self.result.frames += 1
        self.result.damaged = picture.damaged
        self._in_segment += 1
        if self._in_segment == segments.SEGMENT_FRAMES:
            self._end_segment()

    def _end_segment(self, keep: bool = True) -> None:
        for number, (encoder, writer) in enumerate(self._tracks):
            if keep:
                self._write(writer, encoder.finish())
                self.segments[number].append(writer.finish(encoder.extradata, self.result.damaged))
            else:
                writer.abandon()
        self._tracks, self._in_segment = [], 0

    def _problem(self) -> str | None:
        if self.result.stopped:
            return f"stopped after {self.result.frames} frames"
        sentences = [self.reader.ending] if self.reader.ending else []
        if self.result.damaged:
            sentences.append(not_without_damage(self.result.damaged, str(self.job.source)))
        return "; ".join(sentences) or None

    def finish(self) -> None:
        """Gives the files their names."""
        if not self.segments[0]:
            raise OptionsError(f"{self.job.source} has no picture between --start and --end")
        last = self.segments[0][-1]
        reader = self.reader
        stop = reader.end_of_cut
        if self.result.stopped:
            stop = (last.last + max(last.durations)) * reader.format.time_base
        for number, target in enumerate(self.job.targets):
            whole = self.folders[number] / f"whole{target.suffix}"
            assemble(self._parts(number, stop), whole)
            check_free(target, self.job.overwrite)
            whole.replace(target)
        self._tell()

    def _parts(self, number: int, stop: Fraction | None) -> Assembly:
        reader, suffix = self.reader, self.job.targets[number].suffix.lower()
        return Assembly(
            self.job.source, self.segments[number], reader.format, self.job.encodings[number], reader.shift, stop,
            bool(self.job.cut.start), self._fates[suffix], reader.marks.within(suffix),
        )  # fmt: skip

    def _try_out(self) -> None:
        """Finds out what becomes of the original's streams, before there are pictures."""
        job = self.job
        for number, target in enumerate(job.targets):
            suffix = target.suffix.lower()
            if suffix not in self._fates:
                self._fates[suffix] = fates(job.source, suffix, job.audio, job.reencode)
                try_out(self._parts(number, None), suffix)

    def _tell(self) -> None:
        """Says what is not as it was."""
        found = [fate for fates_ in self._fates.values() for fate in fates_]
        self.result.left_out, self.result.changed = differences(self.job, self.reader, found)


def check_free(target: Path, overwrite: bool) -> None:
    """Raises `RecordError` for a file that came into being while its conversion was at work."""
    if target.exists() and not overwrite:
        raise RecordError(f"{target} has appeared meanwhile and is left as it is; --overwrite would replace it")


def _painted(
    repainter: Repainter, pool: ThreadPoolExecutor, pictures: Iterator[TimedPicture], count: int
) -> Iterator[tuple[TimedPicture, list[np.ndarray]]]:
    def work(picture: TimedPicture) -> tuple[TimedPicture, list[np.ndarray]]:
        return picture, repainter(picture.image)

    return in_order(pool, work, pictures, count)


@contextlib.contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, av.FFmpegError, ValueError) as error:
        raise RecordError(f"cannot write {target}: {getattr(error, 'strerror', None) or error}") from error
