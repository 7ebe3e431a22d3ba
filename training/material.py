"""What a training learns from: paintings, and photographs to repaint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stylecam.models.errors import OptionsError
from stylecam.training.data import BlankPictures, ContentCrops, find_pictures, split
from stylecam.training.options import TrainOptions
from stylecam.training.painting import PREPARATION, read_painting
from stylecam.training.state import data_identity

__all__ = ["Material"]


class Material:
    """Read and counted for a training by so many `processes`.

    files: of the paintings. paintings: uint8 `[H, W, 3]`, prepared. pictures: files to train on; held_out: those to
    measure on. crops: what the steps see. identity: by which a run that goes on knows it again, as JSON values.
    options: those given, with the number of steps that `epochs` stands for.

    Raises `PictureError`, and `OptionsError` for what a training on several paintings has not.
    """

    def __init__(self, options: TrainOptions, processes: int) -> None:
        preparation = {key: getattr(options, key) for key in PREPARATION}
        self.files = find_pictures(options.painting) if options.painting.is_dir() else [options.painting]
        self.paintings = [read_painting(file, **preparation) for file in self.files]
        if self.several:
            _check_base(options, processes)
        self.pictures: list[Path] = []
        self.held_out: list[Path] = []
        if options.content:
            self.pictures, self.held_out = split(find_pictures(options.content))
        self.crops: ContentCrops | BlankPictures = BlankPictures(options.side)
        at_once = options.batch * processes
        if self.pictures:
            self.crops = ContentCrops(self.pictures, options.size, options.seed, options.zoom, options.side, at_once)
        if options.epochs:
            options = replace(options, steps=max(1, options.epochs * len(self.pictures) // at_once))
        self.options = options
        self.identity = data_identity(self.paintings, self.pictures, processes)

    @property
    def several(self) -> bool:
        """Whether there are several paintings: what is trained is a base for others."""
        return len(self.files) > 1


def _check_base(options: TrainOptions, processes: int) -> None:
    if options.network != "transform" or options.norm != "instance":
        raise OptionsError("a folder of paintings needs --network transform and --norm instance")
    for name in ("palette", "keep_start"):
        if getattr(options, name):
            flag = f"--{name.replace('_', '-')}"
            raise OptionsError(f"{flag} is for one painting only: give {flag} 0 with a folder of paintings")
    if options.start_from is not None:
        raise OptionsError("training on a folder of paintings starts from nothing: leave out --start-from")
    if processes > 1:
        raise OptionsError("training on a folder of paintings uses one process: start it without torchrun")
