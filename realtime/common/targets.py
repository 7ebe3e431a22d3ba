"""Files that are to be written: refused before any work where they are an original, or could not be written."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from stylecam.models.errors import OptionsError, RecordError

__all__ = ["FIGURES", "check_name", "check_place", "check_suffix", "check_target", "partial_path"]

FIGURES = (".png", ".svg", ".pdf")  # what plots and sheets can be
LONG_NAME = 100  # bytes; file systems take 255, those that encrypt names 143


def check_target(target: Path, originals: Iterable[str | Path | None], *suffixes: str) -> None:
    """Raises for a file to write that is one of the `originals`, has none of the suffixes, or could not be written.

    What of the originals is no file, as a camera's number or a URL, cannot be meant. Raises `OptionsError`, and
    `RecordError` where there is no such folder, or nothing may be written in it.
    """
    check_suffix(target, *suffixes)
    check_name(target)
    if any(_is_same(target, original) for original in originals if original is not None):
        raise OptionsError(f"{target} is the input itself and is never overwritten: give another name")
    check_place(target)


def check_suffix(target: Path, *suffixes: str) -> None:
    """Raises `OptionsError` for a file to write that has none of the suffixes."""
    if target.suffix.lower() not in suffixes:
        raise OptionsError(f"{target} must end in {' or '.join(suffixes)}: call it {target.stem}{suffixes[0]}")


def check_place(target: Path) -> None:
    """Raises `RecordError` where a file could not be written for want of its folder, or of a permission."""
    folder = target.absolute().parent
    if not folder.is_dir():
        raise RecordError(f"cannot save {target}: there is no folder {target.parent}")
    if not os.access(folder, os.W_OK):
        raise RecordError(f"cannot save {target}: the folder {target.parent} is not writable")
    if os.path.isdir(target):
        raise RecordError(f"cannot save {target}: it is a folder")


def check_name(target: Path) -> None:
    """Raises `OptionsError` for a name that the file system would refuse, before anything asks after such a file."""
    try:
        os.lstat(target)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            length = len(os.fsencode(target.name))
            raise OptionsError(f"the name {target.name} has {length} bytes, too long for a file: shorten it") from None


def partial_path(target: Path) -> Path:
    """What a file is called until it is complete: hidden, beside it, the same every time.

    A long name is not made longer, lest the file system refuse a name that the file itself may have.
    """
    name = f".{target.name}.partial"
    if len(os.fsencode(name)) > LONG_NAME:
        name = f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}.partial"
    return target.with_name(name)


def _is_same(target: Path, original: str | Path) -> bool:
    """Links to one file are one file."""
    try:
        return target.samefile(original)
    except (OSError, ValueError):  # one of them is not there, or no path
        return False
