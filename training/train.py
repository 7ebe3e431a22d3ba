"""Learns one style network from a painting and, unless it is to paint a texture alone, a folder of photographs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from stylecam.models.checkpoint import Checkpoint
from stylecam.models.errors import OptionsError, PictureError
from stylecam.training.calibration import calibrate
from stylecam.training.data import (
    BlankPictures,
    ContentCrops,
    content_loader,
    find_pictures,
    shielded_from_interrupts,
    split,
)
from stylecam.training.device import group_ended, make_fabric, vgg_precision
from stylecam.training.evaluate.likeness import Target
from stylecam.training.evaluate.validation import validate, validate_texture
from stylecam.training.losses.forms import LossForms
from stylecam.training.losses.objective import Objective
from stylecam.training.losses.perceptual import PerceptualLoss
from stylecam.training.losses.vgg import VGGFeatures
from stylecam.training.memory import check_memory, memory_errors, training_memory
from stylecam.training.muon import make_optimizer
from stylecam.training.options import TrainOptions
from stylecam.training.painting import PREPARATION, read_painting
from stylecam.training.run_folder import RunFolder
from stylecam.training.schedule import learning_rate_at
from stylecam.training.state import (
    check_vgg,
    data_identity,
    flat_optimizer,
    hold_chroma,
    new_state,
    restore_optimizer,
    resumed_state,
)
from stylecam.training.tensors import to_tensor
from stylecam.training.train_record import TrainRecord

__all__ = ["train"]


def train(
    options: TrainOptions,
    on_record: Callable[[TrainRecord], None] = lambda record: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Path:
    """Trains, or goes on training, and returns the path of the checkpoint in `options.output`.

    Stops after the current step when `should_stop()`; the checkpoint is then of that step, and a run with
    `resume` goes on as if it had never been interrupted. Resuming a finished run does nothing, `on_record` is
    never called. An exception, `KeyboardInterrupt` too, leaves the checkpoint of the last
    `checkpoint_every` steps. Raises a `StylecamError`: `OptionsError`, `PictureError`, `VGGWeightsError`,
    `CheckpointError`, or itself where the run's folder cannot be written.
    """
    remedy = "lower --batch, --size, --frame or --style-size"
    with memory_errors(f"there is not enough memory for this training: {remedy}"), group_ended():
        session = _Session(options)
        if not session.finished:
            check_memory(training_memory(options, session.paintings), remedy, session.fabric.device)
            session.run(on_record, should_stop)
        elif options.vgg_weights is not None:
            session.check_vgg()
    return session.folder.checkpoint


class _Session:
    """Everything alive during one call of `train`."""

    def __init__(self, options: TrainOptions) -> None:
        self.fabric = make_fabric(options.device)
        preparation = {key: getattr(options, key) for key in PREPARATION}
        self.files = find_pictures(options.painting) if options.painting.is_dir() else [options.painting]
        self.paintings = [read_painting(file, **preparation) for file in self.files]
        if len(self.files) > 1:
            self._check_base(options)
        pictures, self.held_out = split(find_pictures(options.content)) if options.content else ([], [])
        self.pictures, self.contrast = pictures, 1.0
        self.crops: ContentCrops | BlankPictures = BlankPictures(options.side)
        at_once = options.batch * self.fabric.world_size
        if pictures:
            self.crops = ContentCrops(pictures, options.size, options.seed, options.zoom, options.side, at_once)
        if options.epochs:
            options = replace(options, steps=max(1, options.epochs * len(pictures) // at_once))
        self.options = options
        self.folder = RunFolder(options.output, options.weights, options.tensorboard)
        self.data = data_identity(self.paintings, pictures, self.fabric.world_size)
        self.state = self._state()
        hold_chroma(self.state.network, options.chroma)
        self.first_step: int = self.state.training.get("step", 0)
        self.finished = self.first_step >= options.steps and "metrics" in self.state.training
        self.unreadable: set[int] = set(self.state.training.get("unreadable", ()))

    def _state(self) -> Checkpoint:
        if self.options.resume:
            return resumed_state(self.folder.checkpoint, self.options, self.data)
        if self.folder.checkpoint.exists():
            raise OptionsError(
                f"{self.folder.path} already holds a run: go on with --resume or choose another --output"
            )
        return new_state(self.options, len(self.paintings))

    def _check_base(self, options: TrainOptions) -> None:
        """Raises `OptionsError` for what a training on several paintings has not."""
        if options.network != "transform" or options.norm != "instance":
            raise OptionsError("a folder of paintings needs --network transform and --norm instance")
        if options.start_from is not None:
            raise OptionsError("a training on a folder of paintings begins anew: leave --start-from out")
        if self.fabric.world_size > 1:
            raise OptionsError("a folder of paintings is learnt by one process: start it without torchrun")

    def run(self, on_record: Callable[[TrainRecord], None], should_stop: Callable[[], bool]) -> None:
        """Loads what is heavy, trains from `first_step`, and writes the checkpoint."""
        network = self.state.network.train().to(memory_format=torch.channels_last)
        optimizer = make_optimizer(self.options.optimizer, network, self.options.learning_rate)
        self.network, self.optimizer = self.fabric.setup(network, optimizer)
        if self.first_step:
            restore_optimizer(self.optimizer, self.state.optimizer)  # after setup, which moves the parameters
        losses = self._perceptual_losses()
        self.loss = losses[0]
        self.objective = Objective(self.options, losses, vgg_precision(self.options.precision, self.fabric.device))
        if self.fabric.is_global_zero:
            self.folder.open(self.first_step)
        try:
            done = self._steps(on_record, should_stop)
            if self.fabric.is_global_zero and done >= self.options.steps:
                if len(self.paintings) == 1:
                    self._calibrate()
                self._save(done, self._metrics())
        finally:
            self.folder.close()
        self.fabric.barrier()  # no process of a group ends before the checkpoint is whole

    def check_vgg(self) -> VGGFeatures:
        """The VGG. Raises `OptionsError` where the run began with other weights."""
        vgg = VGGFeatures((*LossForms().layers, *self.options.forms().layers), self.options.vgg_weights)
        check_vgg(self.data, self.state.training.get("data", {}), vgg, self.folder.checkpoint)
        return vgg

    def _perceptual_losses(self) -> list[PerceptualLoss]:
        """One for each painting; all have the same VGG."""
        device = self.fabric.device
        vgg = self.check_vgg().to(device).to(memory_format=torch.channels_last)
        forms, swd = self.options.forms(), self.options.weights["swd"] > 0
        paintings = (to_tensor(painting).to(device) for painting in self.paintings)
        return [PerceptualLoss(vgg, painting, forms, swd=swd).to(device) for painting in paintings]

    def _steps(self, on_record: Callable[[TrainRecord], None], should_stop: Callable[[], bool]) -> int:
        options, fabric = self.options, self.fabric
        steps = range(self.first_step, options.steps)
        self.started = time.monotonic()
        workers = options.workers if options.content else 0  # blank pictures need no one to decode them
        loader = content_loader(self.crops, options.batch, steps, workers, fabric.global_rank, fabric.world_size)
        with shielded_from_interrupts():
            batches = iter(loader)
        for step in steps:
            pictures, unreadable = _next(batches, options.content)
            self.unreadable.update(n for n in unreadable.tolist() if n >= 0)
            record = self._record(step, self._step(step, pictures))
            stop = self._any_process(should_stop())
            if fabric.is_global_zero:
                self._step_done(record, stop)
            on_record(record)
            if stop:
                return step + 1
        return options.steps

    def _step_done(self, record: TrainRecord, stop: bool) -> None:
        done, options = record.step, self.options
        last = stop or done == options.steps
        self.folder.add(record)
        if last or done % options.checkpoint_every == 0:
            self._save(done)
        if last or done % options.preview_every == 0:
            # The network itself: the others of a group do not paint, and its wrapper would wait for them.
            self.folder.preview(done, self.network.module, self.held_out[:4], options.size)

    def _any_process(self, value: bool) -> bool:
        if self.fabric.world_size == 1:
            return value
        asked = torch.tensor(float(value), device=self.fabric.device)
        self.fabric.all_reduce(asked, reduce_op="sum")  # in place
        return float(asked) > 0

    def _step(self, step: int, pictures: Tensor) -> dict[str, Any]:
        rate = learning_rate_at(step, self.options.steps, self.options.learning_rate, self.options.schedule)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        photos = pictures.to(self.fabric.device).contiguous(memory_format=torch.channels_last).float() / 255
        draw = step * self.fabric.world_size + self.fabric.global_rank
        total, parts = self.objective(self.network, photos, step, draw)
        self.optimizer.zero_grad(set_to_none=True)
        self.fabric.backward(total)
        limit = self.options.clip or math.inf
        norm = self.fabric.clip_gradients(self.network, self.optimizer, max_norm=limit, error_if_nonfinite=False)
        # Checked before the step: afterwards the weights would be lost.
        if not (math.isfinite(float(total.detach())) and norm is not None and math.isfinite(float(norm))):
            raise OptionsError(f"the loss is not a finite number at step {step + 1}: lower --learning-rate")
        self.optimizer.step()
        losses = {name: float(value.detach()) for name, value in parts.items()}
        style_weight = self.objective.weights(step)["style"]
        return {"total": float(total.detach()), "losses": losses, "style_weight": style_weight, "learning_rate": rate}

    def _record(self, step: int, values: dict[str, Any]) -> TrainRecord:
        rate = (step + 1 - self.first_step) / max(1e-9, time.monotonic() - self.started)
        return TrainRecord(
            step + 1,
            self.options.steps,
            **values,
            pictures_per_second=rate * self.options.batch * self.fabric.world_size,
            seconds_left=(self.options.steps - step - 1) / rate,
            unreadable=len(self.unreadable),
        )

    def _calibrate(self) -> None:
        """Sets the contrast on photographs that were trained on; without them there is none to choose by."""
        options = self.options
        step = max(1, len(self.pictures) // options.calibrate) if options.calibrate else 1
        photos = self.pictures[::step][: options.calibrate]
        weights = options.weights["content"], options.weights["style"]
        self.contrast = calibrate(self.network.module.eval(), self.loss, photos, options.size, *weights)

    def _metrics(self) -> dict[str, float]:
        """Always against the scan itself, so that styles of all recipes can be compared. A base has none."""
        if len(self.paintings) > 1:
            return {"paintings": len(self.paintings)}
        network = self.network.module.eval()
        try:
            target = Target.read(self.loss.vgg, self.files[0])
            if self.options.content is None:
                return validate_texture(network, target, self.options.size)
            return validate(network, target, self.held_out)
        except PictureError:  # a trained network is not lost for want of photos to measure it on
            return {}

    def _save(self, step: int, metrics: dict[str, float] | None = None) -> None:
        training: dict[str, Any] = {
            "step": step,
            "recipe": self.options.recipe(),
            "data": self.data,
            "unreadable": sorted(self.unreadable),
            "painting_thumbnail": self.folder.thumbnail(self.paintings[0]),
            "start_from": self.state.training.get("start_from"),
        }
        if metrics is not None:
            training |= {"metrics": metrics, "contrast": self.contrast}
        self.folder.save(Checkpoint(self.network.module, training, flat_optimizer(self.optimizer)))


def _next(batches: Any, content: Path | None) -> tuple[Tensor, Tensor]:
    try:
        pictures, unreadable = next(batches)
    except PictureError:  # from a worker process it comes with that one's traceback for a text
        raise PictureError(f"none of the pictures in {content} can be decoded") from None
    return pictures, unreadable
