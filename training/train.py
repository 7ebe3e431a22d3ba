"""Learns one style network from a painting and a folder of photographs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor

from stylecam.models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from stylecam.models.transform_net import NetworkConfig, TransformNet
from stylecam.training.data import ContentCrops, content_loader, find_pictures, read_picture, resize_short_side, split
from stylecam.training.losses import (
    CONTENT_LAYER,
    STYLE_LAYERS,
    Disturbance,
    PerceptualLoss,
    disturb,
    stability_loss,
    style_weight_at,
    total_variation,
)
from stylecam.training.options import OptionsError, TrainOptions
from stylecam.training.run_folder import RunFolder
from stylecam.training.validation import to_tensor, validate
from stylecam.training.vgg import VGGFeatures

__all__ = ["TrainRecord", "train"]

WARMUP_STEPS = 50


@dataclass(frozen=True)
class TrainRecord:
    """One finished step. Losses are unweighted; `total` is what was minimised."""

    step: int  # steps done, from 1
    steps: int
    total: float
    content: float
    style: float
    tv: float
    stability: float
    style_weight: float
    learning_rate: float
    pictures_per_second: float
    seconds_left: float  # at the mean rate since this call began
    unreadable: int  # content pictures skipped so far


def train(
    options: TrainOptions,
    on_record: Callable[[TrainRecord], None] = lambda record: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Path:
    """Trains, or goes on training, and returns the path of the checkpoint in `options.output`.

    Stops after the current step when `should_stop()`; the checkpoint is then of that step, and a run with
    `resume` goes on as if it had never been interrupted. Raises `OptionsError`, `PictureError`,
    `VGGWeightsError`, `CheckpointError` or `OSError`, each with a sentence that says what is wrong.
    """
    session = _Session(options)
    session.run(on_record, should_stop)
    return session.folder.checkpoint


class _Session:
    """Everything alive during one call of `train`."""

    def __init__(self, options: TrainOptions) -> None:
        self.options = options
        self.painting = _painting(options)
        pictures, self.held_out = split(find_pictures(options.content))
        self.folder = RunFolder(options.output)
        # The small network stays in float32: it is a fraction of the work, and the stability loss
        # measures differences that bfloat16 would round away. The VGG takes `precision`.
        self.fabric = Fabric(accelerator={"cuda": "gpu"}.get(options.device, options.device), precision="32-true")
        self.fabric.launch()
        state = self._open()
        self.first_step: int = state.training.get("step", 0)
        network = state.network.train().to(memory_format=torch.channels_last)
        optimizer = torch.optim.Adam(network.parameters(), lr=options.learning_rate)
        _restore_optimizer(optimizer, state.optimizer)
        self.network, self.optimizer = self.fabric.setup(network, optimizer)
        self.loss = self._perceptual_loss()
        self.crops = ContentCrops(pictures, options.size, options.seed)
        self.unreadable: set[int] = set(state.training.get("unreadable", ()))
        self.started = time.monotonic()
        self.precision = _precision(options.precision, self.fabric.device)

    def _open(self) -> Checkpoint:
        options = self.options
        if options.resume:
            state = load_checkpoint(self.folder.checkpoint)
            was, now = state.training.get("recipe", {}), options.recipe()
            changed = sorted(k for k in now if was.get(k) != now[k] and k in was)
            if changed:
                raise OptionsError(
                    f"{self.folder.checkpoint} was trained with {changed[0]} = {was[changed[0]]}, not "
                    f"{now[changed[0]]}: resume with the same recipe"
                )
            return state
        if self.folder.checkpoint.exists():
            raise OptionsError(f"{self.folder.path} already holds a run: go on with --resume or choose another --output")
        changes = {k: v for k, v in (("channels", options.channels), ("blocks", options.blocks)) if v is not None}
        try:
            config = NetworkConfig.for_tier(options.tier, norm=options.norm, **changes)
        except ValueError as error:
            raise OptionsError(str(error)) from error
        torch.manual_seed(options.seed)
        return Checkpoint(TransformNet(config))

    def _perceptual_loss(self) -> PerceptualLoss:
        vgg = VGGFeatures((*STYLE_LAYERS, CONTENT_LAYER), self.options.vgg_weights)
        vgg = vgg.to(self.fabric.device, memory_format=torch.channels_last)
        return PerceptualLoss(vgg, to_tensor(self.painting).to(self.fabric.device)).to(self.fabric.device)

    def run(self, on_record: Callable[[TrainRecord], None], should_stop: Callable[[], bool]) -> None:
        options = self.options
        self.folder.open(self.first_step)
        steps = range(self.first_step, options.steps)
        loader = content_loader(
            self.crops, options.batch, steps, options.workers, self.fabric.global_rank, self.fabric.world_size
        )
        done = self.first_step
        try:
            for step, (pictures, unreadable) in zip(steps, loader, strict=True):
                self.unreadable.update(n for n in unreadable.tolist() if n >= 0)
                record = self._record(step, self._step(step, pictures))
                done = step + 1
                if self.fabric.is_global_zero:
                    self.folder.add(record)
                    on_record(record)
                    if done % options.preview_every == 0 or done == options.steps:
                        self._preview(done)
                    if done % options.checkpoint_every == 0 and done < options.steps:
                        self._save(done)
                if should_stop():
                    break
        finally:
            if self.fabric.is_global_zero and done > 0:
                self._save(done, final=done == options.steps)
                self.folder.close()

    def _step(self, step: int, pictures: Tensor) -> dict[str, float]:
        options, device = self.options, self.fabric.device
        rate = learning_rate_at(step, options.steps, options.learning_rate)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        photos = pictures.to(device).contiguous(memory_format=torch.channels_last).float() / 255
        stylized = self.network(photos)
        with torch.autocast(device.type, self.precision, enabled=self.precision is not None):
            content, style = self.loss(stylized, self.loss.content_target(photos))
        losses = {"content": content.mean(), "style": style.mean(), "tv": total_variation(stylized).mean()}
        losses["stability"] = self._stability(step, photos, stylized)
        weights = {
            "content": options.content_weight,
            "style": style_weight_at(step, options.steps, options.style_weight),
            "tv": options.tv_weight,
            "stability": options.stability_weight,
        }
        total = sum((weights[k] * v for k, v in losses.items()), torch.zeros((), device=device))
        self.optimizer.zero_grad(set_to_none=True)
        self.fabric.backward(total)
        self.fabric.clip_gradients(self.network, self.optimizer, max_norm=10.0)
        self.optimizer.step()
        values = {k: float(v.detach()) for k, v in losses.items()}
        if not math.isfinite(float(total.detach())):
            raise OptionsError(f"the loss is not a finite number at step {step + 1}: lower --learning-rate")
        return {**values, "total": float(total.detach()), "style_weight": weights["style"], "learning_rate": rate}

    def _stability(self, step: int, photos: Tensor, stylized: Tensor) -> Tensor:
        if self.options.stability_weight == 0:
            return torch.zeros((), device=photos.device)
        number = step * self.fabric.world_size + self.fabric.global_rank
        generator = torch.Generator().manual_seed(self.options.seed * 1_000_003 + number)
        moved, grid = disturb(photos, Disturbance(), generator)
        stylized_moved = self.network(moved.contiguous(memory_format=torch.channels_last))
        return stability_loss(stylized, stylized_moved, grid, self.loss.painting_variance)

    def _record(self, step: int, values: dict[str, float]) -> TrainRecord:
        rate = (step + 1 - self.first_step) / (time.monotonic() - self.started)
        pictures = rate * self.options.batch * self.fabric.world_size
        left = (self.options.steps - step - 1) / rate
        return TrainRecord(
            step + 1,
            self.options.steps,
            **values,
            pictures_per_second=pictures,
            seconds_left=left,
            unreadable=len(self.unreadable),
        )

    def _preview(self, step: int) -> None:
        self.folder.preview(step, self.network, self.held_out[:4], self.options.size)

    def _save(self, step: int, final: bool = False) -> None:
        training: dict[str, Any] = {"step": step, "recipe": self.options.recipe(), "unreadable": sorted(self.unreadable)}
        training["painting_thumbnail"] = self.folder.thumbnail(self.painting)
        if final:
            network = self.network.module.eval()
            training["metrics"] = validate(network, self.loss, self.held_out[:16], self.options.size)
            self.network.train()
        optimizer = _flat_optimizer(self.optimizer)
        save_checkpoint(self.folder.checkpoint, Checkpoint(self.network.module, training, optimizer))


def learning_rate_at(step: int, steps: int, peak: float) -> float:
    """Linear warm-up, then half a cosine down to 1 % of the peak (Loshchilov and Hutter 2017)."""
    warmup = min(WARMUP_STEPS, steps // 10)
    if step < warmup:
        return peak * (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    return peak * (0.01 + 0.99 * (1 + math.cos(math.pi * progress)) / 2)


def _painting(options: TrainOptions) -> Any:
    picture = read_picture(options.painting)
    cut = round(options.crop * min(picture.shape[:2]))
    picture = picture[cut : picture.shape[0] - cut, cut : picture.shape[1] - cut]
    return resize_short_side(picture, options.style_size)


def _precision(name: str, device: torch.device) -> torch.dtype | None:
    if name == "auto":
        native = device.type != "cpu" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
        return torch.bfloat16 if native and device.type in ("cpu", "cuda") else None
    if name not in ("bf16", "float32"):
        raise OptionsError(f"precision is auto, bf16 or float32, not {name}")
    return torch.bfloat16 if name == "bf16" else None


def _flat_optimizer(optimizer: Any) -> dict[str, Tensor]:
    state = optimizer.state_dict()["state"]
    return {f"{index}.{key}": torch.as_tensor(value) for index, entry in state.items() for key, value in entry.items()}


def _restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
