"""What to say when an optional part of the installation is missing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from stylecam.models.errors import StylecamError

__all__ = ["needs_extra"]


@contextlib.contextmanager
def needs_extra(name: str, what: str) -> Iterator[None]:
    """Around imports: a missing package becomes a `StylecamError` that says `what` needs it and how to install it."""
    try:
        yield
    except ImportError as error:
        if (error.name or "").split(".")[0] == "stylecam":
            raise  # ours: a fault of the program, not of the installation
        missing = f" ({error.name} is missing)" if error.name else ""
        raise StylecamError(f"{what}: pip install 'stylecam[{name}]'{missing}") from error
