"""Whether a style file does what its network does: the ONNX checker, and ONNX Runtime against torch."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
import onnx
import onnxruntime as ort
import torch
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from stylecam.models.errors import ExportError
from stylecam.models.networks import StyleNetwork
from stylecam.models.transform_net import TransformNet

__all__ = [
    "MAX_DIFFERENCE",
    "MAX_MEAN_DIFFERENCE",
    "Comparison",
    "ParityError",
    "VerificationReport",
    "test_pictures",
    "verify_style",
]

MAX_DIFFERENCE = 2  # of 255
MAX_MEAN_DIFFERENCE = 0.2
FAST_BYTES = 2_000_000
SIZES = ((32, 32), (33, 47), (121, 163), (256, 256), (240, 321), (479, 257))  # height, width
_UINT8 = "tensor(uint8)"


class ParityError(ExportError):
    """A style file paints otherwise than its network."""


@dataclass(frozen=True)
class Comparison:
    """ONNX Runtime against torch on one picture; differences in levels of 255."""

    picture: str
    height: int
    width: int
    max_difference: int
    mean_difference: float


@dataclass(frozen=True)
class VerificationReport:
    """What was verified. A report exists only for a file that passed.

    `weight_bits` is 16 for a file whose weights are stored in half precision. `finished` is False for the network of a
    run that was not done: it is what it was trained to be so far, its contrast not chosen and nothing measured on
    photos.
    """

    comparisons: tuple[Comparison, ...]
    file_bytes: int
    onnxruntime: str
    finished: bool = True
    weight_bits: int = 32

    @property
    def max_difference(self) -> int:
        """The largest difference of all comparisons, in levels of 255."""
        return max(c.max_difference for c in self.comparisons)

    @property
    def mean_difference(self) -> float:
        """The largest mean difference of one comparison, in levels of 255."""
        return max(c.mean_difference for c in self.comparisons)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "max_difference": self.max_difference, "mean_difference": self.mean_difference}


def verify_style(model_bytes: bytes, network: StyleNetwork) -> VerificationReport:
    """Verifies a style file's bytes against the network they were made from, on the CPU.

    Checks the ONNX format, that no data lies outside, the signature, the size of a fast one, and, on pictures
    of several sizes, that ONNX Runtime's result is finite, not constant, and torch's to within `MAX_DIFFERENCE`
    and on average `MAX_MEAN_DIFFERENCE` levels. Raises `ExportError` with the first thing that fails.
    """
    if network.config.tier == "fast" and len(model_bytes) > FAST_BYTES:
        raise ExportError(f"the style file would have {len(model_bytes)} bytes; tier fast allows at most {FAST_BYTES}")
    _check_format(model_bytes)
    session = _session(model_bytes)
    _check_signature(session)
    network = network.eval()
    _check_painting(network)
    for level in (0, 255):
        flat = np.full((64, 88, 3), level, np.uint8)
        _torch_result(network, flat, f"a flat picture of level {level}")
        _runtime_result(session, flat)
    comparisons = tuple(_compare(session, network, name, picture) for name, picture in test_pictures())
    return VerificationReport(comparisons, len(model_bytes), ort.__version__)


def test_pictures() -> Iterator[tuple[str, np.ndarray]]:
    """(what it shows, uint8 `[H, W, 3]`): likenesses of photographs in several sizes, and extremes.

    Dark and bright frames have a camera's noise. An exactly flat picture is no fair comparison: instance
    normalization enlarges the rounding errors in it some 300 times a layer, in each runtime its own.
    """
    random = np.random.default_rng(7)
    for height, width in SIZES:
        yield "photograph", _photograph(random, height, width)
    yield "dark frame", random.integers(0, 6, (64, 88, 3), np.uint8)
    yield "bright frame", random.integers(250, 256, (64, 88, 3), np.uint8)
    yield "noise", random.integers(0, 256, (96, 72, 3), np.uint8)


test_pictures.__test__ = False  # type: ignore[attr-defined]  # pytest, it is no test


def _photograph(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Noise with the falling spectrum of photographs, over a gradient of light."""
    light = np.linspace(-1, 1, height)[:, None, None] * random.normal(size=3)
    picture = np.broadcast_to(light, (height, width, 3)).astype(np.float32)
    for octave in range(1, 7):
        coarse = random.normal(size=(2**octave, 2**octave, 3)).astype(np.float32)
        picture += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) / octave
    low, high = np.quantile(picture, (0.02, 0.98))
    levels: np.ndarray = ((picture - low) / (high - low)).clip(0, 1) * 255
    return levels.round().astype(np.uint8)


