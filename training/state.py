"""Starting and resuming: the state of a run between two steps, and whether it belongs to this recipe."""

from __future__ import annotations

import functools
import json
import zlib
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from stylecam.models.catalog import BASE, StyleCatalog, base_style
from stylecam.models.checkpoint import Checkpoint, load_checkpoint
from stylecam.models.detail_path import DetailPath
from stylecam.models.doubled import can_be_doubled, doubled
from stylecam.models.errors import CheckpointError, OptionsError
from stylecam.models.networks import TrainedNetwork, kind_of, one_painter
from stylecam.models.painters_net import PaintersNet
from stylecam.models.style_network import network_of
from stylecam.models.texture_net import TextureConfig, TextureNet
from stylecam.models.transform_net import NetworkConfig, TransformNet
from stylecam.training.losses.table import LOSSES
from stylecam.training.losses.vgg import VGGFeatures
from stylecam.training.options import LISTS, RECIPE, SHAPE, TrainOptions

__all__ = [
    "check_palette",
    "check_vgg",
    "data_identity",
    "flat_optimizer",
    "hold_chroma",
    "new_state",
    "restore_optimizer",
    "resumed_state",
]


def data_identity(paintings: list[np.ndarray], pictures: list[Path], processes: int) -> dict[str, Any]:
    """What, besides the recipe, decides which pixels each step sees, as JSON values."""
    names = "\n".join(path.name for path in pictures)
    return {
        "painting": functools.reduce(lambda crc, painting: zlib.crc32(painting.tobytes(), crc), paintings, 0),
        "content pictures": [len(pictures), zlib.crc32(names.encode("utf-8", "surrogateescape"))],
        "processes": processes,
    }


def check_vgg(data: dict[str, Any], was: dict[str, Any], vgg: VGGFeatures, path: Path) -> None:
    """Adds to `data` which weights the VGG has. Raises `OptionsError` where the run at `path` began with others."""
    checksum = 0
    for parameter in vgg.parameters():
        checksum = zlib.crc32(parameter.detach().cpu().contiguous().numpy().tobytes(), checksum)
    if was.get("vgg", checksum) != checksum:
        raise OptionsError(f"{path} was trained with other VGG weights: give the same --vgg-weights")
    data["vgg"] = checksum


def new_state(options: TrainOptions, paintings: int = 1) -> Checkpoint:
    """An untrained network, the same for the same seed, or the one of `options.start_from` with its history.

    For several `paintings` it is a `PaintersNet`, untrained.
    Raises `OptionsError` for an impossible one, `CheckpointError` and `StyleError`.
    """
    if options.start_from is not None:
        first = _finished(options.start_from, options.tier)
        _check_kind(options.start_from, first.network, options)
        _check_shape(options.start_from, first.network, options)
        return Checkpoint(first.network, {"step": 0, "start_from": _history(first)})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.seed)
        try:
            return Checkpoint(_new_network(options, paintings))
        except (TypeError, ValueError) as error:
            raise OptionsError(str(error)) from error


def hold_chroma(network: TrainedNetwork, chroma: float | None) -> None:
    """Sets how much of the photo's colours goes around a network, where any goes, and keeps it from learning.

    Learnt, it lets more of the scene's colours through than suits the painter. None leaves it to be learnt. So does a
    `PaintersNet`: what it learns is a start for all. Raises `OptionsError` for a network that has no use for it, where
    it is not just the default.
    """
    detail = getattr(network, "detail", None)
    if isinstance(detail, DetailPath):
        if chroma is not None:
            with torch.no_grad():
                detail.chroma.requires_grad_(False).fill_(chroma)
    elif chroma not in (None, TrainOptions.chroma):
        raise OptionsError("--chroma works only with one painting and a network with a detail path: leave it out")


def check_palette(network: TrainedNetwork, palette: float) -> None:
    """Raises `OptionsError` where the colours are to be moved in a head that is not the network's end."""
    if palette and getattr(network.config, "output", "linear") != "linear":
        raise OptionsError("--palette cannot move the colours of a network that ends in a tanh: give --palette 0")


def _finished(start: Path, tier: str) -> Checkpoint:
    """What a training in a tier starts from: the bundled base, a checkpoint, or a style by its name or file.

    A start of tier fast is doubled for tier full, where it can be; so is the base.
    """
    named = len(start.parts) == 1 and not start.suffix and not start.is_file()
    if not named and start.suffix != ".onnx":
        found = load_checkpoint(start)
        found = replace(found, network=one_painter(found.network))
    else:
        style = base_style("fast") if named and str(start) == BASE else StyleCatalog().find(str(start), tier)
        told = style.record("training")
        recipe = {key: value for key, value in told.items() if key in RECIPE}
        found = Checkpoint(network_of(style), {**told, "recipe": recipe})
    network = found.network
    if tier == "full" and isinstance(network, TransformNet) and can_be_doubled(network.config):
        return replace(found, network=doubled(network))
    return found


