"""What `--device` may be, and which provider of ONNX Runtime that is. ONNX Runtime itself is not imported for it."""

from __future__ import annotations

__all__ = ["CPU", "DEVICES", "DEVICE_CHOICES"]

CPU = "CPUExecutionProvider"
DEVICES = {
    "cpu": CPU,
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
}
DEVICE_CHOICES = ("auto", *DEVICES)
