"""A painting learnt while somebody watches: steps of a fraction of a second, and a style file at any time."""

from __future__ import annotations

import base64
import copy
import json
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from stylecam.models.catalog import Style, base_style
from stylecam.models.style_network import with_network
from stylecam.training.data import resize_short_side
from stylecam.training.device import make_fabric, vgg_precision
from stylecam.training.evaluate.likeness import Target
from stylecam.training.evaluate.validation import painted_by
from stylecam.training.frame_pool import FramePool
from stylecam.training.learner import Learner
from stylecam.training.live_process import Subject
from stylecam.training.losses.objective import Objective
from stylecam.training.losses.perceptual import PerceptualLoss
from stylecam.training.losses.vgg import VGGFeatures
from stylecam.training.options import TrainOptions
from stylecam.training.painting import SCAN_SIDE
from stylecam.training.state import hold_chroma, new_state
from stylecam.training.tensors import to_tensor

__all__ = ["LiveTraining"]

TIER = "fast"
LARGEST = 512  # px: the short side at which strokes look right in a frame of 480 lines
THUMBNAIL_SIDE = 160
MEASURED = 6  # frames on which the finished style is measured
STEADYING = 0.98  # of the mean of the last weights that is shown: those of one step waver


class LiveTraining:
    """Learns one painting from the base, on what `pool` holds. Raises `VGGWeightsError` and `StyleError`.

    `step` may be called for as long as one likes: the rate does not fall. What is shown and kept is the running mean of
    the weights (Polyak and Juditsky 1992, "Acceleration of Stochastic Approximation by Averaging"), which is as good
    as if it had fallen.
    """

    def __init__(self, subject: Subject, pool: FramePool, vgg_weights: Path | None = None, **settings: Any) -> None:
        self.subject, self.pool = subject, pool
        self.steps, self.seconds = 0, 0.0
        painting = _prepared(subject.painting)
        self.options = _options(subject, settings)
        fabric = make_fabric("cpu" if not torch.cuda.is_available() else "cuda")
        state = new_state(self.options)
        hold_chroma(state.network, self.options.chroma)
        self._start = state.training.get("start_from")
        self._learner = Learner(fabric, state, self.options, goes_on=False)
        vgg = VGGFeatures(self.options.forms().layers, vgg_weights).to(fabric.device)
        vgg = vgg.to(memory_format=torch.channels_last)
        loss = PerceptualLoss(vgg, to_tensor(painting).to(fabric.device), self.options.forms(), swd=True)
        self._objective = Objective(self.options, [loss.to(fabric.device)], vgg_precision("auto", fabric.device))
        self._vgg, self._scan = vgg, painting
        self._mean = copy.deepcopy(self._learner.network).eval()

    def step(self) -> dict[str, float]:
        """Learns from the next pictures; returns the losses, unweighted, and their weighted ``total``."""
        began = time.monotonic()
        pictures = self.pool.batch(self.options.batch, self._side())
        values = self._learner.step(self._objective, self.steps, pictures)
        self.steps += 1
        # A mean of the last few at first, of many later.
        share = 1 - min(STEADYING, 1 - 1 / (self.steps / 4 + 1))
        with torch.no_grad():
            for mean, now in zip(self._mean.parameters(), self._learner.network.parameters(), strict=True):
                mean.lerp_(now, share)
        self.seconds += time.monotonic() - began
        return {"total": values["total"], **values["losses"]}

    def style(self, measured: bool = False) -> Style:
        """The style file as it is by now. With `measured` it has figures, on some of the pool's frames: seconds."""
        network = copy.deepcopy(self._mean).cpu()
        style = with_network(base_style(TIER), network)
        training = {
            **self.options.recipe(),
            "step": self.steps,
            "seconds": round(self.seconds, 1),
            "contrast": 1.0,
            "start_from": self._start,
        }
        texts = {
            "name": self.subject.name,
            "title": self.subject.title or self.subject.name,
            "artist": self.subject.artist,
            "year": self.subject.year,
            "license": "",
            "training": json.dumps(training),
            "metrics": json.dumps(self._measured() if measured else {}),
            "thumbnail": _thumbnail(self.subject.painting),
        }
        return style.with_metadata(**texts)

    def _side(self) -> int:
        """Another one for each step, as in a long training: a network must not know how far the edges are."""
        choices = (self.options.side - self.options.size) // 8
        draw = np.random.default_rng((self.options.seed, 2, self.steps))
        return self.options.size + 8 * int(draw.integers(choices + 1))

    def _measured(self) -> dict[str, float]:
        target = Target(self._vgg, np.ascontiguousarray(self._scan[..., ::-1]))
        frames = self.pool.frames
        photos = [np.ascontiguousarray(f[..., ::-1]) for f in frames[:: max(1, len(frames) // MEASURED)][:MEASURED]]
        means = target.mean_likeness(painted_by(self._mean), photos)
        return {name: round(value, 4) for name, value in means._asdict().items()} | {"photos": len(photos)}


def _options(subject: Subject, settings: dict[str, Any]) -> TrainOptions:
    usual: dict[str, Any] = {
        "batch": 1,
        "size": 256,
        "frame": 384,
        "schedule": "inverse-sqrt",
        "learning_rate": 2e-3,
        "ramp": 0.0,
        "calibrate": 0,
        "style_weight": 5.0,
        "swd_weight": 4.0,
        "stability_weight": 0.0,  # it costs a quarter of the pictures, and what paints steadies the strokes
        "stability_unit": "picture",
    }
    texts = {key: getattr(subject, key) for key in ("name", "title", "artist", "year")}
    # The frames come by the pool; no folder is read and none is written.
    return TrainOptions(Path(), Path(), Path(), start_from=Path("base"), **{**usual, **texts, **settings})


def _prepared(painting: np.ndarray) -> np.ndarray:
    """At the size at which its strokes look right; a small one is not enlarged, since that would blur them."""
    short = min(painting.shape[:2])
    return painting if short <= SCAN_SIDE else resize_short_side(painting, LARGEST)


def _thumbnail(painting: np.ndarray) -> str:
    scale = THUMBNAIL_SIDE / max(painting.shape[:2])
    size = max(1, int(painting.shape[1] * scale)), max(1, int(painting.shape[0] * scale))
    small = cv2.resize(painting, size, interpolation=cv2.INTER_AREA)
    return base64.b64encode(cv2.imencode(".png", small[..., ::-1])[1].tobytes()).decode("ascii")
