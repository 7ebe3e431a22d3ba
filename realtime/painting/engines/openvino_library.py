"""Where OpenVINO enters: imported when it is first needed, without the part that reports its use to its makers."""

from __future__ import annotations

import importlib
import sys
import threading
from types import ModuleType

from stylecam.realtime.painting.engines.engine import EngineMissingError, first_line

__all__ = ["load"]

# The package imports its model converter, which sends an event over the network as soon as it is imported, and takes
# half of the import's time. OpenVINO does without it; nothing leaves the machine of who paints a camera's frames.
_CONVERTER = "openvino.tools.ovc"
_one_at_a_time = threading.Lock()
_failed: list[str] = []  # why it did not load in this process: to try again for every style would take its time


def load() -> ModuleType:
    """The package `openvino`. Raises `EngineMissingError` where it is not installed or does not load."""
    with _one_at_a_time:
        return _loaded()


def _loaded() -> ModuleType:
    if _failed:
        raise EngineMissingError(_failed[0])
    ours = _CONVERTER not in sys.modules
    if ours:
        sys.modules[_CONVERTER] = None  # type: ignore[assignment]  # which Python takes for "cannot be imported"
    try:
        return importlib.import_module("openvino")
    except ModuleNotFoundError as error:
        if error.name != "openvino":
            _failed.append(f"OpenVINO does not load: {error}")
        else:
            _failed.append("OpenVINO is not installed")
    except (ImportError, OSError, RuntimeError) as error:
        _failed.append(f"OpenVINO does not load: {first_line(error)}")
    finally:
        if ours:
            del sys.modules[_CONVERTER]
    raise EngineMissingError(_failed[0])
