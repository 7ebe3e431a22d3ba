"""Which engine a device means, which one `auto` takes, and which of them do not start after all."""

from __future__ import annotations

from stylecam.models.errors import OptionsError
from stylecam.realtime.painting.compute_devices import DEVICES, OPENVINO
from stylecam.realtime.painting.engines.engine import Engine, EngineMissingError, first_line
from stylecam.realtime.painting.engines.onnx_runtime import OnnxRuntimeEngine, lacking
from stylecam.realtime.painting.engines.openvino import OpenVinoEngine, openvino_devices

__all__ = ["default_tier", "open_engine"]

_AUTO = ("cuda", "openvino", "coreml", "directml", "cpu")  # the fastest first; a processor is always there
# Devices that could not start in this process, and why: to try again for every style would take seconds each time.
_not_started: dict[str, str] = {}


def default_tier(device: str = "auto") -> str:
    """The tier of ``auto``: ``full`` where inference will run on a GPU, ``fast`` on a CPU.

    Raises `OptionsError` for an unknown device.
    """
    return "fast" if DEVICES[_candidates(device)[0]].on_cpu else "full"


def open_engine(model: bytes, device: str = "auto", threads: int = 0) -> tuple[Engine, str | None]:
    """An engine for a `model` on a device, and a sentence where that is not the one which ``auto`` hoped for.

    `threads` are those of the CPU, 0 for all cores. Raises `OptionsError` for a device that is unknown, that this
    machine has not, or that does not start, the library's own errors for a model which it cannot load.
    """
    refused = ""
    candidates = _candidates(device)
    for name in candidates:
        try:
            engine = _engine(name, model, threads)
        except EngineMissingError as error:
            if device != "auto":
                raise OptionsError(f"--device {device}: {error}; use --device cpu") from error
            _not_started[name] = str(error)
        except Exception as error:
            if name == candidates[-1]:
                raise
            refused = f"{DEVICES[name].engine} cannot run this model ({first_line(error)})"
        else:
            return engine, f"{refused}: {engine.provider} is used" if refused else _not_hoped_for(engine, device)
    raise OptionsError(f"--device {device}: no engine is installed")


def _candidates(device: str) -> list[str]:
    """The devices to try, in order."""
    if device == "auto":
        return [name for name in _AUTO if name not in _not_started and _may_start(name)]
    if device not in DEVICES:
        raise OptionsError(f"unknown device {device!r}: choose auto, {', '.join(DEVICES)}")
    return [device]


def _may_start(name: str) -> bool:
    """Whether `auto` tries a device. OpenVINO may be missing, for which `realtime doctor` says the reason."""
    device = DEVICES[name]
    if device.engine != OPENVINO:
        return not lacking(device.target)
    try:
        return device.target in openvino_devices()
    except EngineMissingError:
        return False


def _engine(name: str, model: bytes, threads: int) -> Engine:
    device = DEVICES[name]
    if device.engine == OPENVINO:
        return OpenVinoEngine(model, device.target, threads, device.precision)
    return OnnxRuntimeEngine(model, device.target, threads)


def _not_hoped_for(engine: Engine, device: str) -> str | None:
    gpus = [reason for name, reason in _not_started.items() if not DEVICES[name].on_cpu]
    if device != "auto" or not gpus or not engine.on_cpu:
        return None
    return f"{gpus[0]}; running on the CPU, `realtime doctor` says what to install"
