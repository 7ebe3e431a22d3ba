"""Checkpoints: safetensors files that carry the network's and the training's settings.

One file holds the network's weights (``network.*``), the optimizer's state (``optimizer.*``) and, as JSON
in the header, the network's config, the training settings and how far the training had come. Nothing in
it is ever unpickled.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import save
from torch import Tensor

from stylecam.models.errors import CheckpointError, OptionsError
from stylecam.models.networks import TrainedNetwork, build_network

__all__ = ["Checkpoint", "check_style_name", "load_checkpoint", "save_checkpoint"]

FORMAT = "stylecam-checkpoint-1"


@dataclass
class Checkpoint:
    """What a checkpoint file holds; `training` is JSON data, `optimizer` flat tensors by name.

    `training` has the keys ``step`` (steps done), ``recipe``, ``painting_thumbnail`` (PNG, base64) and, when
    the training is finished, ``metrics``; others are for the training itself.
    """

    network: TrainedNetwork
    training: dict[str, Any] = field(default_factory=dict)
    optimizer: dict[str, Tensor] = field(default_factory=dict)


def check_style_name(name: str) -> None:
    """Raises `OptionsError` unless `name` is one word that can be typed and can name a file on any system."""
    if not re.fullmatch(r"\w[\w-]{0,63}", name):
        raise OptionsError(f"the name {name!r} must be one word of letters, digits, - and _")


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Writes the file under a temporary name first, so that `path` is always whole. Raises `OSError`."""
    tensors = {f"network.{k}": v for k, v in checkpoint.network.state_dict().items()}
    tensors |= {f"optimizer.{k}": v for k, v in checkpoint.optimizer.items()}
    metadata = {
        "format": FORMAT,
        "network": json.dumps(checkpoint.network.config.to_dict()),
        "training": json.dumps(checkpoint.training),
    }
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(save({k: v.detach().cpu().contiguous() for k, v in tensors.items()}, metadata))
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def load_checkpoint(path: Path) -> Checkpoint:
    """Reads a checkpoint; the network is on the CPU, in evaluation mode.

    Raises `CheckpointError` with a sentence for anything that is not a whole checkpoint of ours.
    """
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (not a dict)
    except FileNotFoundError:
        raise CheckpointError(f"there is no checkpoint {path}: `realtime train` makes one") from None
    except (OSError, safetensors.SafetensorError) as error:
        raise CheckpointError(f"{path} is not a safetensors checkpoint ({error})") from error
    if metadata.get("format") != FORMAT:
        raise CheckpointError(f"{path} is a safetensors file, but not a stylecam checkpoint")
    network = _network(path, metadata, _part(tensors, "network."))
    return Checkpoint(network, _training(path, metadata), _part(tensors, "optimizer."))


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _training(path: Path, metadata: dict[str, str]) -> dict[str, Any]:
    try:
        training = json.loads(metadata["training"])
    except (KeyError, ValueError):
        training = None
    if not isinstance(training, dict):
        raise CheckpointError(f"{path} has no training record: it is damaged")
    return training


def _network(path: Path, metadata: dict[str, str], weights: dict[str, Tensor]) -> TrainedNetwork:
    try:
        network = build_network(json.loads(metadata["network"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path} holds a network that this version does not know ({error})") from error
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(f"{path}: its weights do not fit its network") from error
    if not all(torch.isfinite(v).all() for v in weights.values()):
        raise CheckpointError(f"{path} holds weights that are not finite numbers")
    return network.eval()
