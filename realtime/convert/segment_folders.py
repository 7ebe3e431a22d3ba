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

__all__ = ["SegmentFolders"]


class SegmentFolders:
    """A context manager over one folder beside each target, removed at the end.

    With `resume` they stay unless the conversion sets `finished`, to be gone on from. While it is open no other
    conversion can have them. Raises `RecordError` when another one has, `OSError` when they cannot be made.
    """

    def __init__(self, targets: Sequence[Path], resume: bool) -> None:
        self.folders = [partial_path(target) for target in targets]
        self.finished = False
        self._resume = resume
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
        if self.finished or not self._resume:
            for folder in self.folders:
                shutil.rmtree(folder, ignore_errors=True)
        self._unlock()
        if self.finished or not self._resume:  # what is open cannot be removed everywhere
            for folder in self.folders:
                shutil.rmtree(folder, ignore_errors=True)

    def begin(self, fingerprint: str) -> list[list[Segment]]:
        """The finished segments to go on from, the same number for each target; others are removed.

        They must be of a conversion with this `fingerprint`, and the conversion be a resumed one.
        """
        found: list[list[Segment]] = []
        for folder in self.folders:
            plan = folder / "plan.json"
            if not (self._resume and plan.is_file() and plan.read_text("utf-8") == fingerprint):
                for path in folder.iterdir():
                    if path.name != "lock":
                        path.unlink()
                plan.write_text(fingerprint, "utf-8")
            found.append(finished_segments(folder))
        common = min(map(len, found))
        # The last one may be shorter than the others: it was the video's end, and is made again.
        while common and any(track[common - 1].frames != segments.SEGMENT_FRAMES for track in found):
            common -= 1
        return [track[:common] for track in found]

    def _unlock(self) -> None:
        for lock in self._locks:
            lock.close()
        self._locks.clear()


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
