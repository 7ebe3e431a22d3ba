"""A camera becomes a painting, live. What is public for Python is in ``__all__``; the rest may move."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stylecam.models.catalog import StyleCatalog
    from stylecam.realtime.painting.stylizer import Stylizer

__all__ = ["StyleCatalog", "Stylizer"]

# ONNX Runtime reports each model that it loads to its makers, unless this stands before its import.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

_HOMES = {"StyleCatalog": "stylecam.models.catalog", "Stylizer": "stylecam.realtime.painting.stylizer"}


def __getattr__(name: str) -> object:
    # Imported when it is asked for: every command imports this file first, and most need neither of them.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
