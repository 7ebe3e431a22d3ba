"""Where a training computes: device, processes and precision, through Lightning Fabric."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from lightning_fabric import Fabric

from stylecam.models.errors import OptionsError

__all__ = ["any_process", "group_ended", "make_fabric", "vgg_precision"]


@contextmanager
def group_ended() -> Iterator[None]:
    """A context that ends the group of processes which `make_fabric` joined in it.

    Left to the interpreter, which ends the group's threads in any order, a process now and then aborts after all is
    done, and torchrun calls the whole training failed.
    """
    try:
        yield
    finally:
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()


def make_fabric(device: str) -> Fabric:
    """A launched Fabric on ``auto``, ``cpu``, ``cuda`` or ``mps``: one process, or those that torchrun started.

    Raises `OptionsError` where there is no such device.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise OptionsError("torch finds no CUDA device here: choose --device cpu, or install torch's CUDA build")
    if device == "mps" and not torch.backends.mps.is_available():
        raise OptionsError("torch finds no Apple GPU here: choose --device cpu")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Fabric comments on the machine: srun, unused devices, process groups
        # The small network stays in float32: it is a fraction of the work, and the stability loss
        # measures differences that bfloat16 would round away. The VGG takes `vgg_precision`.
        fabric = Fabric(
            accelerator={"cuda": "gpu"}.get(device, device),
            devices=int(os.environ.get("LOCAL_WORLD_SIZE", "1")),
            num_nodes=int(os.environ.get("GROUP_WORLD_SIZE", "1")),
            precision="32-true",
        )
        fabric.launch()
    return fabric


def any_process(fabric: Fabric, value: bool) -> bool:
    """Whether it is true in any process of the group; all of them must ask."""
    if fabric.world_size == 1:
        return value
    asked = torch.tensor(float(value), device=fabric.device)
    fabric.all_reduce(asked, reduce_op="sum")  # in place
    return float(asked) > 0


def vgg_precision(name: str, device: torch.device) -> torch.dtype:
    """The type the VGG computes in; ``auto`` takes bfloat16 where the hardware has it."""
    if name == "auto":
        mkldnn: Any = torch.backends.mkldnn
        on_cpu = mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
        native = {"cpu": on_cpu, "cuda": torch.cuda.is_available() and torch.cuda.is_bf16_supported()}
        return torch.bfloat16 if native.get(device.type) else torch.float32
    return torch.bfloat16 if name == "bf16" else torch.float32
