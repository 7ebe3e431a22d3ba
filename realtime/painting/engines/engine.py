"""What an engine is: a style's graph, loaded and ready to compute pictures on one device."""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass
from typing import Protocol

import numpy as np

__all__ = ["Engine", "EngineMissingError", "TensorInfo", "cores", "first_line", "trim_memory"]


@dataclass(frozen=True)
class TensorInfo:
    """An input or output: its name, its type as NumPy calls it, its axes (None: free; no axes: nothing is known)."""

    name: str
    type: str
    shape: tuple[int | None, ...]


class Engine(Protocol):
    """One graph on one device, made of an ONNX model's bytes.

    `provider` says truly what computes: library, device, precision. `on_cpu` is whether that is the processor.
    `inputs` and `outputs` are as the model tells.
    """

    provider: str
    on_cpu: bool
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]

    def run(self, tensor: np.ndarray) -> np.ndarray:
        """The first output for the only input, in memory of its own. Several threads may call at once.

        Sizes of free axes may change from call to call. Raises the library's own errors.
        """
        ...

    def rest(self) -> None:
        """Gives the memory of the last pictures back. For who will not `run` it for a while, and does not now."""
        ...


class EngineMissingError(Exception):
    """A library or device that does not start, and why; another engine may."""


def cores() -> int:
    """How many of the processor's cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def first_line(error: Exception) -> str:
    """What an error says, as far as one sentence goes."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def trim_memory() -> None:
    """Gives what was freed back to the system. glibc keeps it for the thread that had it, and each graph has its own.

    Does nothing where the C library has no such call.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
