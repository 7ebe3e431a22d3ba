"""How far a stylization depends on the contrast of its photo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from stylecam.training.frames import Stylize

__all__ = ["CONTRASTS", "at_contrast", "contrast_distances", "contrast_spread"]

CONTRASTS = (0.25, 0.5, 1.0, 2.0)


def at_contrast(photo: np.ndarray, contrast: float) -> np.ndarray:
    """`[H, W, 3]` uint8 with the differences from each channel's mean multiplied; what leaves 0..255 is cut off."""
    mean = photo.mean((0, 1))
    changed = np.rint(mean + contrast * (photo - mean))
    return np.asarray(np.clip(changed, 0, 255).astype(np.uint8))


def contrast_distances(
    stylize: Stylize, photos: Sequence[np.ndarray], style: Callable[[Stylize, Sequence[np.ndarray]], float]
) -> dict[float, float]:
    """The style distance, as `style` measures it, of the photos at each of `CONTRASTS`.

    The experiment of Ulyanov, Vedaldi and Lempitsky 2016, "Instance Normalization: The Missing Ingredient for Fast
    Stylization" (arXiv:1607.08022): a painting has its own contrast, whatever the photo's.
    """
    return {contrast: style(stylize, [at_contrast(photo, contrast) for photo in photos]) for contrast in CONTRASTS}


def contrast_spread(found: Mapping[float, float]) -> float:
    """The largest style distance less the smallest: 0 for a style that sees no contrast."""
    return max(found.values()) - min(found.values())
