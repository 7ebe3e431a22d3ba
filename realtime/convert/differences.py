"""What of a film is not in the new files, or in another way: a sentence for each, as it is said to the user."""

from __future__ import annotations

from collections.abc import Iterable

from stylecam.realtime.convert.stream_fates import Fate
from stylecam.realtime.convert.video_job import VideoJob
from stylecam.realtime.convert.video_reader import VideoReader
from stylecam.realtime.video.encoding import Encoding

__all__ = ["differences"]

# Their pictures do not say their pixels' shape themselves, and PyAV gives it to no header of Matroska.
NO_ASPECT = {"libvpx-vp9", "libvpx", "libsvtav1", "libaom-av1", "librav1e", "ffv1"}
MATROSKA = (".mkv", ".webm")


def differences(job: VideoJob, reader: VideoReader, fates: Iterable[Fate]) -> tuple[list[str], list[str]]:
    """(what was left out, what was changed) of the film that `reader` has read, each thing once."""
    left_out: list[str] = []
    changed = list(reader.notes)
    for fate in (fate for fate in fates if fate.sentence):
        (changed if fate.how == "encoded" else left_out).append(fate.sentence)
    for encoding, target in zip(job.encodings, job.targets, strict=True):
        suffix = target.suffix.lower()
        left_out += reader.marks.lost(suffix) + _aspect_lost(reader, encoding, suffix)
        if reader.transparent and not encoding.alpha:
            what = f"{encoding.encoder} in a {suffix} file cannot hold it; vp9 in .webm can"
            changed.append(f"what is transparent was laid over white: {what}")
    return list(dict.fromkeys(left_out)), list(dict.fromkeys(changed))


def _aspect_lost(reader: VideoReader, encoding: Encoding, suffix: str) -> list[str]:
    video = reader.format
    if video.aspect == 1 or encoding.encoder not in NO_ASPECT or suffix not in MATROSKA:
        return []
    shape = f"{video.aspect.numerator}:{video.aspect.denominator}"
    square = f"--size {round(video.width * video.aspect)}x{video.height}"
    return [f"the pixels' shape, {shape}, was left out: a {suffix} file of {encoding.encoder} lacks it; take {square}"]
