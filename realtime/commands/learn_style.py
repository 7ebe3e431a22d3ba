"""What is learnt beside a live session: the task that the process gets, and the style file kept in the end."""

from __future__ import annotations

import importlib.util
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from stylecam.models.errors import StylecamError
from stylecam.realtime.commands.saying import notify
from stylecam.realtime.common.extras import needs_extra

if TYPE_CHECKING:
    from stylecam.models.catalog import Style
    from stylecam.training.live_process import Task

__all__ = ["check_learning", "keep_style", "learn_task"]

SCENES = 16  # pictures of the demo scene to learn on too
SCENE_SECONDS = 7.0  # between them


def check_learning() -> None:
    """Raises `StylecamError` where what learns is not installed."""
    with needs_extra("train", "learning needs torch"):
        for name in ("torch", "lightning_fabric", "safetensors"):
            if importlib.util.find_spec(name) is None:  # looked for only: the process that learns loads them
                raise ImportError(name=name)


def learn_task(
    name: str,
    picture: np.ndarray,
    seconds: float,
    title: str,
    artist: str = "",
    year: str = "",
    vgg_weights: Path | None = None,
    content: Path | None = None,
    spare_core: bool = True,
) -> Task:
    """The task to learn `picture`, uint8 `[H, W, 3]` BGR, as the style `name`.

    `spare_core` leaves one to what paints frames meanwhile. `content` is a folder of photographs to learn on, in place
    of the session's frames.
    """
    from stylecam.realtime.painting.engines.engine import cores
    from stylecam.realtime.sources.demo_scene import draw_scene
    from stylecam.training.live_process import Subject, Task

    scene = [draw_scene(30 * SCENE_SECONDS * n, (640, 480)) for n in range(SCENES)]
    subject = Subject(np.ascontiguousarray(picture[..., ::-1]), name, title, artist, year)
    threads = max(1, cores() - 1) if spare_core else 0
    pictures = [np.ascontiguousarray(one[..., ::-1]) for one in scene]
    return Task(subject, pictures, seconds, vgg_weights, threads, content)


def keep_style(style: Style, overwrite: bool) -> dict[str, Any]:
    """Puts the style, verified, among the user's own; returns the report."""
    from stylecam.models.catalog import user_folder
    from stylecam.realtime.commands.learn_input import TIER
    from stylecam.realtime.common.whole_files import unused_path, write_whole
    from stylecam.realtime.painting.user_styles import add_style

    try:
        path, added = add_style(style, user_folder(), overwrite), True
    except StylecamError as error:  # what was learnt in minutes is not lost for it
        path, added = unused_path(Path(f"{style.name}-{TIER}.onnx").absolute()), False
        write_whole(path, style.data)
        notify(f"{error}: saved as {path} instead; add it with `realtime styles add`")
    training, metrics = style.record("training"), style.record("metrics")
    figures = ", ".join(f"{key} {metrics[key]:.3g}" for key in ("content", "style", "swd", "sharp") if key in metrics)
    click.echo(f"kept {path} ({training['step']} steps in {training['seconds']:.0f} s; {figures})", err=True)
    click.echo(f"next: realtime --style {shlex.quote(style.name if added else str(path))}", err=True)
    return {
        "style": style.name,
        "kept": True,
        "path": str(path),
        "seconds": training["seconds"],
        "steps": training["step"],
        "metrics": metrics,
        "sha256": style.sha256,
    }
