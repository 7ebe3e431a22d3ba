"""Runs a conversion's jobs: pictures in parallel, videos in turn. One that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import takewhile

from stylecam.models.errors import StylecamError
from stylecam.realtime.common.pipeline import in_order
from stylecam.realtime.convert.cluster import Cluster
from stylecam.realtime.convert.jobs import Job
from stylecam.realtime.convert.outcome import ConvertOptions, Outcome, failed
from stylecam.realtime.convert.picture_conversion import convert_picture, convert_pictures_on, make_folder
from stylecam.realtime.convert.video_conversion import convert_video
from stylecam.realtime.convert.video_job import VideoJob, VideoProgress
from stylecam.realtime.painting.repainter import Repainter

__all__ = ["ConvertOptions", "Outcome", "convert"]


def convert(
    jobs: Sequence[Job],
    repainter: Repainter,
    options: ConvertOptions,
    progress: Callable[[Job, VideoProgress], None] = lambda *_: None,
    should_stop: Callable[[], bool] = lambda: False,
    cluster: Cluster | None = None,
    made: Callable[[Job, bool], None] = lambda *_: None,
) -> Iterator[Outcome]:
    """One outcome for each job, done here or on a cluster, pictures before videos. `should_stop` ends it early.

    `made` is called as soon as a job has its files, by any thread and before its outcome is told; with False where it
    was stopped, and they are to be kept so.
    """
    pictures = [job for job in jobs if job.is_picture]
    with ThreadPoolExecutor(options.at_once, "picture") as pool:
        left = takewhile(lambda _: not should_stop(), pictures)

        def work(job: Job) -> Outcome | None:  # what was begun is finished and told, what only waits is not begun
            return None if should_stop() else convert_picture(job, repainter, options, made)

        here = (outcome for outcome in in_order(pool, work, left, 2 * options.at_once) if outcome is not None)
        yield from here if cluster is None else convert_pictures_on(cluster, left, options, made)
    for job in (job for job in jobs if not job.is_picture):
        if should_stop():
            return
        outcome = _video(job, repainter, options, partial(progress, job), should_stop, cluster)
        if outcome.outputs:
            made(job, not (options.keep_partial and should_stop()))
        yield outcome


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
            make_folder(target)
        encodings = [options.encoding(target) for target in job.targets]
        video = VideoJob(
            job.source,
            job.targets,
            encodings,
            options.cut,
            options.audio,
            options.reencode,
            options.discard,
            options.keep_partial,
            options.overwrite,
        )
        result = convert_video(video, repainter, options.at_once, progress, should_stop, cluster)
    except StylecamError as error:
        return failed(job, error)
    written = not result.stopped or options.keep_partial
    return Outcome(
        job.source,
        job.targets if written else (),
        (3 if written else 130) if result.problem else 0,
        result.problem,
        result.frames,
        result.resumed_frames,
        result.kept_frames,
        result.damaged,
        result.seconds,
        tuple(result.left_out),
        tuple(result.changed),
    )
