"""What of a film is not in the new files, or in another way: a sentence for each, as it is said to the user."""

from __future__ import annotations

from collections.abc import Iterable

from stylecam.realtime.convert.stream_fates import Fate
from stylecam.realtime.convert.video_job import VideoJob
from stylecam.realtime.convert.video_reader import VideoReader

__all__ = ["differences"]


def differences(job: VideoJob, reader: VideoReader, fates: Iterable[Fate]) -> tuple[list[str], list[str]]:
    """(what was left out, what was changed) of the film that `reader` has read, each thing once."""
    left_out: list[str] = []
    changed = list(reader.notes)
    for fate in (fate for fate in fates if fate.sentence):
        (changed if fate.how == "encoded" else left_out).append(fate.sentence)
    for encoding, target in zip(job.encodings, job.targets, strict=True):
        suffix = target.suffix.lower()
        left_out += reader.marks.lost(suffix)
        if reader.transparent and not encoding.alpha:
            what = f"{encoding.encoder} in a {suffix} file cannot hold it; vp9 in .webm can"
            changed.append(f"transparent parts were put on white: {what}")
    return list(dict.fromkeys(left_out)), list(dict.fromkeys(changed))
