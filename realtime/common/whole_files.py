"""Files that have their names only when they are complete, and names that are free."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from stylecam.models.errors import RecordError
from stylecam.realtime.common.targets import partial_path

__all__ = ["reason", "save_bytes", "unused_path", "write_whole"]


def save_bytes(path: Path, data: bytes) -> None:
    """`write_whole`, with a failure as `RecordError`."""
    try:
        write_whole(path, data)
    except OSError as error:
        raise RecordError(f"cannot save {path}: {reason(error)}") from None


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file that has its name only when it is complete; whatever goes wrong leaves none. Raises `OSError`."""
    partial = partial_path(path)
    try:
        partial.write_bytes(data)
        os.replace(partial, path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def unused_path(path: Path) -> Path:
    """`path`, or the first of path-2, path-3, ... that does not exist."""
    number = 2
    candidate = path
    while candidate.exists():
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return candidate


def reason(error: Exception) -> str:
    """Why something could not be written, without the file's name, which the sentence around it gives."""
    return getattr(error, "strerror", None) or str(error)
