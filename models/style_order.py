"""The order that the user gave to the styles, and so to the number keys: a small file beside their own styles."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from stylecam.models.errors import StylecamError, StyleError

__all__ = ["order_file", "read_order", "remove_order", "write_order"]


def order_file() -> Path:
    """Where the order lies: ``style-order.json`` in the platform's data folder, a list of names."""
    return Path(platformdirs.user_data_path("stylecam")) / "style-order.json"


def read_order(path: Path) -> list[str]:
    """The names in their order, none where no order was given. Raises `StyleError` for a file that holds none."""
    try:
        names = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError):  # no permission, no text, no JSON
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise StyleError(
            f"the order of the styles in {path} cannot be read, so the usual order is used: "
            "set it again with `realtime styles order`, or use --reset"
        )
    return names


def write_order(path: Path, names: Sequence[str]) -> None:
    """Writes the order, whole or not at all. Raises `StylecamError` where it cannot be written."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(list(names), ensure_ascii=False) + "\n", "utf-8")
        os.replace(partial, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise StylecamError(f"cannot write the order of the styles {path}: {error.strerror or error}") from None


def remove_order(path: Path) -> None:
    """Forgets the order, if one was given. Raises `StylecamError` where it cannot be removed."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StylecamError(f"cannot remove the order of the styles {path}: {error.strerror or error}") from None