def _check_format(model_bytes: bytes) -> None:
    try:
        model = onnx.load_model_from_string(model_bytes)
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError, DecodeError) as error:
        raise ExportError(f"the ONNX checker refuses the style file: {_first_line(error)}") from error
    if any(t.data_location == onnx.TensorProto.EXTERNAL or t.external_data for t in model.graph.initializer):
        raise ExportError("the style file keeps data in another file")


def _session(model_bytes: bytes) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(model_bytes, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own types derive from nothing narrower
        raise ExportError(f"ONNX Runtime cannot load the style file: {_first_line(error)}") from error


def _check_signature(session: ort.InferenceSession) -> None:
    for kind, name, values in (("input", "frame", session.get_inputs()), ("output", "stylized", session.get_outputs())):
        found = [
            (value.name, value.type, [n if isinstance(n, int) else "free" for n in value.shape]) for value in values
        ]
        if found != [(name, _UINT8, [1, "free", "free", 3])]:
            raise ExportError(f"the style file's {kind} must be {name}, uint8 [1, H, W, 3], but is {found}")


def _check_painting(network: StyleNetwork) -> None:
    """Raises `ExportError` for a network that paints nothing itself: what goes around it could hide that."""
    alone = copy.deepcopy(network)
    if isinstance(alone, TransformNet):
        alone.detail = None
    picture = _photograph(np.random.default_rng(7), 121, 163)
    if np.ptp(_torch_result(alone, picture, "a photograph"), axis=(0, 1)).max() < 2:
        raise ExportError("the network paints one flat colour only: train it again")


def _compare(session: ort.InferenceSession, network: StyleNetwork, name: str, picture: np.ndarray) -> Comparison:
    height, width = picture.shape[:2]
    expected = _torch_result(network, picture, f"a {name} of {width}x{height}")
    result = _runtime_result(session, picture)
    difference = np.abs(result.astype(np.int16) - expected)
    found = Comparison(name, height, width, int(difference.max()), round(float(difference.mean()), 5))
    if found.max_difference > MAX_DIFFERENCE or not found.mean_difference < MAX_MEAN_DIFFERENCE:
        raise ParityError(
            f"ONNX Runtime and torch differ by up to {found.max_difference} levels ({found.mean_difference} on "
            f"average) on a {name} of {width}x{height}: at most {MAX_DIFFERENCE} and {MAX_MEAN_DIFFERENCE} are allowed"
        )
    return found


def _runtime_result(session: ort.InferenceSession, picture: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    try:
        result = np.asarray(session.run(None, {"frame": picture[None]})[0])
    except Exception as error:  # as in `_session`
        raise ExportError(
            f"ONNX Runtime cannot run the style file at {width}x{height}: {_first_line(error)}"
        ) from error
    if result.dtype != np.uint8 or result.shape != (1, height, width, 3):
        raise ExportError(f"the style file turns {width}x{height} into {result.dtype} {list(result.shape)}")
    return np.asarray(result[0])


@torch.no_grad()
def _torch_result(network: StyleNetwork, picture: np.ndarray, what: str) -> np.ndarray:
    """uint8 BGR `[H, W, 3]` to the network's own result, likewise, as int16."""
    planes = np.ascontiguousarray(picture[..., ::-1].transpose(2, 0, 1))[None]
    y = network(torch.from_numpy(planes).float() / 255)[0]
    if not torch.isfinite(y).all():  # in uint8 it could not be seen any more
        raise ExportError(f"the network's result on {what} is not finite: train it again")
    levels = (y * 255).clamp(0, 255).round().permute(1, 2, 0).flip(-1)
    return np.asarray(levels.numpy(), np.int16)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
