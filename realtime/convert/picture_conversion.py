"""Pictures repainted: here, as many at once as there are threads, or on a cluster."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from stylecam.models.errors import PictureError, RecordError, StylecamError
from stylecam.realtime.common.whole_files import write_whole
from stylecam.realtime.convert.cluster import Cluster
from stylecam.realtime.convert.film_files import check_free
from stylecam.realtime.convert.jobs import Job
from stylecam.realtime.convert.outcome import ConvertOptions, Outcome, failed
from stylecam.realtime.painting.repainter import Repainter
from stylecam.realtime.pictures.picture_file import repaint_picture

__all__ = ["convert_picture", "convert_pictures_on", "make_folder"]

Made = Callable[[Job, bool], None]  # see `convert`


def convert_picture(job: Job, repainter: Repainter, options: ConvertOptions, made: Made) -> Outcome:
    """One picture in every style; `made` is called as soon as its files are there."""
    start = time.monotonic()
    try:
        data = _read(job.source)
        painted = []
        for number, target in enumerate(job.targets):
            paint, suffix = partial(repainter.paint, number), target.suffix
            painted.append(repaint_picture(data, str(job.source), paint, suffix, options.quality, options.cut.size))
        _save(job, painted, options.overwrite)
    except StylecamError as error:
        return failed(job, error)
    made(job, True)
    return Outcome(job.source, job.targets, seconds=time.monotonic() - start)


def convert_pictures_on(
    cluster: Cluster, jobs: Iterable[Job], options: ConvertOptions, made: Made
) -> Iterator[Outcome]:
    """The same of many, by the machines of a cluster; those that cannot be read come last."""
    start = time.monotonic()
    readable: deque[Job] = deque()
    broken: deque[Outcome] = deque()

    def files() -> Iterator[tuple[bytes, str, str]]:
        for job in jobs:
            try:
                data = _read(job.source)
            except StylecamError as error:
                broken.append(failed(job, error))
            else:
                readable.append(job)
                yield data, str(job.source), job.targets[0].suffix

    for painted in cluster.pictures(files(), options.quality, options.cut.size):
        job = readable.popleft()
        try:
            if isinstance(painted, StylecamError):
                raise painted
            _save(job, painted, options.overwrite)
        except StylecamError as error:
            yield failed(job, error)
        else:
            made(job, True)
            yield Outcome(job.source, job.targets, seconds=time.monotonic() - start)
        start = time.monotonic()
    yield from broken


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PictureError(f"cannot read {path}: {error.strerror}") from None


def _save(job: Job, painted: Sequence[bytes], overwrite: bool) -> None:
    for target, data in zip(job.targets, painted, strict=True):
        make_folder(target)
        check_free(target, overwrite)
        try:
            write_whole(target, data)
        except OSError as error:
            raise RecordError(f"cannot write {target}: {error.strerror}") from None


def make_folder(target: Path) -> None:
    """The folder for a file. Raises `RecordError`."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(f"cannot write into {target.parent}: {error.strerror}") from None
