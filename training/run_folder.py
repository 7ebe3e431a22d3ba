"""What a training run leaves behind: metrics.csv, the loss plot, previews and the checkpoint."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import torch

from stylecam.models.checkpoint import Checkpoint, save_checkpoint
from stylecam.models.errors import PictureError, StylecamError
from stylecam.training.data import read_picture, resize_short_side
from stylecam.training.loss_curves import loss_curves
from stylecam.training.losses.table import LOSSES
from stylecam.training.tensors import blank, to_picture, to_tensor

if TYPE_CHECKING:
    from stylecam.training.tensorboard_events import Events
    from stylecam.training.train_record import TrainRecord

__all__ = ["CHECKPOINT", "RunFolder"]

CHECKPOINT = "checkpoint.safetensors"

COLUMNS = (
    *("step", "total"),
    *(loss.name for loss in LOSSES),
    *("style_weight", "learning_rate", "pictures_per_second"),
)


class RunFolder:
    """The folder of one run: made by `open` before the first step, complete after `close`.

    Files are whole at any time: they are written beside their place and then moved to it, metrics.csv
    line by line. Whatever cannot be written raises a `StylecamError` that names the folder.
    """

    def __init__(
        self, path: Path, weights: Mapping[str, float], tensorboard: bool = False, plot: Path | None = None
    ) -> None:
        self.path, self._tensorboard = path, tensorboard
        self._weights = weights  # of the losses, for the plot
        self._plots = [path / "loss.png", *([plot] if plot else [])]
        self._events: Events | None = None
        self.checkpoint = path / CHECKPOINT
        self._csv: io.TextIOWrapper | None = None
        self._rows: list[dict[str, Any]] = []
        self._drawn = 0  # rows in the plots
        existing = next(p for p in (path, *path.absolute().parents) if p.exists())
        if not existing.is_dir() or not os.access(existing, os.W_OK):  # rather now than after minutes
            raise StylecamError(f"cannot write the run's folder {path}: {existing} is not a writable folder")

    def open(self, first_step: int) -> None:
        """Starts metrics.csv, keeping the rows of the `first_step` steps already done."""
        path = self.path / "metrics.csv"
        with self._writing():
            self.path.mkdir(parents=True, exist_ok=True)
            self._rows = _read_rows(path, first_step) if first_step else []
            table = io.StringIO(newline="")
            _writer(table, header=True).writerows(self._rows)
            _write(path, table.getvalue().encode("utf-8"))
            self._csv = path.open("a", newline="", encoding="utf-8", buffering=1)
            if self._tensorboard:
                from stylecam.training.tensorboard_events import Events  # an extra of its own

                self._events = Events(self.path / "events", first_step)

    def add(self, record: TrainRecord) -> None:
        """One line of metrics.csv."""
        row = {name: getattr(record, name) for name in COLUMNS}
        self._rows.append(row)
        with self._writing():
            if self._events is not None:
                self._events.add(row)
            if self._csv is not None:
                _writer(self._csv).writerow({k: v if isinstance(v, int) else f"{v:.6g}" for k, v in row.items()})

    def save(self, checkpoint: Checkpoint) -> None:
        """Writes the checkpoint."""
        with self._writing():
            save_checkpoint(self.checkpoint, checkpoint)

    def close(self) -> None:
        """Ends metrics.csv and draws the loss plot; of a run without a step nothing stays."""
        if self._csv is None:
            return
        with self._writing():
            self._csv.close()
            self._csv = None
            if self._events is not None:
                self._events.close()
            self._plot()
        if not self._rows:
            (self.path / "metrics.csv").unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # it holds something else
                self.path.rmdir()

    def draw(self) -> None:
        """Draws the loss plots of a run that is finished."""
        self._rows = _read_rows(self.path / "metrics.csv", sys.maxsize)
        with self._writing():
            self._plot()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StylecamError(f"cannot write the run's folder {self.path}: {error.strerror or error}") from error

    def preview(self, step: int, network: Any, photos: list[Path], short_side: int) -> None:
        """Writes previews/step-N.png: validation photos above, their stylization below; without photos a texture."""
        columns = []
        network.eval()
        for path in photos:
            try:
                photo = resize_short_side(read_picture(path), short_side)[:short_side, :short_side]
            except PictureError:
                continue
            device = next(network.parameters()).device
            with torch.no_grad():
                stylized = to_picture(network(to_tensor(photo).to(device)))
            columns.append(np.concatenate([photo, stylized]))
        if not photos:
            with torch.no_grad():
                columns.append(to_picture(network(blank(network, short_side))))
        network.train()
        with self._writing():
            if columns:
                (self.path / "previews").mkdir(exist_ok=True)
                picture = np.concatenate(columns, axis=1)
                _write(self.path / "previews" / f"step-{step:06d}.png", _png(picture))
                if self._events is not None:
                    self._events.picture(step, picture)
            self._plot()

    def _plot(self) -> None:
        if len(self._rows) > self._drawn:
            self._drawn = len(self._rows)
            title = f"Weighted losses of the training {self.path.absolute().name}"
            for path in self._plots:
                plot = loss_curves(self._rows, self._weights, title, path.suffix)
                try:
                    _write(path, plot)
                except OSError as error:
                    raise StylecamError(f"cannot save the plot {path}: {error.strerror or error}") from error


def _png(picture: np.ndarray) -> bytes:
    return cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))[1].tobytes()


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(data)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _writer(file: Any, header: bool = False) -> csv.DictWriter:
    writer = csv.DictWriter(file, COLUMNS)
    if header:
        writer.writeheader()
    return writer


def _read_rows(path: Path, first_step: int) -> list[dict[str, Any]]:
    """The whole rows up to a step; a killed run may have left half a row at the end."""
    if not path.exists():
        return []
    absent = {loss.name: "0" for loss in LOSSES}
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        # A loss that did not exist yet has no column, and had no part in the total.
        read = ({**absent, **row} for row in csv.DictReader(file))
        rows = [{key: row[key] for key in COLUMNS} for row in read if all(row.get(key) for key in COLUMNS)]
    return [row for row in rows if row["step"].isdigit() and int(row["step"]) <= first_step]
