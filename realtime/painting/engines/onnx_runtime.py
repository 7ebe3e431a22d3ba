"""ONNX Runtime: the processor everywhere, and GPUs through its execution providers."""

from __future__ import annotations

import contextlib
import ctypes
import io
import sys

import numpy as np
import onnxruntime as ort

from stylecam.realtime.painting.engines.engine import EngineMissingError, TensorInfo, trim_memory

__all__ = ["CPU", "OnnxRuntimeEngine", "lacking", "nvidia_gpus"]

CPU = "CPUExecutionProvider"
_NVIDIA = ("CUDAExecutionProvider", "TensorrtExecutionProvider")
ort.disable_telemetry_events()  # on Windows; elsewhere the package's __init__ does it
_TYPES = {"float": "float32", "double": "float64"}


class OnnxRuntimeEngine:
    """An `Engine` of ONNX Runtime with the execution provider `target`; `threads` of the processor, 0 for all cores.

    Raises `EngineMissingError` where the provider is missing or does not start, ONNX Runtime's own errors for a model
    that it cannot load.
    """

    def __init__(self, model: bytes, target: str = CPU, threads: int = 0) -> None:
        if reason := lacking(target):
            raise EngineMissingError(reason)
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        # A session's threads would spin on for some frames' time beside the next style's, which then takes twice as
        # long.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        # What goes wrong is raised or said; the rest is noise on stderr.
        options.log_severity_level = 4
        ort.set_default_logger_severity(4)
        missing = _preload() if target == "CUDAExecutionProvider" else ""
        self._session = ort.InferenceSession(model, options, providers=list(dict.fromkeys((target, CPU))))
        if self._session.get_providers()[0] != target:  # it takes the processor, and says nothing
            raise EngineMissingError(f"{target} could not start" + (f" ({missing})" if missing else ""))
        self.provider = f"ONNX Runtime {target.removesuffix('ExecutionProvider')} float32"
        self.on_cpu = target == CPU
        self._smallest: np.ndarray | None = None  # zeros, of the smallest input there was
        self.inputs = tuple(map(_info, self._session.get_inputs()))
        self.outputs = tuple(map(_info, self._session.get_outputs()))

    def run(self, tensor: np.ndarray) -> np.ndarray:
        """As `Engine.run`."""
        painted = np.asarray(self._session.run(None, {self.inputs[0].name: tensor})[0])
        if self._smallest is None or tensor.size < self._smallest.size:
            self._smallest = np.zeros_like(tensor)
        return painted

    def rest(self) -> None:
        """As `Engine.rest`; a GPU's memory is kept."""
        if self._smallest is None or not self.on_cpu:
            return
        shrinking = ort.RunOptions()
        shrinking.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")  # is done after a run alone
        self._session.run(None, {self.inputs[0].name: self._smallest}, shrinking)  # what it took before it takes again
        trim_memory()


def lacking(target: str) -> str:
    """Why this machine cannot have the provider, as far as can be told without starting it; "" where it may."""
    if target not in ort.get_available_providers():
        return f"the installed ONNX Runtime has no {target}"
    # It lists CUDA on machines without a GPU too, so the driver is asked.
    if target in _NVIDIA and not nvidia_gpus():
        return "there is no NVIDIA GPU with a working driver"
    return ""


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


def _info(value: ort.NodeArg) -> TensorInfo:
    told = value.type.removeprefix("tensor(").removesuffix(")")
    shape = tuple(length if isinstance(length, int) and length > 0 else None for length in value.shape)
    return TensorInfo(value.name, _TYPES.get(told, told), shape)


def _preload() -> str:
    """Loads the libraries of CUDA from their Python packages; what is missing, "" for nothing.

    ONNX Runtime prints that, to stdout, where a report or a film may go.
    """
    if not hasattr(ort, "preload_dlls"):
        return ""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        ort.preload_dlls()
    return printed.getvalue().strip().partition("\n")[0]
