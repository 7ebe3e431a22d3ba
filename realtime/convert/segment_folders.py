"""The hidden folders in which a conversion's segments are until its files are complete."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from stylecam.models.errors import RecordError
from stylecam.realtime.common.targets import partial_path
from stylecam.realtime.convert import segments
from stylecam.realtime.convert.segments import Segment, finished_segments

__all__ = ["SegmentFolders", "has_finished_segments"]


class SegmentFolders:
    """A context manager over one folder beside each target, removed at the end.

    With `keep` they stay, to be gone on from, where they hold finished segments and the conversion has not set
    `finished`, nor failed by what its segments are (`RecordError`). While it is open no other conversion can have
    them. Raises `RecordError` when another one has, `OSError` when they cannot be made.

    kept: how many pictures of each target were left behind. other: whether `begin` has removed finished segments.
    """

    def __init__(self, targets: Sequence[Path], keep: bool = True) -> None:
        self.folders = [partial_path(target) for target in targets]
        self.finished = self.other = False
        self.kept = 0
        self._keep = keep
        self._locks: list[IO[bytes]] = []

    def __enter__(self) -> Self:
        try:
            for folder in self.folders:
                if folder.is_file():  # what a recording that was killed left
                    folder.unlink()
                folder.mkdir(exist_ok=True)
                self._locks.append((folder / "lock").open("wb"))
                _lock(self._locks[-1], folder)
        except BaseException:
            self._unlock()  # the folders may be another's
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._keep and not self.finished and not isinstance(error, RecordError):
            self.kept = min(sum(segment.frames for segment in track) for track in self._whole())
        if not self.kept:
            self._remove()
        self._unlock()
        if not self.kept:  # what is open cannot be removed everywhere
            self._remove()

    def begin(self, fingerprint: str) -> list[list[Segment]]:
        """The finished segments to go on from, the same number for each target; others are removed.

        They must be of a conversion with this `fingerprint`, and the conversion one that keeps them.
        """
        for folder in self.folders:
            plan = folder / "plan.json"
            if not (self._keep and plan.is_file() and plan.read_text("utf-8") == fingerprint):
                self.other = self.other or bool(finished_segments(folder))
                for path in folder.iterdir():
                    if path.name != "lock":
                        path.unlink()
                plan.write_text(fingerprint, "utf-8")
        return self._whole()

    def _whole(self) -> list[list[Segment]]:
        found = [finished_segments(folder) for folder in self.folders]
        common = min(map(len, found))
        # The last one may be shorter than the others: it was the video's end, and is made again.
        while common and any(track[common - 1].frames != segments.SEGMENT_FRAMES for track in found):
            common -= 1
        return [track[:common] for track in found]

    def _remove(self) -> None:
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)

    def _unlock(self) -> None:
        for lock in self._locks:
            lock.close()
        self._locks.clear()


def has_finished_segments(targets: Sequence[Path]) -> bool:
    """Whether a conversion into these files has left something to go on from."""
    return all(finished_segments(partial_path(target)) for target in targets)


def _lock(file: IO[bytes], folder: Path) -> None:
    """Held until the file is closed, which a process that is killed does too."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise RecordError(f"another conversion is writing into {folder}; wait for it, or give another -o") from None
