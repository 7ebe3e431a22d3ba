"""Which file a conversion makes of which: inputs, folders and patterns to pairs of files, checked before any work."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from stylecam.models.catalog import is_hidden
from stylecam.models.errors import OptionsError, SourceError
from stylecam.realtime.common.targets import check_name
from stylecam.realtime.convert.stream_fates import CONTAINERS
from stylecam.realtime.pictures.picture_file import PICTURE_SUFFIXES

__all__ = ["VIDEO_SUFFIXES", "Job", "Plan", "check_extra", "plan_jobs"]

# What is taken from a folder as a video; a file that is named is tried whatever its name.
VIDEO_SUFFIXES = frozenset(
    {*CONTAINERS, ".avi", ".gif", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".wmv", ".flv", ".3gp", ".ogv"}
)


@dataclass(frozen=True)
class Job:
    """One file to convert, and the file to write for each style."""

    source: Path
    targets: tuple[Path, ...]

    @property
    def is_picture(self) -> bool:
        """Whether it is a still picture; all else is tried as a video, also an AVIF that is to become one."""
        to_film = self.source.suffix.lower() == ".avif" and self.targets[0].suffix.lower() in CONTAINERS
        return self.source.suffix.lower() in PICTURE_SUFFIXES and not to_film


@dataclass(frozen=True)
class Plan:
    """The jobs; how many of the files in the folders given are something else; how many are finished already."""

    jobs: list[Job]
    others: int = 0
    finished: int = 0


def plan_jobs(
    inputs: Sequence[str], output: str, styles: Sequence[str], overwrite: bool = False, resume: bool = False
) -> Plan:
    """What to make of the inputs, checked before any work.

    With several inputs, a folder or a pattern the output is a folder, in which the inputs' folders are mirrored. With
    several styles each file's name ends in its style's. With `resume`, what is there already is finished. Raises
    `SourceError` for an input that is not there, `OptionsError` for an output that is there already, would overwrite
    an input, or whose suffix is not one of ours.
    """
    check_name(Path(output))
    found, others = _found(inputs, Path(output))
    if not found:
        raise SourceError(f"there is no picture or video in {', '.join(inputs)}")
    into_folder = len(inputs) > 1 or found[0][0] != Path(inputs[0]) or _names_folder(output)
    taken: set[str] = set()
    jobs = []
    for source, relative in found:
        target = Path(output) / relative if into_folder else Path(output)
        suffix = _suffix(source, target, into_folder)
        target = target.with_suffix(suffix)
        targets = _free(target, source, styles, taken)
        taken |= set(map(_key, targets))
        for made in targets:
            check_name(made)
        jobs.append(Job(source, targets))
    finished = [job for job in jobs if resume and not overwrite and all(target.is_file() for target in job.targets)]
    jobs = [job for job in jobs if job not in finished]
    sources = {_identity(source) for source, _ in found}
    for target in (target for job in jobs for target in job.targets):
        _check(target, sources, overwrite)
    return Plan(jobs, others, len(finished))


def check_extra(path: Path, plan: Plan, overwrite: bool) -> None:
    """Raises `OptionsError` for a further file to write that is an input or an output, or is there already."""
    if _key(path) in {_key(target) for job in plan.jobs for target in job.targets}:
        raise OptionsError(f"{path} is one of the results too; give another name")
    _check(path, {_identity(job.source) for job in plan.jobs}, overwrite)


def _found(inputs: Sequence[str], output: Path) -> tuple[list[tuple[Path, Path]], int]:
    """([(file, its place below the output folder)], files that are neither pictures nor videos), each file once."""
    found: dict[tuple[int, int], tuple[Path, Path]] = {}
    others = 0
    for text in inputs:
        path = Path(text)
        if path.is_dir():
            inside = list(_below(path, output))
            others += sum(not _is_media(file) for file in inside)
            new = [(file, file.relative_to(path)) for file in inside if _is_media(file)]
        elif path.exists() or not glob.has_magic(text):
            if not path.exists():
                raise SourceError(f"there is no file {text}; check the path")
            new = [(path, Path(path.name))]
        else:
            matches = [
                path for match in sorted(glob.glob(text, recursive=True)) if not _met_hidden(path := Path(match), text)
            ]
            if not matches:
                raise SourceError(f"no file matches {text}; check the pattern")
            new = [(match, Path(match.name)) for match in matches if match.is_file() and _is_media(match)]
        for file, place in new:
            found.setdefault(_identity(file), (file, place))
    return list(found.values()), others


def _met_hidden(match: Path, pattern: str) -> bool:
    """Whether a pattern came upon something hidden that it does not name."""
    return is_hidden(Path(*(part for part in match.parts if part not in Path(pattern).parts)))


def _below(folder: Path, output: Path) -> Iterator[Path]:
    """The files below, but hidden ones and what lies in the output folder."""
    for root, folders, files in os.walk(folder):
        ours = {name for name in folders if _key(Path(root) / name) == _key(output)}
        folders[:] = sorted(name for name in set(folders) - ours if not is_hidden(Path(name)))
        paths = (Path(root) / name for name in sorted(files) if not is_hidden(Path(name)))
        yield from (path for path in paths if path.exists())  # a link may lead nowhere


def _is_media(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_SUFFIXES.keys() | VIDEO_SUFFIXES


def _names_folder(output: str) -> bool:
    return output.endswith(("/", os.sep)) or Path(output).is_dir()


def _suffix(source: Path, target: Path, into_folder: bool) -> str:
    """The suffix decides the format; one that we cannot write is refused, or replaced where the name is ours."""
    picture = source.suffix.lower() in PICTURE_SUFFIXES
    known: Sequence[str] = [*PICTURE_SUFFIXES] if picture else [*CONTAINERS]
    if source.suffix.lower() == ".avif" and target.suffix.lower() in CONTAINERS:
        return target.suffix  # some are films
    if target.suffix.lower() in known:
        return target.suffix
    if into_folder:
        return ".mp4"
    if not picture and source.suffix and source.suffix.lower() not in VIDEO_SUFFIXES:
        pictures = ", ".join(PICTURE_SUFFIXES)
        raise OptionsError(
            f"-o {target}: {source} is no picture of a kind that can be read ({pictures}): save it as one of these; "
            f"if it is a video, the name must end in one of {', '.join(known)}"
        )
    kind = "picture" if picture else "video"
    raise OptionsError(f"-o {target}: {source} is a {kind}, so the name must end in one of {', '.join(known)}")


def _free(target: Path, source: Path, styles: Sequence[str], taken: set[str]) -> tuple[Path, ...]:
    """The target for each style; where one is taken, others: of a.avi and a.mp4 one becomes a.avi.mp4, then a-2.mp4."""
    further = (f"{target.stem}-{number}{target.suffix}" for number in count(2))
    names = chain((target.name, source.name + target.suffix), further)
    tried = (tuple(_for_style(target.with_name(name), style, styles) for style in styles) for name in names)
    return next(targets for targets in tried if not taken & set(map(_key, targets)))


def _for_style(target: Path, style: str, styles: Sequence[str]) -> Path:
    return target if len(styles) == 1 else target.with_name(f"{target.stem}-{style}{target.suffix}")


def _check(target: Path, sources: set[tuple[int, int]], overwrite: bool) -> None:
    # Links to one file are one file.
    if target.exists() and _identity(target) in sources:
        raise OptionsError(f"{target} is the input itself: an original is never overwritten, give another name")
    if target.is_dir():
        raise OptionsError(f"{target} is a folder; give the name of a file")
    if target.exists() and not overwrite:
        raise OptionsError(f"{target} exists already; --overwrite replaces it")


def _key(path: Path) -> str:
    return os.path.normcase(os.path.abspath(path))


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
