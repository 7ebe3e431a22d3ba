"""The sheet of originals and results that `realtime convert --sheet` saves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from stylecam.models.errors import SourceError, StylecamError
from stylecam.realtime.convert.cut import Cut
from stylecam.realtime.convert.outcome import Outcome
from stylecam.realtime.convert.video_reader import VideoReader
from stylecam.realtime.pictures.contact_sheet import Cell, Sheet
from stylecam.realtime.pictures.picture_file import PICTURE_SUFFIXES
from stylecam.realtime.pictures.sheet_file import save_sheet as write_sheet
from stylecam.realtime.sources.file_source import FileSource

__all__ = ["save_sheet"]

SHEET_FRAMES = 4  # of a video
SHEET_FILES = 6


def save_sheet(
    path: Path, outcomes: Sequence[Outcome], styles: Sequence[str], start: Fraction, say: Callable[[str], None]
) -> bool:
    """Whether it is saved. What goes wrong is only said: the conversion itself is done, and has a report to give."""
    try:
        write_sheet(path, _sheet(outcomes, styles, start))
    except StylecamError as error:
        say(f"cannot save {path}: {error}")
        return False
    say(f"saved {path}")
    return True


def _sheet(outcomes: Sequence[Outcome], styles: Sequence[str], start: Fraction) -> Sheet:
    """Originals and results side by side: some moments of one video, or some files."""
    whole = [outcome for outcome in outcomes if outcome.outputs]
    count = SHEET_FRAMES if len(whole) == 1 and whole[0].frames > 1 else 1
    cells: list[Cell] = []
    for outcome in whole[:SHEET_FILES]:
        labels = [outcome.source.name, *styles]
        for moment in range(count):
            share = Fraction(2 * moment + 1, 2 * count)
            pictures = _at(share, start, outcome)
            cells += [Cell(picture, [label]) for picture, label in zip(pictures, labels, strict=True)]
    return Sheet(cells, 1 + len(styles), f"Originals and {', '.join(styles)}")


def _at(share: Fraction, start: Fraction, outcome: Outcome) -> list[np.ndarray]:
    """The original and the results after this share of the result's length."""
    if outcome.outputs[0].suffix.lower() in PICTURE_SUFFIXES:
        return [_first(path) for path in (outcome.source, *outcome.outputs)]
    with VideoReader(outcome.outputs[0]) as result:
        seconds = result.seconds * share
    results = [_first(path, seconds) for path in outcome.outputs]
    return [_first(outcome.source, start + seconds), *results]


def _first(path: Path, seconds: Fraction | None = None) -> np.ndarray:
    """A picture, or what a video shows at a time."""
    if seconds is not None:
        for start in (seconds, Fraction(0)):  # the sound, hence the file, may be longer than the pictures
            with VideoReader(path, Cut(start=start)) as reader:
                if (picture := next(iter(reader.pictures()), None)) is not None:
                    return picture.image
        raise SourceError(f"{path} cannot be decoded")
    with FileSource(path) as source:
        frame = source.read(60)
    if frame is None:
        raise SourceError(f"{path} took more than a minute to read")
    return frame.image
