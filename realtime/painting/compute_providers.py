"""Which ONNX Runtime provider a device means here, and which of them do not start after all."""

from __future__ import annotations

import contextlib
import ctypes
import io
import sys

import onnxruntime as ort

from stylecam.models.errors import OptionsError
from stylecam.realtime.painting.compute_devices import CPU, DEVICES

__all__ = ["default_tier", "hoped_for", "nvidia_gpus", "open_session"]

# Providers that could not start in this process, and why: to try again for every style would take seconds each time.
_not_started: dict[str, str] = {}


def default_tier(device: str = "auto") -> str:
    """The tier of ``auto``: ``full`` where inference will run on a GPU, ``fast`` on a CPU."""
    hoped = hoped_for(device)
    return "fast" if hoped == CPU or (device == "auto" and hoped in _not_started) else "full"


def open_session(model: bytes, device: str = "auto", threads: int = 0) -> tuple[ort.InferenceSession, str | None]:
    """A session for a `model` on a device, and a sentence where that is not the one which ``auto`` hoped for.

    `threads` are those of the CPU, 0 for all cores. Raises `OptionsError` for a device that this machine has not
    or that does not start, ONNX Runtime's own errors for a model which it cannot load.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    # A session's threads would spin on for some frames' time beside the next style's, which then takes twice as long.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    # What goes wrong is raised or said; the rest is noise on stderr.
    options.log_severity_level = 4
    ort.set_default_logger_severity(4)
    hoped = hoped_for(device)
    if device != "auto" or hoped not in _not_started:
        missing = _preload() if hoped == DEVICES["cuda"] else ""
        session = ort.InferenceSession(model, options, providers=list(dict.fromkeys((hoped, CPU))))
        if session.get_providers()[0] == hoped:
            return session, None
        _not_started[hoped] = f"{hoped} could not start" + (f" ({missing})" if missing else "")
        if device != "auto":
            raise OptionsError(f"--device {device}: {_not_started[hoped]}; use --device cpu")
    else:
        session = ort.InferenceSession(model, options, providers=[CPU])
    return session, f"{_not_started[hoped]}; running on the CPU, `realtime doctor` says what to install"


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


def hoped_for(device: str) -> str:
    """The provider to ask ONNX Runtime for. It lists CUDA on machines without a GPU too, so the driver is asked.

    Raises `OptionsError` for a device that is unknown, or that this machine has not.
    """
    built_in = ort.get_available_providers()
    if device == "auto":
        if DEVICES["cuda"] in built_in and nvidia_gpus():
            return DEVICES["cuda"]
        return next((DEVICES[name] for name in ("coreml", "directml") if DEVICES[name] in built_in), CPU)
    if device not in DEVICES:
        raise OptionsError(f"unknown device {device!r}: choose auto, {', '.join(DEVICES)}")
    provider = DEVICES[device]
    if provider not in built_in:
        raise OptionsError(f"--device {device}: the installed ONNX Runtime has no {provider}; use --device cpu")
    if device in ("cuda", "tensorrt") and not nvidia_gpus():
        raise OptionsError(f"--device {device}: there is no NVIDIA GPU with a working driver; use --device cpu")
    return provider


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
