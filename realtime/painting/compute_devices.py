"""What `--device` may be: which engine computes, and on what. No engine is imported for it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEVICES", "DEVICE_CHOICES", "Device"]


@dataclass(frozen=True)
class Device:
    """An engine and its own name for what computes; `precision` where it is not the engine's choice."""

    engine: str  # openvino, or onnxruntime
    target: str
    precision: str | None = None


DEVICES = {
    "cpu": Device("onnxruntime", "CPUExecutionProvider"),
    "cuda": Device("onnxruntime", "CUDAExecutionProvider"),
    "tensorrt": Device("onnxruntime", "TensorrtExecutionProvider"),
    "coreml": Device("onnxruntime", "CoreMLExecutionProvider"),
    "directml": Device("onnxruntime", "DmlExecutionProvider"),
    "openvino": Device("openvino", "CPU"),
    "openvino:f32": Device("openvino", "CPU", "f32"),
    "openvino:gpu": Device("openvino", "GPU"),
    "openvino:npu": Device("openvino", "NPU"),
}
DEVICE_CHOICES = ("auto", *DEVICES)
