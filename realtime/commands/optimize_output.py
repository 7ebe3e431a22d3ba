"""What `realtime optimize` writes."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import glob
import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from stylecam.models.errors import OptionsError, RecordError
from stylecam.realtime.common.targets import FIGURES, check_place, check_suffix
from stylecam.realtime.common.whole_files import save_bytes
from stylecam.realtime.live.recorder import RecorderSink
from stylecam.realtime.video.libraries import cv2

if TYPE_CHECKING:
    from stylecam.training.optimize.methods import Method
    from stylecam.training.optimize.optimize import OptimizeRecord

__all__ = ["TERMS", "Outputs"]

RATE = 25  # pictures a second of the video
GIF_FRAMES = 60  # of a GIF at most, which holds each picture in full
TERMS = ("content", "style", "tv")  # of the objective
_PICTURES = (".png", ".jpg", ".jpeg", ".webp")


class Outputs:
    """The files of one run: the picture, those saved on the way, the video, the plot and the table of the losses.

    A `sheet` is the picture of several runs, and stands alone.

    Raises `OptionsError` for a name of the wrong kind and `RecordError` for a folder that does not exist, both when
    made, and `RecordError` for what cannot be written.
    """

    def __init__(
        self,
        picture: Path,
        sheet: bool,
        save_every: int | None,
        plot: Path | None,
        video: Path | None,
        table: Path | None,
    ) -> None:
        self.picture, self.sheet, self.save_every = picture, sheet, save_every
        self.plot, self.video, self.table = plot, video, table
        _check(picture, *(FIGURES if sheet else _PICTURES))
        _check(plot, *FIGURES)
        _check(video, ".mp4", ".gif")
        _check(table, ".csv")
        if sheet and (save_every or plot or video or table):
            raise OptionsError("a sheet is the only output: leave out --save-every, --plot, --csv and --video")
        names = [path.absolute() for path in self._files]
        if len(set(names)) < len(names):
            raise OptionsError(f"{picture} is given for two files: give each its own name")
        self.records: list[OptimizeRecord] = []  # without their pictures
        self._last: OptimizeRecord | None = None
        self._frames: list[Image.Image] = []
        self._framed = -1  # the iteration of the last of them
        self._sink: RecorderSink | None = None

    @property
    def _files(self) -> list[Path]:
        return [path for path in (self.picture, self.plot, self.video, self.table) if path]

    @contextlib.contextmanager
    def open(self, title: str, method: Method) -> Iterator[None]:
        """Around the run: whatever ends it but an error, the files are complete afterwards. `title` is the plot's."""
        try:
            if self.video and self.video.suffix.lower() == ".mp4":
                self._sink = RecorderSink(self.video, Fraction(1, RATE), Fraction(RATE))
            yield
        except BaseException:
            if self._sink:
                self._sink.abort()
            raise
        self._finish(title, method)

    def add(self, record: OptimizeRecord) -> None:
        """Takes note of one iteration."""
        self._last = record
        self.records.append(dataclasses.replace(record, picture=record.picture[:0]))
        if self._sink:
            self._sink.show(_bgr(record), Fraction(record.iteration, RATE))
            if self._sink.lost is not None:
                raise RecordError(self._sink.lost)
        elif self.video and record.iteration % -(-record.iterations // GIF_FRAMES) == 0:
            self._frames.append(_image(record))
            self._framed = record.iteration
        if self.save_every and record.iteration and record.iteration % self.save_every == 0:
            _write_picture(self._on_the_way(f"{record.iteration:06d}"), _bgr(record))

    def may_replace(self, original: Path) -> bool:
        """Whether one of the files would be written over an original, also through a link."""
        if not original.exists():
            return False
        paths = self._files
        if self.save_every:
            paths += self.picture.parent.glob(glob.escape(self._on_the_way("").stem) + "[0-9]*")
        return any(path.exists() and path.samefile(original) for path in paths)

    def _on_the_way(self, number: str) -> Path:
        return self.picture.with_name(f"{self.picture.stem}-{number}{self.picture.suffix}")

    def _finish(self, title: str, method: Method) -> None:
        if self._last is None:
            return
        _write_picture(self.picture, _bgr(self._last))  # first: the rest can be done without
        if self._sink:
            self._sink.close()
        elif self.video:
            if self._last.iteration != self._framed:
                self._frames.append(_image(self._last))
            save_bytes(self.video, _gif(self._frames))
        if self.plot:
            from stylecam.training.optimize.loss_plot import loss_plot

            weights = {name: getattr(method, f"{name}_weight") for name in TERMS}
            save_bytes(self.plot, loss_plot(self.records, weights, title, self.plot.suffix))
        if self.table:
            save_bytes(self.table, _csv(self.records))


def _write_picture(path: Path, picture: np.ndarray) -> None:
    """Writes uint8 BGR in the format of the path's suffix, whole or not at all. Raises `RecordError`."""
    quality = {".png": [], ".webp": [cv2.IMWRITE_WEBP_QUALITY, 95]}
    settings = quality.get(path.suffix.lower(), [cv2.IMWRITE_JPEG_QUALITY, 95])
    save_bytes(path, cv2.imencode(path.suffix.lower(), picture, settings)[1].tobytes())


def _bgr(record: OptimizeRecord) -> np.ndarray:
    from stylecam.training.tensors import to_picture

    return np.ascontiguousarray(to_picture(record.picture)[..., ::-1])


def _image(record: OptimizeRecord) -> Image.Image:
    return Image.fromarray(_bgr(record)[..., ::-1])


def _csv(records: Sequence[OptimizeRecord]) -> bytes:
    """A row for each iteration: the weighted terms and their sum."""
    columns = ("iteration", "objective", *TERMS)
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(columns)
    table.writerows([f"{getattr(record, column):.9g}" for column in columns] for record in records)
    return text.getvalue().encode("ascii")


def _gif(frames: Sequence[Image.Image]) -> bytes:
    file = io.BytesIO()
    # The last one stays for two seconds: it is what there is to see.
    durations = [100] * (len(frames) - 1) + [2000]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0)
    return file.getvalue()


def _check(path: Path | None, *suffixes: str) -> None:
    if path is not None:
        check_suffix(path, *suffixes)
        check_place(path)
