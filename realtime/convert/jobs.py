"""Which file a conversion makes of which: inputs, folders and patterns to pairs of files, checked before any work."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from stylecam.models.errors import OptionsError, SourceError
from stylecam.realtime.common.targets import check_name
from stylecam.realtime.convert.found_files import VIDEO_SUFFIXES, find_files, has_media_suffix, identity, key
from stylecam.realtime.convert.stream_fates import CONTAINERS
from stylecam.realtime.convert.unfinished import UnfinishedRun
from stylecam.realtime.pictures.picture_file import PICTURE_SUFFIXES
from stylecam.realtime.pictures.picture_formats import MAYBE_FILMS

__all__ = ["Job", "Plan", "check_extra", "plan_jobs"]


@dataclass(frozen=True)
class Job:
    """One file to convert, and the file to write for each style."""

    source: Path
    targets: tuple[Path, ...]

    @property
    def is_picture(self) -> bool:
        """Whether it is a still picture; all else is tried as a video, also an AVIF that is to become one."""
        to_film = self.source.suffix.lower() in MAYBE_FILMS and self.targets[0].suffix.lower() in CONTAINERS
        return self.source.suffix.lower() in PICTURE_SUFFIXES and not to_film


@dataclass(frozen=True)
class Plan:
    """The jobs; the files in the folders given that are something else; how many jobs are finished already."""

    jobs: list[Job]
    others: tuple[Path, ...] = ()
    finished: int = 0


def plan_jobs(
    inputs: Sequence[str],
    output: str,
    styles: Sequence[str],
    overwrite: bool = False,
    resume: bool = False,
    unfinished: UnfinishedRun | None = None,
) -> Plan:
    """What to make of the inputs, checked before any work.

    The output is a folder where it ends in a slash, is one, or is not there and has no suffix of a picture or video; in
    it the inputs' folders are mirrored. Else it is the file to write. With several styles each file's name ends in
    its style's. What the `unfinished` run has finished is not done again, nor, with `resume` and without `overwrite`,
    what is there at all. Raises `SourceError` for an input that is not there, `OptionsError` for an output that is
    there already, would overwrite an input, is one file for several, or whose suffix is not one of ours.
    """
    check_name(Path(output))
    found, others = find_files(inputs, Path(output))
    if not found:
        raise SourceError(f"there is no picture or video in {', '.join(inputs)}")
    into_folder = _is_folder(output)
    if len(found) > 1 and not into_folder:
        raise OptionsError(f"-o {output} names one file, but {len(found)} files will be written: give a folder")
    jobs = _jobs(found, Path(output), into_folder, styles)
    left = [job for job in jobs if not _is_finished(job, resume and not overwrite, unfinished)]
    sources = {identity(source) for source, _ in found}
    for target in (target for job in left for target in job.targets):
        _check(target, sources, overwrite or (unfinished is not None and unfinished.made(target)))
    return Plan(left, tuple(others), len(jobs) - len(left))


def _jobs(found: Sequence[tuple[Path, Path]], output: Path, into_folder: bool, styles: Sequence[str]) -> list[Job]:
    taken: set[str] = set()
    jobs = []
    for source, relative in found:
        target = output / relative if into_folder else output
        target = target.with_suffix(_suffix(source, target, into_folder))
        targets = _free(target, source, styles, taken)
        taken |= set(map(key, targets))
        for made in targets:
            check_name(made)
        jobs.append(Job(source, targets))
    return jobs


def _is_finished(job: Job, resume: bool, unfinished: UnfinishedRun | None) -> bool:
    there = resume and all(target.is_file() for target in job.targets)
    return there or (unfinished is not None and unfinished.is_finished(job.source, job.targets))


def check_extra(path: Path, plan: Plan, overwrite: bool) -> None:
    """Raises `OptionsError` for a further file to write that is an input or an output, or is there already."""
    if key(path) in {key(target) for job in plan.jobs for target in job.targets}:
        raise OptionsError(f"{path} is also one of the results; give another name")
    _check(path, {identity(job.source) for job in plan.jobs}, overwrite)


def _is_folder(output: str) -> bool:
    path = Path(output)
    if output.endswith(("/", os.sep)) or path.is_dir():
        return True
    return not path.exists() and not has_media_suffix(path)


def _suffix(source: Path, target: Path, into_folder: bool) -> str:
    """The suffix decides the format; one that we cannot write is refused, or replaced where the name is ours."""
    picture = source.suffix.lower() in PICTURE_SUFFIXES
    known: Sequence[str] = [*PICTURE_SUFFIXES] if picture else [*CONTAINERS]
    if source.suffix.lower() in MAYBE_FILMS and target.suffix.lower() in CONTAINERS:
        return target.suffix  # some are films
    if target.suffix.lower() in known:
        return target.suffix
    if into_folder:
        return ".mp4"
    if not picture and source.suffix and source.suffix.lower() not in VIDEO_SUFFIXES:
        pictures = ", ".join(PICTURE_SUFFIXES)
        raise OptionsError(
            f"-o {target}: {source} is not a supported picture ({pictures}): save it as one of these; "
            f"if it is a video, the name must end in one of {', '.join(known)}"
        )
    kind = "picture" if picture else "video"
    raise OptionsError(f"-o {target}: {source} is a {kind}, so the name must end in one of {', '.join(known)}")


def _free(target: Path, source: Path, styles: Sequence[str], taken: set[str]) -> tuple[Path, ...]:
    """The target for each style; where one is taken, others: of a.avi and a.mp4 one becomes a.avi.mp4, then a-2.mp4."""
    further = (f"{target.stem}-{number}{target.suffix}" for number in count(2))
    names = chain((target.name, source.name + target.suffix), further)
    tried = (tuple(_for_style(target.with_name(name), style, styles) for style in styles) for name in names)
    return next(targets for targets in tried if not taken & set(map(key, targets)))


def _for_style(target: Path, style: str, styles: Sequence[str]) -> Path:
    return target if len(styles) == 1 else target.with_name(f"{target.stem}-{style}{target.suffix}")


def _check(target: Path, sources: set[tuple[int, int]], overwrite: bool) -> None:
    # Links to one file are one file.
    if target.exists() and identity(target) in sources:
        raise OptionsError(f"{target} is the input itself and is never overwritten: give another name")
    if target.is_dir():
        raise OptionsError(f"{target} is a folder; give a file name")
    if target.exists() and not overwrite:
        raise OptionsError(f"{target} exists already; --overwrite replaces it")
