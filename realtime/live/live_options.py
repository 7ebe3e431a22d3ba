"""The options of a live session."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from stylecam.realtime.live.broadcast import VirtualOptions
from stylecam.realtime.live.hotkeys import KeyPress
from stylecam.realtime.painting.painter import PaintLines

__all__ = ["LiveOptions"]


@dataclass(frozen=True)
class LiveOptions:
    """What the user chose for a live session; its controls change it while it runs."""

    strength: float = 1.0
    preserve_color: bool = False
    mirror: bool = False
    steady: float = 0.0  # 0 to 1
    lines: PaintLines = field(default_factory=PaintLines)
    # Frames a second to hold, at fewer lines where need be: a number, or what the source gives; None holds none.
    target_fps: float | Literal["auto"] | None = None
    hud: bool = True  # figures and messages in the window
    frames: int | None = None  # stop after so many
    keys: tuple[KeyPress, ...] = ()
    record: Path | None = None
    snapshot: Path | None = None  # PNG of the last picture, written at the end
    folder: Path = Path()  # where the s and r keys save
    cycle_seconds: float = 10.0
    glide_seconds: float = 20.0  # from style to style
    gliding: bool = False  # from the start
    virtual: VirtualOptions = field(default_factory=VirtualOptions)
