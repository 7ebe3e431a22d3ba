"""What `--device` may be: which engine computes, and on what. No engine is imported for it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEVICES", "DEVICE_CHOICES", "ONNX_RUNTIME", "OPENVINO", "Device"]

OPENVINO, ONNX_RUNTIME = "OpenVINO", "ONNX Runtime"


@dataclass(frozen=True)
class Device:
    """An engine and its own name for what computes; `precision` where it is not the engine's choice."""

    engine: str  # as users know it
    target: str
    precision: str | None = None

    @property
    def on_cpu(self) -> bool:
        """Whether that is the processor."""
        return self.target in ("CPU", "CPUExecutionProvider")


DEVICES = {
    "cpu": Device(ONNX_RUNTIME, "CPUExecutionProvider"),
    "cuda": Device(ONNX_RUNTIME, "CUDAExecutionProvider"),
    "tensorrt": Device(ONNX_RUNTIME, "TensorrtExecutionProvider"),
    "coreml": Device(ONNX_RUNTIME, "CoreMLExecutionProvider"),
    "directml": Device(ONNX_RUNTIME, "DmlExecutionProvider"),
    "openvino": Device(OPENVINO, "CPU"),
    "openvino:f32": Device(OPENVINO, "CPU", "f32"),
    "openvino:gpu": Device(OPENVINO, "GPU"),
    "openvino:npu": Device(OPENVINO, "NPU"),
}
DEVICE_CHOICES = ("auto", *DEVICES)
