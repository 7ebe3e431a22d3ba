"""A painting learnt while somebody watches: steps of a fraction of a second, and a style file at any time."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from stylecam.models.catalog import Style, base_style
from stylecam.models.style_network import with_network
from stylecam.training.data import at_most, evenly, resize_short_side, side_of
from stylecam.training.device import make_fabric, vgg_precision
from stylecam.training.evaluate.evaluation_data import LINES
from stylecam.training.evaluate.likeness import Target
from stylecam.training.evaluate.validation import measured
from stylecam.training.frame_pool import FramePool
from stylecam.training.learner import Learner
from stylecam.training.live_process import Subject
from stylecam.training.losses.objective import Objective
from stylecam.training.losses.perceptual import PerceptualLoss
from stylecam.training.losses.vgg import VGGFeatures
from stylecam.training.options import TrainOptions
from stylecam.training.painting import SCAN_SIDE
from stylecam.training.photograph import is_photograph
from stylecam.training.state import hold_chroma, new_state
from stylecam.training.tensors import to_tensor
from stylecam.training.thumbnail import thumbnail

__all__ = ["LiveTraining"]

TIER = "fast"
LARGEST = 512  # px: the short side at which strokes look right in a frame of 480 lines
MEASURED = 3  # frames on which the finished style is measured
_NOT_DONE = ("epochs", "zoom", "style_size", "keep_start", "calibrate", "palette")  # settings of a training from files
STEADYING = 0.98  # of the mean of the last weights that is shown: those of one step waver


class LiveTraining:
    """Learns one painting from the base, on what `pool` holds. Raises `VGGWeightsError` and `StyleError`.

    `step` may be called for as long as one likes: the rate falls with the root of the steps, and needs no end. What is
    shown and kept is the running mean of the weights (Polyak and Juditsky 1992, "Acceleration of Stochastic
    Approximation by Averaging"). `is_photograph` tells whether what is learnt is surely no painting.
    """

    def __init__(self, subject: Subject, pool: FramePool, vgg_weights: Path | None = None, **settings: Any) -> None:
        self.subject, self.pool = subject, pool
        self.steps, self.seconds = 0, 0.0
        self._base, self._thumbnail = base_style(TIER), thumbnail(subject.painting)
        painting = _prepared(subject.painting)
        self.options = _options(subject, settings)
        fabric = make_fabric("auto")
        state = new_state(self.options)
        hold_chroma(state.network, self.options.chroma)
        self._start = state.training.get("start_from")
        self._learner = Learner(fabric, state, self.options, goes_on=False)
        vgg = VGGFeatures(self.options.forms().layers, vgg_weights).to(fabric.device)
        vgg = vgg.to(memory_format=torch.channels_last)
        loss = PerceptualLoss(vgg, to_tensor(painting).to(fabric.device), self.options.forms(), swd=True)
        self._objective = Objective(self.options, [loss.to(fabric.device)], vgg_precision("auto", fabric.device))
        self._vgg, self._scan = vgg, painting
        self.is_photograph = is_photograph(vgg, painting)
        self._mean = copy.deepcopy(self._learner.network).eval()

    def step(self) -> dict[str, float]:
        """Learns from the next pictures; returns the losses, unweighted, and their weighted ``total``."""
        began = time.monotonic()
        side = side_of(self.options.seed, self.steps, self.options.size, self.options.side)
        pictures = self.pool.batch(self.options.batch, side)
        values = self._learner.step(self._objective, self.steps, pictures)
        self.steps += 1
        # A mean of the last few at first, of many later.
        share = max(1 - STEADYING, 4 / (self.steps + 4))
        with torch.no_grad():
            for mean, now in zip(self._mean.parameters(), self._learner.network.parameters(), strict=True):
                mean.lerp_(now, share)
        self.seconds += time.monotonic() - began
        return {"total": values["total"], **values["losses"]}

    def style(self, measured: bool = False) -> Style:
        """The style file as it is by now. With `measured` it has figures, on some of the pool's frames: seconds."""
        style = with_network(self._base, self._mean)
        recipe = {key: value for key, value in self.options.recipe().items() if key not in _NOT_DONE}
        training = {
            **recipe,
            "step": self.steps,
            "steps": self.steps,
            "seconds": round(self.seconds, 1),
            "contrast": 1.0,
            "start_from": self._start,
        }
        texts = {
            "name": self.subject.name,
            "title": self.subject.title,
            "artist": self.subject.artist,
            "year": self.subject.year,
            "license": "",
            "training": json.dumps(training),
            "metrics": json.dumps(self._measured() if measured else {}),
            "thumbnail": self._thumbnail,
        }
        return style.with_metadata(**texts)

    def _measured(self) -> dict[str, float]:
        target = Target(self._vgg, np.ascontiguousarray(self._scan[..., ::-1]))
        some = [at_most(frame, LINES) for frame in evenly(self.pool.frames, MEASURED)]
        return measured(self._mean, target, [np.ascontiguousarray(frame[..., ::-1]) for frame in some])


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
