"""What is to become of a video, what became of it, and whether two such jobs are the same."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stylecam.realtime.convert import segments
from stylecam.realtime.convert.cut import Cut
from stylecam.realtime.convert.video_reader import VideoReader
from stylecam.realtime.painting.repainter import Repainter
from stylecam.realtime.video.encoding import Encoding

__all__ = ["VideoJob", "VideoProgress", "VideoResult", "beginning", "fingerprint", "kept"]


@dataclass(frozen=True)
class VideoJob:
    """A video, and for each style of the repainter the file to write, with how it is encoded."""

    source: Path
    targets: Sequence[Path]
    encodings: Sequence[Encoding]
    cut: Cut = field(default_factory=Cut)
    audio: bool = True
    reencode: bool = True  # sound that the file cannot hold
    discard: bool = False  # the segments of a conversion that broke off, and one's own where this one does
    keep_partial: bool = False  # when stopped, finish the files with what there is
    overwrite: bool = False


@dataclass(frozen=True)
class VideoProgress:
    """`frames` done of about `expected` (0: unknown), `painted` of them now and not before a break.

    `note` is a sentence about how it begins, for the user to know at once; it comes once at most.
    """

    frames: int
    expected: int
    painted: int
    bytes: int
    note: str | None = None


@dataclass
class VideoResult:
    """What became of a job. `problem`: one sentence where the original was damaged or the job was stopped.

    `kept_frames`: what a stopped one left behind for the next one to go on from.
    `left_out` and `changed`: a sentence for each thing that the files lack, or hold in another way than the original.
    """

    frames: int = 0
    resumed_frames: int = 0
    damaged: int = 0
    seconds: float = 0.0
    stopped: bool = False
    kept_frames: int = 0
    problem: str | None = None
    left_out: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


def fingerprint(job: VideoJob, reader: VideoReader, repainter: Repainter) -> str:
    """What a segment depends on: a conversion goes on only where all of it is the same."""
    status = job.source.stat()
    values: dict[str, Any] = {
        "stylecam": importlib.metadata.version("stylecam"),
        "source": [str(job.source.resolve()), status.st_size, status.st_mtime_ns],
        "styles": [stylizer.style.sha256 for stylizer in repainter.stylizers],
        "providers": [stylizer.provider for stylizer in repainter.stylizers],  # whose last bits differ
        "look": repainter.look.to_dict(),
        "video": reader.format.to_dict(),
        "encodings": [asdict(encoding) for encoding in job.encodings],
        "cut": {k: str(v) for k, v in asdict(job.cut).items()},
    }
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def beginning(job: VideoJob, resumed: int, other: bool) -> str | None:
    """What is said of a job that goes on after `resumed` pictures, or finds what is `other`'s; None of a new one."""
    if resumed:
        return f"{job.targets[0]} continues after {resumed} frames"
    if other and not job.discard:
        return f"{job.targets[0]} starts from the beginning: the unfinished part has another input or other settings"
    return None


def kept(job: VideoJob, frames: int) -> str:
    """How the sentence about a stopped job ends, of which so many pictures are kept."""
    if frames:
        return f"{frames} of them kept"
    few = "" if job.discard else f" (the first part has {segments.SEGMENT_FRAMES} frames)"
    return f"none of them kept{few}"
