"""What `realtime evaluate` reads: styles, photos, paintings, clips and finished pictures."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stylecam.models.errors import OptionsError, PictureError, StylecamError

if TYPE_CHECKING:
    import numpy as np

    from stylecam.models.catalog import Style
    from stylecam.realtime.painting.stylizer import Stylizer
    from stylecam.training.evaluate.likeness import Target

__all__ = [
    "Published",
    "by_photo",
    "evaluated_styles",
    "photo_files",
    "published_pairs",
    "read_clip",
    "style_paintings",
    "targets",
]

CLIP_FRAMES, CLIP_SIDE = 60, 288  # the frames measured, and the short side in px to which they are brought


@dataclass(frozen=True)
class Published:
    """A finished picture and the photo that it was made of, both uint8 `[H, W, 3]` BGR of one size."""

    photo_file: Path
    picture_file: Path
    photo: np.ndarray
    picture: np.ndarray


def evaluated_styles(names: Sequence[str], tier: str, device: str) -> list[Stylizer]:
    """The styles by name or path; says on stderr which had to be taken in another tier."""
    from stylecam.models.catalog import StyleCatalog
    from stylecam.realtime.painting.stylizer import Stylizer, another_tier, without_tier

    catalog = StyleCatalog()
    stylizers = [Stylizer.load(name, tier, device, catalog) for name in names]
    found = [stylizer.style for stylizer in stylizers]
    if lacking := without_tier(tier, zip(names, found, strict=True)):
        click.echo(f"realtime: {another_tier(tier, lacking)}", err=True)
    return stylizers


def photo_files(photos: str | Path | None, content: Path | None) -> list[Path]:
    """The files of `--photos`, or those that a training holds out of `--content`. Raises unless one is given."""
    from stylecam.training.data import find_pictures, split

    if (photos is None) == (content is None):
        raise OptionsError("give the photos with either --photos DIR or --content DIR")
    return find_pictures(Path(photos)) if photos else split(find_pictures(content))[1] if content else []


def style_paintings(given: Path | None, styles: Sequence[Style]) -> list[Path | None]:
    """The picture that each style was made from. A missing one is found out before anything is measured."""
    return [_painting(given, style) for style in styles]


def _painting(given: Path | None, style: Style) -> Path | None:
    if given is None:
        return None
    path = given / f"{style.name}.jpg" if given.is_dir() else given
    if not path.is_file():
        raise PictureError(f"there is no painting {path}: give a picture, or a folder with {style.name}.jpg")
    return path


def published_pairs(given: Sequence[tuple[Path, Path]], paintings: Sequence[Path | None]) -> list[Published]:
    """The pictures of `--published`. Raises `OptionsError` where they have not one painting to be compared with."""
    from stylecam.training.evaluate.evaluation_data import read_pair

    if given and (None in paintings or len(set(paintings)) > 1):
        raise OptionsError(
            "--published compares pictures of one painting: give that painting with --painting, and only its styles"
        )
    return [Published(photo, picture, *read_pair(photo, picture)) for photo, picture in given]


def by_photo(pairs: Sequence[Published]) -> dict[Path, list[Published]]:
    """The pictures of each photo, in the order in which they were given."""
    found: dict[Path, list[Published]] = {}
    for pair in pairs:
        found.setdefault(pair.photo_file, []).append(pair)
    return found


def targets(
    paintings: Sequence[Path | None], vgg_weights: Path | None, device: str, say: Callable[[str], None]
) -> list[Target | None]:
    """What each style is measured against, each painting once; no VGG is loaded where there is none."""
    from stylecam.training.evaluate.evaluation_data import load_vgg
    from stylecam.training.evaluate.likeness import Target

    files = {path for path in paintings if path}
    if not files:
        return [None for _ in paintings]
    say("loading the VGG")
    vgg = load_vgg(vgg_weights, device)
    read = {path: Target.read(vgg, path) for path in files}
    return [read[path] if path else None for path in paintings]


def read_clip(path: Path) -> list[np.ndarray]:
    """The first frames of a clip, `[H, W, 3]` uint8 BGR. Raises `SourceError`."""
    from stylecam.realtime.sources.file_source import FileSource
    from stylecam.realtime.video.frame import EndOfSource
    from stylecam.training.data import at_most

    frames: list[np.ndarray] = []
    with FileSource(path) as source, contextlib.suppress(EndOfSource):
        while len(frames) < CLIP_FRAMES:
            frame = source.read(1)
            if frame is not None:
                frames.append(at_most(frame.image, CLIP_SIDE))
    if source.damaged:
        click.echo(f"realtime: {source.damaged}", err=True)
    if len(frames) < 2:
        raise StylecamError(f"the clip {path} has {len(frames)} frame: at least two are needed to measure stability")
    return frames
