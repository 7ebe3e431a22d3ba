"""What is usual where nothing else was asked for; the commands' options say so without loading what does it."""

from __future__ import annotations

__all__ = ["STEADY"]

STEADY = 0.9  # how steady strokes are in motion, 0 to 1
