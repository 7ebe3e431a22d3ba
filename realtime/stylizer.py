"""Stylizer: one style, loaded, checked and ready to repaint frames."""

from __future__ import annotations

import contextlib
import ctypes
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from stylecam.models.catalog import Style, StyleCatalog
from stylecam.models.errors import OptionsError, StylecamError, StyleError
from stylecam.realtime.foreign import Conventions, ForeignModel, is_foreign

__all__ = ["DEVICES", "Stylizer", "another_tier", "default_tier", "nvidia_gpus"]

MIN_SIDE = 32
CPU = "CPUExecutionProvider"
DEVICES = {
    "cpu": CPU,
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
}
_SIGNATURE = "one input `frame` and one output `stylized`, both uint8 [1, H, W, 3]"


class Stylizer:
    """Repaints frames in one style: ``Stylizer.load("hokusai")(frame)``.

    `provider` is the ONNX Runtime execution provider that really runs; `fallback` a sentence when it is
    not the one that was hoped for with ``device="auto"``; `inference_ms` the time of the last call.
    """

    def __init__(self, style: Style, device: str = "auto", threads: int = 0) -> None:
        self.style = style
        self.fallback: str | None = None
        self.inference_ms = 0.0
        self._session = self._open(device, threads)
        self.provider: str = self._session.get_providers()[0]
        self._foreign = _foreign(style, self._session)
        if self._foreign is None:
            _check_signature(style, self._session)
        self._probe()

    @classmethod
    def load(
        cls,
        style: str | Path,
        tier: str = "auto",
        device: str = "auto",
        catalog: StyleCatalog | None = None,
        threads: int = 0,
    ) -> Stylizer:
        """Loads a style by name or path.

        `tier` is ``fast``, ``full`` or ``auto`` (full on a GPU, fast on a CPU); `device` a key of `DEVICES`
        or ``auto``; `threads` of the CPU, 0 for all cores. Raises `StyleError` for a style that is unknown or
        unusable, `OptionsError` for a device this machine has not.
        """
        wanted = default_tier(device) if tier == "auto" else tier
        return cls((catalog or StyleCatalog()).find(str(style), wanted), device, threads)

    def __call__(self, frame: np.ndarray) -> np.ndarray:
        """Repaints one frame: uint8 `[H, W, 3]`, BGR, H and W from 32, to the same.

        Raises `ValueError` for another array, `StylecamError` for what happens while it is painted.
        """
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3 or min(frame.shape[:2]) < MIN_SIDE:
            raise ValueError(
                f"a frame is uint8 [H, W, 3] with H and W from {MIN_SIDE}, not {frame.dtype} {list(frame.shape)}"
            )
        start = time.perf_counter()
        try:
            stylized = self._foreign(frame) if self._foreign else self._session.run(None, {"frame": frame[None]})[0][0]
        except Exception as error:
            size = f"{frame.shape[1]}x{frame.shape[0]}"
            reason = f"{_first_line(error)}; less memory is needed with lower --paint-lines"
            raise StylecamError(f"{self.style.name} cannot paint a frame of {size} px: {reason}") from error
        self.inference_ms = 1e3 * (time.perf_counter() - start)
        return np.asarray(stylized)

    def _open(self, device: str, threads: int) -> ort.InferenceSession:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4  # what goes wrong is raised; the rest is noise on stderr
        providers = _providers(device)
        try:
            with contextlib.redirect_stdout(sys.stderr):  # a failed GPU start prints to stdout
                if providers[0] == DEVICES["cuda"] and hasattr(ort, "preload_dlls"):
                    ort.preload_dlls()
                session = ort.InferenceSession(self.style.data, options, providers=providers)
        except Exception as error:
            raise StyleError(f"{self.style.path} cannot be loaded: {_first_line(error)}") from error
        if session.get_providers()[0] != providers[0]:
            problem = f"{providers[0]} could not start, see `realtime doctor`"
            if device != "auto":
                raise OptionsError(f"--device {device}: {problem}, or use --device cpu")
            self.fallback = f"{problem}; running on the CPU"
        return session

    def _probe(self) -> None:
        """One small varied frame must come back in its shape, and not in one flat colour (as NaN does)."""
        ramp = np.arange(64, dtype=np.uint8) * 4
        frame = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None, :], np.uint8(128)), axis=-1)
        frame = np.ascontiguousarray(frame[:, :40])
        try:
            stylized = self(frame)
        except Exception as error:
            raise StyleError(f"{self.style.path} fails on a test frame: {_first_line(error)}") from error
        if stylized.shape != frame.shape:
            raise StyleError(f"{self.style.path} turns a frame {frame.shape} into {stylized.shape}: want {_SIGNATURE}")
        if np.ptp(stylized) == 0:
            raise StyleError(
                f"{self.style.path} paints a varied test frame in one flat colour: "
                "its numbers are not finite, or it was never trained"
            )


