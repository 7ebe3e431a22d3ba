"""What changes from step to step: the learning rate, and the weight of the style."""

from __future__ import annotations

import math

__all__ = ["learning_rate_at", "style_weight_at"]

WARMUP_STEPS = 50
FALL_STEPS = 40


def learning_rate_at(step: int, steps: int, peak: float, schedule: str = "cosine") -> float:
    """``cosine``: linear warm-up, then half a cosine down to 1 % of the peak (Loshchilov and Hutter 2017).

    ``constant``: the peak. ``inverse-sqrt``: the peak over the root of the steps (Vaswani et al. 2017, section 5.3),
    from `FALL_STEPS` on: for a run of which nobody knows when it ends.
    """
    if schedule == "inverse-sqrt":
        return float(peak / (1 + step / FALL_STEPS) ** 0.5)
    if schedule == "constant":
        return peak
    warmup = min(WARMUP_STEPS, steps // 10)
    if step < warmup:
        return peak * (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    return peak * (0.01 + 0.99 * (1 + math.cos(math.pi * progress)) / 2)


def style_weight_at(step: int, steps: int, weight: float, ramp: float = 1 / 3, start: float = 0.1) -> float:
    """The style weight at a step (from 0): linearly from `start * weight` to `weight` over the first `ramp` of `steps`.

    From scratch at full weight a small network can collapse to texture that ignores the picture.
    """
    progress = min(1.0, step / (ramp * steps)) if ramp > 0 else 1.0
    return weight * (start + (1 - start) * progress)
