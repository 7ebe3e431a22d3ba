"""The value of sound between its samples."""

from __future__ import annotations

from functools import cache

import numpy as np

__all__ = ["REACH", "at_positions"]

REACH = 16  # samples on each side that a value depends on
PHASES = 256  # between two samples at which the kernel is known; in between it is interpolated
CUTOFF = 0.94  # of half the rate: nothing folds back where the result has slightly fewer samples
BETA = 8.0  # of the Kaiser window


def at_positions(samples: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Sound at fractional sample numbers, by a windowed sinc: float32 `[m, channels]`.

    samples: float32 `[n, channels]`. positions: float `[m]`, from `REACH` to n - 1 - `REACH`. Raises `ValueError` for
    positions beyond.
    """
    base = np.floor(positions).astype(np.int64)
    if len(base) and not (base[0] >= REACH and base[-1] + REACH < len(samples)):
        raise ValueError(f"positions {positions[0]:.1f} to {positions[-1]:.1f} lie outside of {len(samples)} samples")
    phase = (positions - base) * PHASES
    whole = phase.astype(np.int64)
    part = (phase - whole).astype(np.float32)[:, None]
    table = _kernels()
    kernel = table[whole] * (1 - part) + table[whole + 1] * part
    near = np.lib.stride_tricks.sliding_window_view(samples, 2 * REACH, axis=0)[base - REACH + 1]
    return np.asarray(np.einsum("mct,mt->mc", near, kernel))


@cache
def _kernels() -> np.ndarray:
    """The weights of the samples around a position, for each phase: float32 `[PHASES + 1, 2 * REACH]`."""
    offsets = np.arange(1 - REACH, REACH + 1)[None] - np.linspace(0, 1, PHASES + 1)[:, None]
    window = np.i0(BETA * np.sqrt(np.clip(1 - (offsets / REACH) ** 2, 0, None))) / np.i0(BETA)
    weights = CUTOFF * np.sinc(CUTOFF * offsets) * window
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)
