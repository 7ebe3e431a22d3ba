"""What `realtime optimize` writes and says."""

from __future__ import annotations

import contextlib
import dataclasses
import glob
import io
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np
from PIL import Image
from rich.console import Console
from rich.status import Status

from stylecam.models.errors import OptionsError, RecordError
from stylecam.realtime.common.targets import check_place
from stylecam.realtime.common.whole_files import write_whole
from stylecam.realtime.live.recorder import RecorderSink
from stylecam.realtime.video.libraries import cv2

if TYPE_CHECKING:
    from stylecam.training.optimize.optimize import OptimizeRecord

__all__ = ["LINE_EVERY", "OptimizeReporter", "Outputs", "write_picture"]

LINE_EVERY = 10  # iterations between two lines where stderr is no terminal
RATE = 25  # pictures a second of the video
GIF_FRAMES = 60  # of a GIF at most, which holds each picture in full
_PICTURES = (".png", ".jpg", ".jpeg", ".webp")


class Outputs:
    """The files of one run: the picture, those saved on the way, the video and the plot.

    Raises `OptionsError` for a name of the wrong kind and `RecordError` for a folder that does not exist, both when
    made, and `RecordError` for what cannot be written.
    """

    def __init__(self, picture: Path, save_every: int | None, plot: Path | None, video: Path | None) -> None:
        self.picture, self.save_every, self.plot, self.video = picture, save_every, plot, video
        _check(picture, "the picture", _PICTURES)
        _check(plot, "the plot", (".png",))
        _check(video, "the video", (".mp4", ".gif"))
        names = [path.absolute() for path in (picture, plot, video) if path]
        if len(set(names)) < len(names):
            raise OptionsError(f"{picture} is to be two files: give the plot and the video names of their own")
        self.records: list[OptimizeRecord] = []  # without their pictures
        self._last: OptimizeRecord | None = None
        self._frames: list[Image.Image] = []
        self._framed = -1  # the iteration of the last of them
        self._sink: RecorderSink | None = None

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Around the run: whatever ends it but an error, the files are complete afterwards."""
        try:
            if self.video and self.video.suffix.lower() == ".mp4":
                self._sink = RecorderSink(self.video, Fraction(1, RATE), Fraction(RATE))
            yield
        except BaseException:
            if self._sink:
                self._sink.abort()
            raise
        self._finish()

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
            write_picture(self._on_the_way(f"{record.iteration:06d}"), _bgr(record))

    def may_replace(self, original: Path) -> bool:
        """Whether one of the files would be written over an original, also through a link."""
        if not original.exists():
            return False
        paths = [path for path in (self.picture, self.plot, self.video) if path]
        if self.save_every:
            paths += self.picture.parent.glob(glob.escape(self._on_the_way("").stem) + "[0-9]*")
        return any(path.exists() and path.samefile(original) for path in paths)

    def _on_the_way(self, number: str) -> Path:
        return self.picture.with_name(f"{self.picture.stem}-{number}{self.picture.suffix}")

    def _finish(self) -> None:
        if self._last is None:
            return
        write_picture(self.picture, _bgr(self._last))  # first: the rest can be done without
        if self._sink:
            self._sink.close()
        elif self.video:
            if self._last.iteration != self._framed:
                self._frames.append(_image(self._last))
            _write(self.video, _gif(self._frames))
        if self.plot:
            from stylecam.training.optimize.loss_plot import loss_plot

            _write(self.plot, loss_plot(self.records))


class OptimizeReporter:
    """Progress on stderr: a live line in a terminal, else a plain line now and then."""

    def __init__(self, label: str = "") -> None:
        self._label = f"{label}: " if label else ""
        self._began = time.monotonic()
        self._status: Status | None = None
        console = Console(stderr=True)
        if console.is_terminal:
            self._status = console.status("loading the pictures and the VGG")

    def __enter__(self) -> OptimizeReporter:
        if self._status:
            self._status.start()
        else:
            click.echo(f"{self._label}loading the pictures and the VGG", err=True)
        return self

    def __exit__(self, *error: object) -> None:
        if self._status:
            self._status.stop()

    def show(self, record: OptimizeRecord) -> None:
        """Takes note of one iteration."""
        if not record.iteration:
            self._began = time.monotonic()
        text = f"{self._label}iteration {record.iteration}/{record.iterations}: {self._summary(record)}"
        if self._status:
            self._status.update(text)
        elif record.iteration % LINE_EVERY == 0 or record.iteration in (1, record.iterations):
            click.echo(text, err=True)

    def _summary(self, record: OptimizeRecord) -> str:
        parts = f"content {record.content:.3g}, style {record.style:.3g}, tv {record.tv:.3g}"
        spent = time.monotonic() - self._began
        seconds = spent / record.iteration * (record.iterations - record.iteration) if record.iteration else 0.0
        left = f", {seconds:.0f} s left" if seconds else ""
        return f"objective {record.objective:.4g} ({parts}){left}"


def write_picture(path: Path, picture: np.ndarray) -> None:
    """Writes uint8 BGR in the format of the path's suffix, whole or not at all. Raises `RecordError`."""
    quality = {".png": [], ".webp": [cv2.IMWRITE_WEBP_QUALITY, 95]}
    settings = quality.get(path.suffix.lower(), [cv2.IMWRITE_JPEG_QUALITY, 95])
    _write(path, cv2.imencode(path.suffix.lower(), picture, settings)[1].tobytes())


def _bgr(record: OptimizeRecord) -> np.ndarray:
    from stylecam.training.tensors import to_picture

    return np.ascontiguousarray(to_picture(record.picture)[..., ::-1])


def _image(record: OptimizeRecord) -> Image.Image:
    return Image.fromarray(_bgr(record)[..., ::-1])


def _gif(frames: Sequence[Image.Image]) -> bytes:
    file = io.BytesIO()
    # The last one stays for two seconds: it is what there is to see.
    durations = [100] * (len(frames) - 1) + [2000]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0)
    return file.getvalue()


def _write(path: Path, data: bytes) -> None:
    try:
        write_whole(path, data)
    except OSError as error:
        raise RecordError(f"cannot save {path}: {error.strerror or error}") from None


def _check(path: Path | None, what: str, suffixes: tuple[str, ...]) -> None:
    if path is None:
        return
    if path.suffix.lower() not in suffixes:
        raise OptionsError(f"{what} is a file of {', '.join(suffixes)}: call {path} {path.stem}{suffixes[0]}")
    check_place(path)
