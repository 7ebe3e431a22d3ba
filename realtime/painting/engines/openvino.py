"""OpenVINO: twice as fast as ONNX Runtime on a processor that computes in bfloat16; GPUs and NPUs of Intel's."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

import numpy as np

from stylecam.realtime.painting.engines import openvino_library
from stylecam.realtime.painting.engines.engine import EngineMissingError, TensorInfo, cores, trim_memory

__all__ = ["OpenVinoEngine", "openvino_devices"]

_TYPES = {"u8": "uint8", "f16": "float16", "f32": "float32", "f64": "float64", "bf16": "bfloat16"}
_FIXED = ("NPU",)  # devices that take graphs of a fixed size alone
_SMALL = 64  # px a side of the first graph on such a device


class OpenVinoEngine:
    """An `Engine` of OpenVINO on its device `target`: CPU, GPU or NPU; `threads` of the processor, 0 for all cores.

    `precision` is ``f32``, or None for the device's own choice: bfloat16 or float16 where that is faster.
    Raises `EngineMissingError` where OpenVINO or the device is missing, `RuntimeError` for a model that it cannot load.
    """

    def __init__(self, model: bytes, target: str = "CPU", threads: int = 0, precision: str | None = None) -> None:
        core = _core()
        if target not in openvino_devices():
            raise EngineMissingError(f"OpenVINO finds no {target} here")
        self._target, self._options = target, _options(target, threads, precision)
        self._compiling = threading.Lock()
        try:
            self._model = core.read_model(model, b"")  # of the bytes alone: there is no path to find other files by
            self.inputs = tuple(map(_info, self._model.inputs))
            self.outputs = tuple(map(_info, self._model.outputs))
            self._graph = _Graph(self._compiled(self._first_shape()))
        except RuntimeError as error:
            raise RuntimeError(_reason(error)) from error
        self.on_cpu = target == "CPU"
        self.provider = f"OpenVINO {target} {self._graph.precision}"

    def run(self, tensor: np.ndarray) -> np.ndarray:
        """As `Engine.run`."""
        graph = self._graph
        try:
            if self._target in _FIXED and not graph.takes(tensor.shape):
                with self._compiling:
                    if not self._graph.takes(tensor.shape):
                        self._graph = _Graph(self._compiled(tensor.shape))
                    graph = self._graph
            return graph.run(tensor)
        except RuntimeError as error:
            raise RuntimeError(_reason(error)) from error

    def rest(self) -> None:
        """As `Engine.rest`."""
        self._graph.rest()

    def _first_shape(self) -> tuple[int, ...] | None:
        if self._target not in _FIXED or len(self.inputs) != 1:
            return None
        return tuple(length or (1 if axis == 0 else _SMALL) for axis, length in enumerate(self.inputs[0].shape))

    def _compiled(self, shape: tuple[int, ...] | None) -> Any:
        """The model for the device: with free sizes, or of the input's `shape`."""
        model = self._model
        if shape is not None:
            model = model.clone()
            model.reshape({model.inputs[0]: list(shape)})
        return _core().compile_model(model, self._target, self._options)


class _Graph:
    """A compiled model, and as many requests for it as threads have called at once."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        self._idle: list[Any] = []  # appended to and popped from by any thread, which a list bears
        told = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
        self.precision = _TYPES.get(told, told)

    def takes(self, shape: tuple[int, ...]) -> bool:
        """Whether the graph is of this size, or of any."""
        return bool(self._compiled.inputs[0].partial_shape.compatible(_library().PartialShape(list(shape))))

    def run(self, tensor: np.ndarray) -> np.ndarray:
        try:
            request = self._idle.pop()
        except IndexError:
            request = self._compiled.create_infer_request()
        try:
            # The request's own memory holds the result until its next call, so it is copied.
            return np.array(request.infer({0: tensor}, share_inputs=True, share_outputs=True)[0])
        finally:
            self._idle.append(request)

    def rest(self) -> None:
        self._idle.clear()
        self._compiled.release_memory()
        trim_memory()


def openvino_devices() -> tuple[str, ...]:
    """OpenVINO's devices here: CPU, GPU, NPU. Raises `EngineMissingError` where OpenVINO is missing."""
    try:
        found = _core().available_devices
    except RuntimeError as error:  # of a device's broken driver
        raise EngineMissingError(f"OpenVINO cannot list its devices: {_reason(error)}") from error
    return tuple(dict.fromkeys(device.partition(".")[0] for device in found))  # GPU.0, GPU.1: once


def _library() -> Any:
    return openvino_library.load()


@cache
def _core() -> Any:
    try:
        return _library().Core()
    except RuntimeError as error:
        raise EngineMissingError(f"OpenVINO does not start: {_reason(error)}") from error


def _options(target: str, threads: int, precision: str | None) -> dict[str, Any]:
    options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
    if target == "CPU" and threads:
        # Who asks for fewer threads than there are cores calls from several threads at once: a stream for each call.
        streams = max(1, cores() // threads)
        options |= {"NUM_STREAMS": streams, "INFERENCE_NUM_THREADS": streams * threads}
    if precision:
        options["INFERENCE_PRECISION_HINT"] = precision
    return options


def _info(port: Any) -> TensorInfo:
    kind = port.get_element_type().get_type_name()
    rank = port.partial_shape.rank
    axes = port.partial_shape if rank.is_static else ()
    shape = tuple(axis.get_length() if axis.is_static else None for axis in axes)
    return TensorInfo(port.get_any_name() if port.names else "", _TYPES.get(kind, kind), shape)


def _reason(error: Exception) -> str:
    """What an error of OpenVINO's says, without the places in its own source."""
    lines = [line.strip() for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.startswith("Exception from ")]
    return told[-1] if told else type(error).__name__
