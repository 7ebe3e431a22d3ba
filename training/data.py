"""Content pictures: any folder tree, decoded and cropped in worker processes, in a repeatable order."""

from __future__ import annotations

import os
import signal
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from stylecam.models.errors import PictureError
from stylecam.models.hidden_files import is_hidden

__all__ = [
    "BlankPictures",
    "ContentCrops",
    "at_most",
    "content_loader",
    "evenly",
    "find_pictures",
    "read_picture",
    "resize_short_side",
    "side_of",
    "split",
]

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})


def find_pictures(folder: Path) -> list[Path]:
    """All picture files below a folder but hidden ones, sorted by path. Raises `PictureError` where there are none."""
    if not folder.is_dir():
        raise PictureError(f"there is no folder {folder}: give a folder of pictures")
    below = (p for p in folder.rglob("*") if not is_hidden(p.relative_to(folder)))
    found = sorted(p for p in below if p.suffix.lower() in SUFFIXES and p.is_file())
    if not found:
        raise PictureError(f"the folder {folder} has no pictures ({', '.join(sorted(SUFFIXES))})")
    return found


def split(pictures: list[Path]) -> tuple[list[Path], list[Path]]:
    """(training, validation): one picture in 32 validates, 64 at most, chosen by their names, whatever the order.

    A small folder gives one validation picture; a folder of one picture gives it to both.
    """
    by_hash = sorted(pictures, key=lambda p: (zlib.crc32(os.fsencode(p.name)), p.name))
    count = min(64, max(1, len(pictures) // 32))
    return sorted(by_hash[count:]) or pictures, by_hash[:count]


def evenly(items: Sequence[Any], count: int) -> list[Any]:
    """At most `count` of them, from all over the list."""
    return [items[n * len(items) // count] for n in range(count)] if len(items) > count else list(items)


def read_picture(path: Path) -> np.ndarray:
    """A picture as `[H, W, 3]` uint8 RGB. Raises `PictureError` when it cannot be decoded."""
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise PictureError(f"cannot read the picture {path}: {error.strerror}") from None
    try:
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except cv2.error:
        picture = None
    if picture is None:
        raise PictureError(f"{path} cannot be decoded as a picture")
    return np.ascontiguousarray(picture[..., ::-1])


def resize_short_side(picture: np.ndarray, side: int) -> np.ndarray:
    """Resizes `[H, W, 3]` so that the shorter side is `side` px, keeping the aspect ratio."""
    height, width = picture.shape[:2]
    scale = side / min(height, width)
    size = max(side, round(width * scale)), max(side, round(height * scale))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def at_most(picture: np.ndarray, side: int) -> np.ndarray:
    """`[H, W, 3]` with a short side of `side` px, or as it is when that is less."""
    return picture if min(picture.shape[:2]) <= side else resize_short_side(picture, side)


def side_of(seed: int, step: int, smallest: int, largest: int) -> int:
    """The side of a step's pictures, px: a random multiple of 8 above `smallest`, up to `largest`.

    Another one each time, lest a network know how far the edges are.
    """
    return smallest + 8 * int(np.random.default_rng((seed, 2, step)).integers((largest - smallest) // 8 + 1))


class ContentCrops(Dataset[tuple[Tensor, int]]):
    """Random crops, where sample n is a pure function of (seed, n): a run resumes by starting at its n.

    Item n is (crop, unreadable): uint8 `[3, side, side]` RGB, and the number in `pictures` of the picture
    that should have been here but cannot be decoded, else -1. The n-th picture of an epoch's shuffled order
    is resized to a short side of `size` to `zoom * side`, cropped and mirrored at random; for an unreadable
    picture the next readable one of the order steps in. `side` is `size`; with a larger `frame` it is a random
    multiple of 8 between the two, the same for each `together` items in turn: a batch has one size. A picture that
    is smaller goes on beyond its edges as in a mirror: enlarged alone, most photos would be blurred.
    """

    def __init__(
        self, pictures: list[Path], size: int, seed: int, zoom: float = 1.4, frame: int = 0, together: int = 1
    ) -> None:
        self.pictures, self.size, self.seed, self.zoom = pictures, size, seed, zoom
        self.frame, self.together = max(frame, size), together

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        epoch, position = divmod(index, len(self.pictures))
        order = np.roll(np.random.default_rng((self.seed, epoch)).permutation(len(self.pictures)), -position)
        for number in order:
            try:
                picture = read_picture(self.pictures[number])
            except PictureError:
                continue
            side = side_of(self.seed, index // self.together, self.size, self.frame)
            crop = self._crop(picture, side, np.random.default_rng((self.seed, 1, index)))
            return crop, -1 if number == order[0] else int(order[0])
        raise PictureError("none of the content pictures can be decoded")

    def _crop(self, picture: np.ndarray, side: int, random: np.random.Generator) -> Tensor:
        longest = 8 * min(picture.shape[:2])  # of a banner one end is enough: enlarged, it could fill the memory
        picture = picture[:longest, :longest]
        picture = resize_short_side(picture, round(random.uniform(self.size, self.zoom * side)))
        picture = _mirrored(picture, side, random)
        top = random.integers(picture.shape[0] - side + 1)
        left = random.integers(picture.shape[1] - side + 1)
        crop = picture[top : top + side, left : left + side]
        if random.random() < 0.5:
            crop = crop[:, ::-1]
        return torch.from_numpy(np.ascontiguousarray(crop.transpose(2, 0, 1)))


def _mirrored(picture: np.ndarray, side: int, random: np.random.Generator) -> np.ndarray:
    """`[H, W, 3]` at least `side` px each way, continued beyond its edges as in a mirror where it is smaller."""
    down, across = (max(0, side - length) for length in picture.shape[:2])
    if not (down or across):
        return picture
    top, left = int(random.integers(down + 1)), int(random.integers(across + 1))
    return cv2.copyMakeBorder(picture, top, down - top, left, across - left, cv2.BORDER_REFLECT_101)


class BlankPictures(Dataset[tuple[Tensor, int]]):
    """In place of `ContentCrops` where there are no photographs: black pictures, which only have a size."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return torch.zeros(3, self.size, self.size, dtype=torch.uint8), -1


class _StepSampler(Sampler[int]):
    """The sample numbers of one process: in each step, `batch` of them for each of the `world` processes."""

    def __init__(self, steps: range, batch: int, rank: int = 0, world: int = 1) -> None:
        self.steps, self.batch, self.rank, self.world = steps, batch, rank, world

    def __iter__(self) -> Iterator[int]:
        for step in self.steps:
            first = (step * self.world + self.rank) * self.batch
            yield from range(first, first + self.batch)

    def __len__(self) -> int:
        return len(self.steps) * self.batch


def _quiet_worker(_: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # see `shielded_from_interrupts`; all there is on Windows
    cv2.setNumThreads(1)


def content_loader(
    crops: ContentCrops | BlankPictures, batch: int, steps: range, workers: int, rank: int = 0, world: int = 1
) -> DataLoader[Any]:
    """Batches (uint8 `[batch, 3, side, side]`, int64 `[batch]`) for the given steps, see `ContentCrops`.

    Begin to iterate inside `shielded_from_interrupts`. With `workers`, a script that calls this needs
    ``if __name__ == "__main__":``, since the workers import it.
    """
    sampler = _StepSampler(steps, batch, rank, world)
    # Spawned, not forked: a fork copies the locks of OpenCV's and oneDNN's thread pools and hangs in them.
    context = "spawn" if workers else None
    return DataLoader(
        crops,
        batch,
        sampler=sampler,
        num_workers=workers,
        worker_init_fn=_quiet_worker,
        multiprocessing_context=context,
        generator=torch.Generator(),  # else it draws from the caller's
    )