def _history(first: Checkpoint) -> dict[str, Any]:
    """What is kept of a network that is trained on, as JSON values: how it was trained, and what it started from."""
    keys = ("recipe", "step", "start_from", *(["mix"] if "mix" in first.training else []))
    kept: dict[str, Any] = json.loads(json.dumps({key: first.training.get(key) for key in keys}))
    return kept


def _new_network(options: TrainOptions, paintings: int) -> TrainedNetwork:
    if options.network == TextureConfig.KIND:
        return TextureNet(TextureConfig(photo=options.content is not None, norm=options.norm))
    asked = {name: getattr(options, name) for name in SHAPE}
    changes: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    config = NetworkConfig.for_tier(options.tier, norm=options.norm, **changes)
    return PaintersNet(replace(config, painters=paintings)) if paintings > 1 else TransformNet(config)


def _check_kind(path: Path, network: TrainedNetwork, options: TrainOptions) -> None:
    """Raises `OptionsError` unless the network is of the kind that the options train, fed with the same."""
    if kind_of(network) != options.network:
        raise OptionsError(f"{path} holds a network of another kind: train it with --network {kind_of(network)}")
    if isinstance(network, TextureNet) and network.config.photo != (options.content is not None):
        what = "repaints photographs: give --content" if network.config.photo else "paints textures: give no --content"
        raise OptionsError(f"{path} holds a network that {what}")


def _check_shape(path: Path, network: TrainedNetwork, options: TrainOptions) -> None:
    """Raises `OptionsError` where the options ask for another network than the one that is trained on."""
    config = network.config
    asked = {name: getattr(options, name) for name in ("tier", "norm", *SHAPE)}
    for name, value in asked.items():
        there = getattr(config, name, None)
        if value is not None and value != there:
            raise OptionsError(f"{path} holds a network with {name} {there}, not {value}: use its own value")


def resumed_state(path: Path, options: TrainOptions, data: dict[str, Any]) -> Checkpoint:
    """The state in a checkpoint. Raises `CheckpointError`, or `OptionsError` where the recipe or data differ."""
    state = load_checkpoint(path)
    if not isinstance(state.training.get("step"), int):
        raise CheckpointError(f"{path} has no record of its progress: it cannot be resumed")
    _check_kind(path, state.network, options)
    now = options.recipe()
    was = _meant(state.training.get("recipe", {}))
    for key in sorted(k for k in now if k in was and was[k] != now[k]):
        raise OptionsError(f"{path} was trained with {key} = {was[key]}, not {now[key]}: resume with the same recipe")
    if options.start_from is not None:
        began = state.training.get("start_from")
        if began != _history(_finished(options.start_from, options.tier)):
            raise OptionsError(
                f"{path} was not started from {options.start_from} as that is now: resume without --start-from, "
                "or choose another --output"
            )
    was = state.training.get("data", {})
    for key in (k for k in data if k in was and was[k] != data[k]):
        raise OptionsError(
            f"{path} was trained with other {key}: resume with the same ones, or choose another --output"
        )
    return state


def _meant(recipe: dict[str, Any]) -> dict[str, Any]:
    """A checkpoint's recipe with what was meant where an older version had no such setting yet."""
    defaults = {f.name: f.default for f in fields(TrainOptions) if f.name in RECIPE and f.default is not MISSING}
    lists = {key: list(defaults[key]) for key in LISTS if defaults[key] is not None}
    absent = {**{loss.setting: 0.0 for loss in LOSSES}, "chroma": None}  # what did not exist yet
    return {**defaults, **lists, **absent, "frame": recipe.get("size"), "calibrate": 0, **recipe}


def flat_optimizer(optimizer: Any) -> dict[str, Tensor]:
    """The optimizer's state as tensors named ``<parameter>.<key>``, for `Checkpoint`."""
    state = optimizer.state_dict()["state"]
    return {f"{index}.{key}": torch.as_tensor(value) for index, entry in state.items() for key, value in entry.items()}


def restore_optimizer(optimizer: Any, tensors: dict[str, Tensor]) -> None:
    """The inverse of `flat_optimizer`. Raises `CheckpointError` when the tensors are not this optimizer's."""
    groups = optimizer.state_dict()["param_groups"]
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, _, key = name.partition(".")
        state.setdefault(int(index) if index.isdigit() else -1, {})[key] = tensor
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    shapes = {index: entry["exp_avg"].shape if "exp_avg" in entry else None for index, entry in state.items()}
    # A painter whose turn had not come yet has no state.
    if not shapes or any(not 0 <= i < len(parameters) or s != parameters[i].shape for i, s in shapes.items()):
        raise CheckpointError("the checkpoint holds no optimizer state for this network: it cannot be resumed")
    optimizer.load_state_dict({"state": state, "param_groups": groups})
