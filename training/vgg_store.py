"""VGG's weights as this package keeps them: fetched once, and of them only what is needed."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import platformdirs

from stylecam.models.errors import VGGWeightsError
from stylecam.training.vgg_download import REMEDY, Progress, download, has_hash

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = ["kept_path", "kept_weights"]

PAUSE = 0.2  # seconds between two looks at what another process does
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG)


def kept_path(depth: int = 16) -> Path:
    """Where the weights of VGG-16 or VGG-19 are kept, or will be."""
    return platformdirs.user_cache_path("stylecam") / f"vgg{depth}.safetensors"


def kept_weights(depth: int = 16, on_progress: Progress = lambda done, total: None) -> Path:
    """The kept file of VGG-16 or VGG-19; where there is none it is made, of torchvision's weights.

    It holds the convolutions in float16, 29 or 40 MB. Of torchvision's 553 or 575 MB most is layers that nothing here
    uses. They come from torch's own folder where they lie there, else from the network, and `on_progress` is called
    while they come. A download that broke off goes on at the next call. Of several processes that ask at once one
    fetches, the others wait and are told by `on_progress` how far that one is.

    A kept file has its name only when it is whole and on the disk, and its source's hash was right. Later its structure
    is checked where it is read, and that its numbers are finite.

    Needs no torch where there is a kept file. Raises `VGGWeightsError` where there is none and none can be made.
    """
    kept = kept_path(depth)
    if kept.is_file():
        return kept
    what = f"VGG-{depth}'s weights"
    url = _url(depth)
    partial = kept.with_name(f"{url.rpartition('/')[2]}.partial")
    lock = kept.with_suffix(".lock")

    def waiting() -> None:
        with contextlib.suppress(OSError):
            on_progress(partial.stat().st_size, 0)

    with _sentences(what, kept.parent):
        kept.parent.mkdir(parents=True, exist_ok=True)
        with _alone(lock, waiting):
            if not kept.is_file():  # else another process made it meanwhile
                _make(kept, _torchs_own(url) or _downloaded(url, partial, what, on_progress), what)
        for done_with in (partial, lock):  # who still waits for the lock finds the kept file
            with contextlib.suppress(OSError):
                done_with.unlink()
    return kept


def _url(depth: int) -> str:
    try:
        from torchvision import models  # type: ignore[import-untyped]  # slow, and not needed with a kept file
    except ImportError as error:
        raise VGGWeightsError(f"torchvision is missing: pip install 'stylecam[train]', or {REMEDY}") from error
    weights = {16: models.VGG16_Weights, 19: models.VGG19_Weights}[depth]
    return str(weights.IMAGENET1K_V1.url)


def _torchs_own(url: str) -> Path | None:
    """The file, where torch has downloaded it before, for an older version of this package or another program."""
    import torch

    path = Path(torch.hub.get_dir(), "checkpoints", url.rpartition("/")[2])
    with contextlib.suppress(OSError):
        return path if has_hash(path, path.name) else None
    return None


def _downloaded(url: str, partial: Path, what: str, on_progress: Progress) -> Path:
    download(url, partial, what, on_progress)
    return partial


def _make(kept: Path, source: Path, what: str) -> None:
    """Writes what is needed of a file of torch's. Raises `OSError`, and `VGGWeightsError` where it is unreadable."""
    import torch
    from safetensors.torch import save

    try:
        state = torch.load(source, map_location="cpu", weights_only=True)
        # Rounded to 11 bits the weights change features less than the bfloat16 does in which GPUs compute them.
        needed = {key: value.half().contiguous() for key, value in state.items() if key.startswith("features.")}
        data = save(needed, {"source": source.name.removesuffix(".partial")})
    except Exception as error:  # a damaged file can fail anywhere in zipfile, pickle and torch
        raise VGGWeightsError(
            f"{what}, downloaded to {source}, cannot be read ({type(error).__name__}): "
            f"remove that file, and they are fetched again, or {REMEDY}"
        ) from error
    new = kept.with_suffix(".partial")
    try:
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # before it has its name: nothing looks at a kept file's hash again
        os.replace(new, kept)
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)


@contextlib.contextmanager
def _sentences(what: str, folder: Path) -> Iterator[None]:
    """Turns what the disk refuses into a `VGGWeightsError`."""
    try:
        yield
    except OSError as error:
        room = "make room there and run it again" if error.errno in _FULL else "make that folder writable"
        raise VGGWeightsError(
            f"{what} cannot be kept in {folder} ({error.strerror or error}): {room}, or {REMEDY}"
        ) from error


@contextlib.contextmanager
def _alone(lock: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Inside, no other process or thread is; `waiting` is called again and again until then. A lock dies with us."""
    with lock.open("ab") as file:
        while not _locked(file):
            waiting()
            time.sleep(PAUSE)
        yield


def _locked(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the other has it
        return False
    return True
