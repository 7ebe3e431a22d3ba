"""The files that inputs, folders and patterns name, each once, and those among them that are nothing to convert."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from stylecam.models.catalog import is_hidden
from stylecam.models.errors import SourceError
from stylecam.realtime.convert.stream_fates import CONTAINERS
from stylecam.realtime.pictures.picture_file import PICTURE_SUFFIXES

__all__ = ["VIDEO_SUFFIXES", "find_files", "has_media_suffix", "identity", "key"]

# What is taken from a folder as a video; a file that is named is tried whatever its name.
VIDEO_SUFFIXES = frozenset(
    {*CONTAINERS, ".avi", ".gif", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".wmv", ".flv", ".3gp", ".ogv"}
)


def find_files(inputs: Sequence[str], output: Path) -> tuple[list[tuple[Path, Path]], list[Path]]:
    """([(file, its place below the output folder)], files that are neither pictures nor videos), each file once.

    Raises `SourceError` for an input that is not there.
    """
    found: dict[tuple[int, int], tuple[Path, Path]] = {}
    others: list[Path] = []
    for text in inputs:
        path = Path(text)
        if path.is_dir():
            inside = list(_below(path, output))
            others += [file for file in inside if not has_media_suffix(file)]
            new = [(file, file.relative_to(path)) for file in inside if has_media_suffix(file)]
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
            files = [match for match in matches if match.is_file()]
            others += [file for file in files if not has_media_suffix(file)]
            new = [(file, Path(file.name)) for file in files if has_media_suffix(file)]
        for file, place in new:
            found.setdefault(identity(file), (file, place))
    return list(found.values()), list(dict.fromkeys(others))


def _met_hidden(match: Path, pattern: str) -> bool:
    """Whether a pattern came upon something hidden that it does not name."""
    return is_hidden(Path(*(part for part in match.parts if part not in Path(pattern).parts)))


def _below(folder: Path, output: Path) -> Iterator[Path]:
    """The files below, but hidden ones and what lies in the output folder."""
    for root, folders, files in os.walk(folder):
        ours = {name for name in folders if key(Path(root) / name) == key(output)}
        folders[:] = sorted(name for name in set(folders) - ours if not is_hidden(Path(name)))
        paths = (Path(root) / name for name in sorted(files) if not is_hidden(Path(name)))
        yield from (path for path in paths if path.exists())  # a link may lead nowhere


def has_media_suffix(path: Path) -> bool:
    """Whether it is called as a picture or a video is."""
    return path.suffix.lower() in PICTURE_SUFFIXES.keys() | VIDEO_SUFFIXES


def key(path: Path) -> str:
    """The same for two ways to write one path, whether there is such a file or not."""
    return os.path.normcase(os.path.abspath(path))


def identity(path: Path) -> tuple[int, int]:
    """The same for two links to one file."""
    status = path.stat()
    return status.st_dev, status.st_ino
