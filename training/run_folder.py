"""What a training run leaves behind: metrics.csv, the loss plot, previews and the checkpoint."""

from __future__ import annotations

import base64
import csv
from dataclasses import asdict
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import matplotlib.figure
import numpy as np
import torch

from stylecam.training.data import PictureError, read_picture, resize_short_side
from stylecam.training.validation import to_picture, to_tensor

if TYPE_CHECKING:
    from stylecam.training.train import TrainRecord

__all__ = ["RunFolder"]

COLUMNS = ("step", "total", "content", "style", "tv", "stability", "style_weight", "learning_rate", "pictures_per_second")
THUMBNAIL_SIDE = 160


class RunFolder:
    """The folder of one run. `open` before the first step, `close` after the last."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.checkpoint = path / "checkpoint.safetensors"
        self._csv: TextIOWrapper | None = None
        self._rows: list[dict[str, Any]] = []

    def open(self, first_step: int) -> None:
        """Starts metrics.csv, keeping the rows of the `first_step` steps already done."""
        path = self.path / "metrics.csv"
        if first_step and path.exists():
            with path.open(newline="") as file:
                self._rows = [row for row in csv.DictReader(file) if int(row["step"]) <= first_step]
        self._csv = path.open("w", newline="")
        self._writer = csv.DictWriter(self._csv, COLUMNS)
        self._writer.writeheader()
        self._writer.writerows(self._rows)

    def add(self, record: TrainRecord) -> None:
        """One line of metrics.csv."""
        row = {k: v for k, v in asdict(record).items() if k in COLUMNS}
        self._rows.append(row)
        self._writer.writerow({k: v if isinstance(v, int) else f"{v:.6g}" for k, v in row.items()})

    def close(self) -> None:
        """Ends metrics.csv and draws the loss plot."""
        if self._csv is not None:
            self._csv.close()
        self._plot()

    def preview(self, step: int, network: Any, photos: list[Path], short_side: int) -> None:
        """Writes previews/step-N.png: validation photos above, their stylization below."""
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
        network.train()
        if columns:
            folder = self.path / "previews"
            folder.mkdir(exist_ok=True)
            _write_png(folder / f"step-{step:06d}.png", np.concatenate(columns, axis=1))
        if self._csv is not None:
            self._csv.flush()
        self._plot()

    def thumbnail(self, painting: np.ndarray) -> str:
        """The painting as base64 PNG of at most 160 px, for the style file."""
        scale = THUMBNAIL_SIDE / max(painting.shape[:2])
        size = max(1, int(painting.shape[1] * scale)), max(1, int(painting.shape[0] * scale))
        small = cv2.resize(painting, size, interpolation=cv2.INTER_AREA)
        return base64.b64encode(_png(small)).decode("ascii")

    def _plot(self) -> None:
        if not self._rows:
            return
        steps = [int(row["step"]) for row in self._rows]
        figure = matplotlib.figure.Figure(figsize=(8, 4.5), layout="constrained")
        axes = figure.subplots()
        for name in ("content", "style", "stability"):
            values = np.array([float(row[name]) for row in self._rows])
            if np.any(values > 0):
                axes.plot(steps, _smooth(values), label=name, linewidth=1.2)
        axes.set(xlabel="step", ylabel="unweighted loss, running mean", yscale="log", title=self.path.name)
        axes.grid(alpha=0.3)
        axes.legend()
        figure.savefig(self.path / "loss.png", dpi=100)


def _smooth(values: np.ndarray, window: int = 25) -> np.ndarray:
    """Mean over up to `window` values that end at each place."""
    sums = np.cumsum(np.concatenate([[0.0], values]))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - window)
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts))


def _png(picture: np.ndarray) -> bytes:
    return cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))[1].tobytes()


def _write_png(path: Path, picture: np.ndarray) -> None:
    path.write_bytes(_png(picture))
