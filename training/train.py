"""Learns one style network from a painting and, unless it is to paint a texture alone, a folder of photographs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from stylecam.models.checkpoint import Checkpoint
from stylecam.models.errors import OptionsError, PictureError
from stylecam.training.data import content_loader
from stylecam.training.device import any_process, group_ended, make_fabric, vgg_precision
from stylecam.training.finish import finished
from stylecam.training.keep_start import keep_start, kept_start
from stylecam.training.learner import Learner
from stylecam.training.losses.forms import LossForms
from stylecam.training.losses.objective import Objective
from stylecam.training.losses.perceptual import PerceptualLoss
from stylecam.training.losses.vgg import VGGFeatures
from stylecam.training.material import Material
from stylecam.training.memory import check_memory, memory_errors, training_memory
from stylecam.training.options import TrainOptions
from stylecam.training.run_folder import RunFolder
from stylecam.training.shielded import shielded_from_interrupts
from stylecam.training.state import check_palette, check_vgg, hold_chroma, new_state, resumed_state
from stylecam.training.tensors import to_tensor
from stylecam.training.thumbnail import thumbnail
from stylecam.training.train_record import TrainRecord

__all__ = ["train"]


def train(
    options: TrainOptions,
    on_record: Callable[[TrainRecord], None] = lambda record: None,
    should_stop: Callable[[], bool] = lambda: False,
    on_finish: Callable[[], None] = lambda: None,
) -> Path:
    """Trains, or goes on training, and returns the path of the checkpoint in `options.output`.

    Stops after the current step when `should_stop()`; the checkpoint is then of that step, and a run with
    `resume` goes on as if it had never been interrupted. `on_finish` is called after the last step, in the
    first process only, since measuring a style may take minutes; for a base it is not called. Resuming a finished run
    does nothing and calls nothing. An exception, `KeyboardInterrupt` too, leaves the checkpoint of the last
    `checkpoint_every` steps. Raises a `StylecamError`: `OptionsError`, `PictureError`, `VGGWeightsError`,
    `CheckpointError`, or itself where the run's folder cannot be written.
    """
    remedy = "lower --batch, --size, --frame or --style-size"
    with memory_errors(f"there is not enough memory for this training: {remedy}"), group_ended():
        session = _Session(options)
        if not session.finished:
            check_memory(training_memory(options, session.material.paintings), remedy, session.fabric.device)
            session.run(on_record, should_stop, on_finish)
        else:
            session.leave()
    return session.folder.checkpoint


class _Session:
    """Everything alive during one call of `train`."""

    def __init__(self, options: TrainOptions) -> None:
        self.fabric = make_fabric(options.device)
        self.material = Material(options, self.fabric.world_size)
        self.options = options = self.material.options
        self.folder = RunFolder(options.output, options.weights, options.tensorboard, options.plot)
        self.thumbnail = thumbnail(self.material.paintings[0])
        self.state = self._state()
        hold_chroma(self.state.network, options.chroma)
        check_palette(self.state.network, options.palette)
        self.first_step: int = self.state.training.get("step", 0)
        self.finished = self.first_step >= options.steps and "metrics" in self.state.training
        self.start = None if self.finished else kept_start(options, self.state.training)
        self.unreadable: set[int] = set(self.state.training.get("unreadable", ()))

    def _state(self) -> Checkpoint:
        if self.options.resume:
            return resumed_state(self.folder.checkpoint, self.options, self.material.identity)
        if self.folder.checkpoint.exists():
            raise OptionsError(
                f"{self.folder.path} already holds a run: continue it with --resume, or choose another --output"
            )
        return new_state(self.options, len(self.material.paintings))

    def run(
        self, on_record: Callable[[TrainRecord], None], should_stop: Callable[[], bool], on_finish: Callable[[], None]
    ) -> None:
        """Loads what is heavy, trains from `first_step`, and writes the checkpoint."""
        self.learner = Learner(self.fabric, self.state, self.options, goes_on=self.first_step > 0)
        losses = self._perceptual_losses()
        self.objective = Objective(self.options, losses, vgg_precision(self.options.precision, self.fabric.device))
        if self.fabric.is_global_zero:
            self.folder.open(self.first_step)
        try:
            done = self._steps(on_record, should_stop)
            if self.fabric.is_global_zero and done >= self.options.steps:
                if not self.material.several:
                    on_finish()
                if self.start is not None:
                    keep_start(self.learner.network, self.start, self.options.keep_start)
                self._save(done, finished(self.learner.network, losses[0], self.material))
        finally:
            self.folder.close()
        self.fabric.barrier()  # no process of a group ends before the checkpoint is whole

    def leave(self) -> None:
        """Does what a finished run is still asked for."""
        if self.options.vgg_weights is not None:
            self.check_vgg()
        if self.options.plot is not None and self.fabric.is_global_zero:
            self.folder.draw()

    def check_vgg(self) -> VGGFeatures:
        """The VGG. Raises `OptionsError` where the run began with other weights."""
        vgg = VGGFeatures((*LossForms().layers, *self.options.forms().layers), self.options.vgg_weights)
        check_vgg(self.material.identity, self.state.training.get("data", {}), vgg, self.folder.checkpoint)
        return vgg

    def _perceptual_losses(self) -> list[PerceptualLoss]:
        """One for each painting; all have the same VGG."""
        device = self.fabric.device
        vgg = self.check_vgg().to(device).to(memory_format=torch.channels_last)
        forms, swd = self.options.forms(), self.options.weights["swd"] > 0
        paintings = (to_tensor(painting).to(device) for painting in self.material.paintings)
        return [PerceptualLoss(vgg, painting, forms, swd=swd).to(device) for painting in paintings]

    def _steps(self, on_record: Callable[[TrainRecord], None], should_stop: Callable[[], bool]) -> int:
        options, fabric = self.options, self.fabric
        steps = range(self.first_step, options.steps)
        self.started = time.monotonic()
        workers = options.workers if options.content else 0  # blank pictures need no one to decode them
        loader = content_loader(
            self.material.crops, options.batch, steps, workers, fabric.global_rank, fabric.world_size
        )
        with shielded_from_interrupts():
            batches = iter(loader)
        for step in steps:
            pictures, unreadable = _next(batches, options.content)
            self.unreadable.update(n for n in unreadable.tolist() if n >= 0)
            record = self._record(step, self.learner.step(self.objective, step, pictures))
            stop = any_process(fabric, should_stop())
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
            self.folder.preview(done, self.learner.network, self.material.held_out[:4], options.size)

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

    def _save(self, step: int, measured: dict[str, Any] | None = None) -> None:
        training: dict[str, Any] = {
            "step": step,
            "recipe": self.options.recipe(),
            "data": self.material.identity,
            "unreadable": sorted(self.unreadable),
            "painting_thumbnail": self.thumbnail,
            "start_from": self.state.training.get("start_from"),
            **({"start_checksum": self.state.training["start_checksum"]} if self.start is not None else {}),
        }
        self.folder.save(self.learner.checkpoint(training | (measured or {})))


def _next(batches: Any, content: Path | None) -> tuple[Tensor, Tensor]:
    try:
        pictures, unreadable = next(batches)
    except PictureError:  # from a worker process it comes with that one's traceback for a text
        raise PictureError(f"none of the pictures in {content} can be decoded") from None
    return pictures, unreadable
