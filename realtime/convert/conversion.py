"""Runs a conversion's jobs: pictures in parallel, videos in turn. One that fails does not stop the others."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

from stylecam.models.errors import RecordError, StylecamError
from stylecam.realtime.common.pipeline import in_order
from stylecam.realtime.common.whole_files import write_whole
from stylecam.realtime.convert.cluster import Cluster
from stylecam.realtime.convert.cut import Cut
from stylecam.realtime.convert.film_files import check_free
from stylecam.realtime.convert.jobs import Job
from stylecam.realtime.convert.video_conversion import convert_video
from stylecam.realtime.convert.video_job import VideoJob, VideoProgress
from stylecam.realtime.painting.repainter import Repainter
from stylecam.realtime.pictures.picture_file import repaint_picture
from stylecam.realtime.video.encoding import Encoding, codec_for, transparent

__all__ = ["ConvertOptions", "Outcome", "convert"]


@dataclass(frozen=True)
class ConvertOptions:
    """How files are converted. What is None is left to the file's kind."""

    codec: str | None = None
    crf: int | None = None
    preset: str | None = None
    quality: int | None = None  # of JPEG and WebP
    cut: Cut = field(default_factory=Cut)
    audio: bool = True
    reencode: bool = True
    resume: bool = False
    keep_partial: bool = False
    overwrite: bool = False
    at_once: int = 1

    def encoding(self, target: Path) -> Encoding:
        """The video encoder for a file. Raises `OptionsError`."""
        return transparent(Encoding(self.codec or codec_for(target.suffix), self.crf, self.preset), target.suffix)


@dataclass(frozen=True)
class Outcome:
    """What became of one job. `exit_code` is 0 for a whole result, 3 for a partial one, else that of its failure."""

    source: Path
    outputs: tuple[Path, ...]
    exit_code: int = 0
    problem: str | None = None
    frames: int = 1
    resumed_frames: int = 0
    damaged: int = 0
    seconds: float = 0.0
    left_out: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    error: Exception | None = field(default=None, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        values = {k: v for k, v in asdict(self).items() if k != "error"}
        rate = round((self.frames - self.resumed_frames) / self.seconds, 2) if self.seconds > 0 else None
        outputs = [str(path) for path in self.outputs]
        return {
            **values,
            "source": str(self.source),
            "outputs": outputs,
            "seconds": round(self.seconds, 3),
            "fps": rate,
        }


def convert(
    jobs: Sequence[Job],
    repainter: Repainter,
    options: ConvertOptions,
    progress: Callable[[Job, VideoProgress], None] = lambda *_: None,
    should_stop: Callable[[], bool] = lambda: False,
    cluster: Cluster | None = None,
) -> Iterator[Outcome]:
    """One outcome for each job, done here or on a cluster, pictures before videos. `should_stop` ends it early."""
    pictures = [job for job in jobs if job.is_picture]
    with ThreadPoolExecutor(options.at_once, "picture") as pool:
        work = partial(_picture, repainter=repainter, options=options)
        left = takewhile(lambda _: not should_stop(), pictures)  # what was begun is finished and told
        here = in_order(pool, work, left, 2 * options.at_once)
        yield from here if cluster is None else _pictures_on(cluster, left, options)
    for job in (job for job in jobs if not job.is_picture):
        if should_stop():
            return
        yield _video(job, repainter, options, partial(progress, job), should_stop, cluster)


def _picture(job: Job, repainter: Repainter, options: ConvertOptions) -> Outcome:
    start = time.monotonic()
    try:
        data = _read(job.source)
        for number, target in enumerate(job.targets):
            paint = partial(repainter.paint, number)
            painted = repaint_picture(data, str(job.source), paint, target.suffix, options.quality, options.cut.size)
            _save(target, painted, options.overwrite)
    except StylecamError as error:
        return _failed(job, error)
    return Outcome(job.source, job.targets, seconds=time.monotonic() - start)


def _pictures_on(cluster: Cluster, jobs: Iterable[Job], options: ConvertOptions) -> Iterator[Outcome]:
    start = time.monotonic()
    readable: deque[Job] = deque()
    failed: deque[Outcome] = deque()

    def files() -> Iterator[tuple[bytes, str, str]]:
        for job in jobs:
            try:
                data = _read(job.source)
            except StylecamError as error:
                failed.append(_failed(job, error))
            else:
                readable.append(job)
                yield data, str(job.source), job.targets[0].suffix

    for painted in cluster.pictures(files(), options.quality, options.cut.size):
        job = readable.popleft()
        try:
            if isinstance(painted, StylecamError):
                raise painted
            for target, data in zip(job.targets, painted, strict=True):
                _save(target, data, options.overwrite)
        except StylecamError as error:
            yield _failed(job, error)
        else:
            yield Outcome(job.source, job.targets, seconds=time.monotonic() - start)
        start = time.monotonic()
    yield from failed


def _video(
    job: Job,
    repainter: Repainter,
    options: ConvertOptions,
    progress: Callable[[VideoProgress], None],
    should_stop: Callable[[], bool],
    cluster: Cluster | None,
) -> Outcome:
    try:
        for target in job.targets:
            _make_folder(target)
        encodings = [options.encoding(target) for target in job.targets]
        video = VideoJob(
            job.source,
            job.targets,
            encodings,
            options.cut,
            options.audio,
            options.reencode,
            options.resume,
            options.keep_partial,
            options.overwrite,
        )
        result = convert_video(video, repainter, options.at_once, progress, should_stop, cluster)
    except StylecamError as error:
        return _failed(job, error)
    written = not result.stopped or options.keep_partial
    return Outcome(
        job.source,
        job.targets if written else (),
        (3 if written else 130) if result.problem else 0,
        result.problem,
        result.frames,
        result.resumed_frames,
        result.damaged,
        result.seconds,
        tuple(result.left_out),
        tuple(result.changed),
    )


def _failed(job: Job, error: StylecamError) -> Outcome:
    return Outcome(job.source, (), error.exit_code, str(error), frames=0, error=error)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RecordError(f"cannot read {path}: {error.strerror}") from None


def _save(path: Path, data: bytes, overwrite: bool) -> None:
    _make_folder(path)
    check_free(path, overwrite)
    try:
        write_whole(path, data)
    except OSError as error:
        raise RecordError(f"cannot write {path}: {error.strerror}") from None


def _make_folder(target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(f"cannot write into {target.parent}: {error.strerror}") from None
