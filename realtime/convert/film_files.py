"""The files of a video's job: tried before there are pictures, put together of the segments, and named last."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from stylecam.models.errors import RecordError
from stylecam.realtime.convert.assembly import Assembly, assemble, try_out
from stylecam.realtime.convert.cut import Cut
from stylecam.realtime.convert.differences import differences
from stylecam.realtime.convert.segments import Segment
from stylecam.realtime.convert.stream_fates import Fate, fates
from stylecam.realtime.convert.video_job import VideoJob
from stylecam.realtime.convert.video_reader import VideoReader

__all__ = ["FilmFiles", "check_free"]


class FilmFiles:
    """What becomes of the original's streams in each file, found out when it is made.

    folders: one for each file, beside it. segments: for each file those that are finished by the time of `finish`.
    Raises `RecordError` for a file that would not come into being.
    """

    def __init__(
        self, job: VideoJob, reader: VideoReader, folders: Sequence[Path], segments: list[list[Segment]]
    ) -> None:
        self._job, self._reader, self._folders, self._segments = job, reader, folders, segments
        self._fates: dict[str, list[Fate]] = {}  # by the suffix of the file
        for number, target in enumerate(job.targets):
            suffix = target.suffix.lower()
            if suffix not in self._fates:
                self._fates[suffix] = fates(job.source, suffix, job.audio, job.reencode, _is_cut(job.cut))
                try_out(self._parts(number, None), suffix)

    def finish(self, stop: Fraction | None) -> None:
        """Gives the files their names; they end at `stop`, in seconds, or with the original.

        Raises `RecordError` where another file has that name by now, or one read back is not what was written.
        """
        targets = self._job.targets
        whole = [folder / f"whole{target.suffix}" for folder, target in zip(self._folders, targets, strict=True)]
        for number, file in enumerate(whole):
            assemble(self._parts(number, stop), file)
        for target in targets:
            check_free(target, self._job.overwrite)
        # All at once: a conversion that is stopped in between would find its own file in its way.
        for file, target in zip(whole, targets, strict=True):
            file.replace(target)

    def differences(self) -> tuple[list[str], list[str]]:
        """(what was left out, what was changed): a sentence for each thing that is not as it was."""
        found = [fate for fates_ in self._fates.values() for fate in fates_]
        return differences(self._job, self._reader, found)

    def _parts(self, number: int, stop: Fraction | None) -> Assembly:
        job, reader, suffix = self._job, self._reader, self._job.targets[number].suffix.lower()
        return Assembly(
            job.source, self._segments[number], reader.format, job.encodings[number], reader.shift, stop,
            bool(job.cut.start), self._fates[suffix], reader.marks.within(suffix),
        )  # fmt: skip


def _is_cut(cut: Cut) -> bool:
    return bool(cut.start) or cut.end is not None


def check_free(target: Path, overwrite: bool) -> None:
    """Raises `RecordError` for a file that came into being while its conversion was at work."""
    if target.exists() and not overwrite:
        raise RecordError(
            f"{target} was created by another program meanwhile and is not replaced; --overwrite replaces it"
        )
