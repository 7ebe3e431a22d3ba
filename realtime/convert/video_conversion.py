"""A video repainted: decoded once, painted in every style, encoded in segments, put together when all is done."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from stylecam.models.errors import OptionsError, RecordError
from stylecam.realtime.common.pipeline import ahead, in_order
from stylecam.realtime.convert.cluster import Cluster, Part, parts_of
from stylecam.realtime.convert.film_files import FilmFiles
from stylecam.realtime.convert.painted_pictures import painted_pictures
from stylecam.realtime.convert.painted_segments import PaintedSegments
from stylecam.realtime.convert.pixel_shape import with_square_pixels
from stylecam.realtime.convert.segment_folders import SegmentFolders
from stylecam.realtime.convert.segments import Segment
from stylecam.realtime.convert.steady_film import lead_of
from stylecam.realtime.convert.video_job import VideoJob, VideoProgress, VideoResult, beginning, fingerprint, kept
from stylecam.realtime.convert.video_reader import TimedPicture, VideoReader
from stylecam.realtime.painting.repainter import Repainter
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.video_input import not_without_damage

__all__ = ["convert_video"]

AHEAD = 4  # decoded pictures that wait


def convert_video(
    job: VideoJob,
    repainter: Repainter,
    at_once: int = 1,
    progress: Callable[[VideoProgress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    cluster: Cluster | None = None,
) -> VideoResult:
    """Repaints a video, `at_once` pictures at a time or on a cluster; a file has its name only when it is complete.

    Raises `SourceError` when there is nothing to decode, `RecordError` when a file cannot be written. A job that ends
    early, by `should_stop` or a failure, leaves its finished segments, from which the same job goes on; with `discard`
    it leaves nothing, and with `keep_partial` it makes the file of what there is when `should_stop` ends it.
    """
    start = time.monotonic()
    job = with_square_pixels(job)
    folders = SegmentFolders(job.targets, keep=not job.discard)
    with VideoReader(job.source, job.cut) as reader, _writing(job.targets[0], folders), folders:
        done = folders.begin(fingerprint(job, reader, repainter))
        conversion = _Conversion(job, reader, folders.folders, done)
        if note := beginning(job, conversion.result.resumed_frames, folders.other):
            progress(conversion.progress(note))
        if cluster is None:
            conversion.run(repainter, at_once, progress, should_stop)
        else:
            conversion.run_on(cluster, progress, should_stop)
        result = conversion.result
        if not result.stopped or job.keep_partial:
            conversion.finish()
            folders.finished = True
    if result.stopped and not folders.finished:
        result.kept_frames = folders.kept
        result.problem = f"{result.problem}, {kept(job, folders.kept)}"
    result.seconds = time.monotonic() - start
    return result


class _Conversion:
    def __init__(self, job: VideoJob, reader: VideoReader, folders: list[Path], done: list[list[Segment]]) -> None:
        self.job, self.reader = job, reader
        self.result = VideoResult(frames=sum(s.frames for s in done[0]), damaged=done[0][-1].damaged if done[0] else 0)
        self.result.resumed_frames = self.result.frames
        self.painted = PaintedSegments(folders, job.encodings, reader.format, done)
        self.files = FilmFiles(job, reader, folders, self.painted.finished)

    def run(
        self,
        repainter: Repainter,
        at_once: int,
        progress: Callable[[VideoProgress], None],
        should_stop: Callable[[], bool],
    ) -> None:
        """Paints and encodes what is not done yet, up to the end or until `should_stop`."""
        done, reader, result = self.painted.finished[0], self.reader, self.result
        after = done[-1].last if done else None
        lead = lead_of(done[-1]) if done and repainter.look.steadied else None
        try:
            with (
                ahead(reader.pictures(after, result.damaged, lead), AHEAD) as pictures,
                ThreadPoolExecutor(at_once, "paint") as pool,
            ):
                for picture, painted in painted_pictures(repainter, pictures, _at_once(pool, 2 * at_once)):
                    self._add(picture, painted)
                    progress(self.progress())
                    if should_stop():
                        result.stopped = True
                        break
            self.painted.end(result.damaged, keep=not result.stopped or self.job.keep_partial)
        except BaseException:
            self.painted.abandon()
            raise
        result.damaged = result.damaged if result.stopped else reader.damaged
        result.problem = self._problem()

    def run_on(
        self, cluster: Cluster, progress: Callable[[VideoProgress], None], should_stop: Callable[[], bool]
    ) -> None:
        """The same on a cluster, a segment at a time."""
        job, result, done = self.job, self.result, self.painted.finished[0]
        parts = parts_of(self.reader)
        parts = parts[len(done) :] if len(parts) > 1 or not done else [Part(done[-1].last, None, lead_of(done[-1]))]
        for painted, damaged in cluster.segments(job.source, job.cut, job.encodings, parts):
            result.damaged += damaged
            if painted[0][0]:
                result.frames += len(painted[0][0])
                self.painted.add_part(painted, result.damaged)
            progress(self.progress())
            if should_stop():
                result.stopped = True
                break
        else:
            self.reader.read_to_end()
        result.problem = self._problem()

    def progress(self, note: str | None = None) -> VideoProgress:
        """How far it is."""
        frames, expected = self.result.frames, self.reader.expected
        return VideoProgress(frames, expected, frames - self.result.resumed_frames, self.painted.bytes, note)

    def _add(self, picture: TimedPicture, painted: list[np.ndarray]) -> None:
        self.painted.add(picture, painted)
        self.result.frames += 1
        self.result.damaged = picture.damaged

    def _problem(self) -> str | None:
        if self.result.stopped:
            return f"{self.job.source}: stopped after {self.result.frames} frames"
        sentences = [self.reader.ending] if self.reader.ending else []
        if self.result.damaged:
            sentences.append(not_without_damage(self.result.damaged, str(self.job.source)))
        return "; ".join(sentences) or None

    def finish(self) -> None:
        """Gives the files their names."""
        finished, reader = self.painted.finished[0], self.reader
        if not finished:
            raise OptionsError(f"{self.job.source} has no frames between --start and --end")
        stop = reader.end_of_cut
        if self.result.stopped:
            stop = (finished[-1].last + max(finished[-1].durations)) * reader.format.time_base
        self.files.finish(stop)
        self.result.left_out, self.result.changed = self.files.differences()


def _at_once(pool: ThreadPoolExecutor, count: int) -> Callable[..., Iterator[Any]]:
    """As `map`, by the threads of a pool."""
    return lambda work, items: in_order(pool, work, items, count)


@contextlib.contextmanager
def _writing(target: Path, folders: SegmentFolders) -> Iterator[None]:
    try:
        yield
    except (OSError, av.FFmpegError, ValueError) as error:
        goes_on = f"; the same command continues after {folders.kept} frames" if folders.kept else ""
        raise RecordError(f"cannot write {target}: {getattr(error, 'strerror', None) or error}{goes_on}") from error
