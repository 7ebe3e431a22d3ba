"""The demo scene as picture files, for the commands that read photographs from files."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from stylecam.realtime.sources.demo_scene import draw_scene
from stylecam.realtime.video.png_file import save_png

__all__ = ["demo_photos"]

SIZE = (640, 480)  # px
APART = 40  # frames from one picture to the next: enough for the scene to change


@contextlib.contextmanager
def demo_photos(count: int = 1) -> Iterator[Path]:
    """A folder with `count` pictures of the scene, as long as the context lasts. Raises `RecordError`."""
    with tempfile.TemporaryDirectory(prefix="stylecam-demo-") as name:
        for number in range(count):
            save_png(Path(name) / f"demo-{number:03d}.png", draw_scene(number * APART, SIZE))
        yield Path(name)
