"""Memory that does not suffice: found out before the work where it can be, else said in a sentence."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from stylecam.models.errors import StylecamError
from stylecam.training.options import TrainOptions

__all__ = ["check_memory", "memory_errors", "painting_memory", "training_memory"]

PAINTING_BYTES = 900  # for each pixel: a layer's 64 channels, the next one's, and what is kept to be compared
# Kept for the way back in the least precision, for each pixel: the features of the VGG and of a network.
VGG_BYTES = 700
NETWORK_BYTES = {"fast": 200, "full": 800}
JOHNSON_BYTES = 2300
_MEMINFO = Path("/proc/meminfo")


def painting_memory(height: int, width: int) -> int:
    """Bytes that a VGG takes for the Gram matrices of a painting, in float32."""
    return height * width * PAINTING_BYTES


def training_memory(options: TrainOptions, paintings: list[np.ndarray]) -> int:
    """Bytes that a painting or a step takes at the least; the stability loss paints 9 of 16 pixels once more."""
    painted = options.side**2 * (25 if options.weights["stability"] else 16) // 16
    network = NETWORK_BYTES[options.tier] if options.light is not False else JOHNSON_BYTES
    step = options.batch * (options.size**2 * VGG_BYTES + painted * network)
    return max(step, *(painting_memory(*painting.shape[:2]) for painting in paintings))


def check_memory(needed: int, remedy: str, device: torch.device | None = None) -> None:
    """Raises `StylecamError` when `needed` bytes are more than the machine has free, where it tells.

    Linux promises memory that it does not have and kills the process later, without a word. `remedy` is what the user
    can do. Of other devices than the CPU nothing is asked: they raise errors of their own.
    """
    if device is not None and device.type != "cpu":
        return
    free = _available()
    if free is not None and needed > free:
        raise StylecamError(
            f"this needs about {needed / 1e9:.0f} GB of memory, but only {free / 1e9:.0f} are free: {remedy}"
        )


def _available() -> int | None:
    with contextlib.suppress(OSError, ValueError):
        for line in _MEMINFO.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


@contextlib.contextmanager
def memory_errors(sentence: str) -> Iterator[None]:
    """Turns the errors of every device that mean too little memory into a `StylecamError`."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        # On a CPU torch says it only in the text.
        if not (isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error)):
            raise
        raise StylecamError(sentence) from error
