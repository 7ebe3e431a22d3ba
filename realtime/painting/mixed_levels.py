"""The light of a mix: its colours' mean levels are made those that its parts have between them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from stylecam.models.catalog import Style
from stylecam.models.errors import StyleError
from stylecam.realtime.painting.engines.engine import first_line
from stylecam.realtime.painting.engines.onnx_runtime import OnnxRuntimeEngine
from stylecam.realtime.video.libraries import cv2

__all__ = ["levels_picture", "with_mean_levels"]

_HEAD_BIAS = "network.head.bias"
_STEP = 0.25  # levels: so coarse that the small differences between processors hardly ever change a mix's hash
_known: dict[str, np.ndarray] = {}  # of styles by their hash: three numbers each


def with_mean_levels(mixed: Style, parts: Sequence[tuple[Style, float]]) -> Style:
    """The mix with another bias in its last layer, in which each colour's mean level is that of its parts together.

    Averaged features meet averaged kernels of which they know half: what the last layer adds up shifts, by up to 40
    levels of 255, and the mix of a dark painter with a light one would be lighter than both. As in Jordan et al. 2022
    ("REPAIR", arXiv:2211.08403) the mean is put right, here that of the picture. It is measured on one made-up picture
    with a photograph's spectrum, by ONNX Runtime whatever will paint. A network that ends in a tanh stays as it is.
    Raises `StyleError` for a part that cannot paint.
    """
    name = next((name for name in mixed.weights() if name.endswith(_HEAD_BIAS)), None)
    if name is None or mixed.record("network").get("output") != "linear":
        return mixed
    for style, _ in parts:
        if style.sha256 not in _known:
            _known[style.sha256] = _mean_levels(style)
    wanted = np.sum([share * _known[style.sha256] for style, share in parts], axis=0)
    off = np.round((wanted - _mean_levels(mixed)) / _STEP) * _STEP
    bias = mixed.weights()[name].astype(np.float64)
    return mixed.with_weights({name: bias + np.resize(off, bias.shape)})  # its channels go colour by colour


def _mean_levels(style: Style) -> np.ndarray:
    """Of blue, green and red in the painted test picture, `[3]`, 0..255. Raises `StyleError` where none is painted."""
    try:
        painted = OnnxRuntimeEngine(style.data, threads=1).run(levels_picture()[None])
    except Exception as error:  # ONNX Runtime's own types derive from nothing narrower
        raise StyleError(f"{style.path} cannot be mixed because it cannot paint: {first_line(error)}") from error
    return np.asarray(painted.mean((0, 1, 2), dtype=np.float64))


@cache
def levels_picture() -> np.ndarray:
    """Light from above and noise with the falling spectrum of photographs, uint8 `[240, 320, 3]`; always the same.

    What styles make of it is within 5 levels of what they make of photographs. In a smaller one it would not be.
    """
    random, (height, width) = np.random.default_rng(7), (240, 320)
    picture = np.broadcast_to(np.linspace(1, -1, height, dtype=np.float32)[:, None, None], (height, width, 3)).copy()
    for octave in range(1, 7):
        coarse = random.normal(size=(2**octave, 2**octave, 3)).astype(np.float32)
        picture += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) / octave
    low, high = np.quantile(picture, (0.02, 0.98))
    levels: np.ndarray = ((picture - low) / (high - low)).clip(0, 1) * 255
    return levels.round().astype(np.uint8)
