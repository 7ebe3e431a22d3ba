"""Standard input and output as files: what is converted is read more than once, and written only when it is whole."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from stylecam.models.errors import SourceError
from stylecam.realtime.pictures.heif import HEAD
from stylecam.realtime.pictures.picture_file import PICTURE_SUFFIXES
from stylecam.realtime.pictures.picture_frames import readable_formats

__all__ = ["input_from_stdin", "output_to_stdout"]


@contextmanager
def input_from_stdin() -> Iterator[str]:
    """The name of a temporary file with all of standard input. Raises `SourceError` when there is nothing."""
    with tempfile.TemporaryDirectory(prefix="stylecam-") as folder:
        path = Path(folder) / "stdin"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        if path.stat().st_size == 0:
            raise SourceError("standard input is empty; pipe a picture or a video into the command")
        yield str(path.rename(path.with_suffix(_picture_suffix(path) or ".video")))


@contextmanager
def output_to_stdout(inputs: Sequence[str]) -> Iterator[str]:
    """The name of a temporary file which, if it is there at the end, goes to standard output.

    A picture keeps its format, a video becomes MP4.
    """
    suffix = Path(inputs[0]).suffix.lower()
    with tempfile.TemporaryDirectory(prefix="stylecam-") as folder:
        path = Path(folder) / f"stdout{suffix if suffix in PICTURE_SUFFIXES else '.mp4'}"
        yield str(path)
        if path.exists():
            with path.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.buffer.flush()


def _picture_suffix(path: Path) -> str | None:
    """The suffix for a picture of this content; None where it is none."""
    suffixes = {form: suffix for suffix, form in reversed(PICTURE_SUFFIXES.items())}
    with path.open("rb") as file:
        formats = readable_formats(file.read(HEAD), "the piped input")
    try:
        with Image.open(path, formats=formats) as image:
            return suffixes[str(image.format)]
    except (OSError, ValueError, Image.DecompressionBombError):
        return None  # perhaps a video