def default_tier(device: str = "auto") -> str:
    """The tier of ``auto``: ``full`` where inference will run on a GPU, ``fast`` on a CPU."""
    return "fast" if _providers(device)[0] == CPU else "full"


def another_tier(tier: str, names: Iterable[str]) -> str:
    """What is said when styles lack the tier that was asked for."""
    return f"--tier {tier}: another tier is used for what has no such one: {', '.join(names)}"


def nvidia_gpus() -> int:
    """How many NVIDIA GPUs the driver offers; 0 where there is no driver."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        count = ctypes.c_int(0)
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0:
            return count.value
    except (OSError, AttributeError):
        pass
    return 0


def _providers(device: str) -> list[str]:
    """What to ask ONNX Runtime for. It lists CUDA on machines without a GPU too, so the driver is asked."""
    built_in = ort.get_available_providers()
    if device == "auto":
        if DEVICES["cuda"] in built_in and nvidia_gpus():
            return [DEVICES["cuda"], CPU]
        for name in ("coreml", "directml"):
            if DEVICES[name] in built_in:
                return [DEVICES[name], CPU]
        return [CPU]
    if device not in DEVICES:
        raise OptionsError(f"unknown device {device!r}: choose auto, {', '.join(DEVICES)}")
    provider = DEVICES[device]
    if provider not in built_in:
        raise OptionsError(f"--device {device}: the installed ONNX Runtime has no {provider}; use --device cpu")
    if device in ("cuda", "tensorrt") and not nvidia_gpus():
        raise OptionsError(f"--device {device}: there is no NVIDIA GPU with a working driver; use --device cpu")
    return [CPU] if device == "cpu" else [provider, CPU]


def _foreign(style: Style, session: ort.InferenceSession) -> ForeignModel | None:
    """How to feed a model that other people made; None for a style file of ours."""
    if not is_foreign(session):
        return None
    if not style.record("conventions"):
        raise StyleError(
            f"{style.path} is a model of another kind, whose range of values must be said: "
            f"add it with `realtime styles add {style.path} --range 0..255` (or 0..1, or -1..1)"
        )
    try:
        return ForeignModel(session, Conventions.from_record(style.record("conventions")))
    except StyleError as error:
        raise StyleError(f"{style.path} cannot be used: {error}") from error


def _check_signature(style: Style, session: ort.InferenceSession) -> None:
    def describe(values: Any) -> str:
        return ", ".join(f"{v.name}: {v.type} {v.shape}" for v in values)

    inputs, outputs = session.get_inputs(), session.get_outputs()
    ok = [v.name for v in inputs] == ["frame"] and [v.name for v in outputs] == ["stylized"]
    for value in (*inputs, *outputs):
        shape = value.shape
        ok = ok and value.type == "tensor(uint8)" and len(shape) == 4 and shape[0] == 1 and shape[3] == 3
        ok = ok and not isinstance(shape[1], int) and not isinstance(shape[2], int)
    if not ok:
        raise StyleError(
            f"{style.path} has inputs ({describe(inputs)}) and outputs ({describe(outputs)}): "
            f"a style file has {_SIGNATURE}"
        )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
