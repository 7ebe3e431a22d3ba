"""How files are to be converted, and what became of each."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stylecam.models.errors import StylecamError
from stylecam.realtime.convert.cut import Cut
from stylecam.realtime.convert.jobs import Job
from stylecam.realtime.video.encoding import Encoding, codec_for, transparent

__all__ = ["ConvertOptions", "Outcome", "failed"]


@dataclass(frozen=True)
class ConvertOptions:
    """How files are converted. What is None is left to the file's kind."""

    codec: str | None = None
    crf: int | None = None
    preset: str | None = None
    quality: int | None = None  # of JPEG, WebP, AVIF and HEIC
    cut: Cut = field(default_factory=Cut)
    audio: bool = True
    reencode: bool = True
    discard: bool = False  # what was unfinished, and what this run leaves so
    keep_partial: bool = False
    overwrite: bool = False
    at_once: int = 1

    def encoding(self, target: Path) -> Encoding:
        """The video encoder for a file. Raises `OptionsError`."""
        return transparent(Encoding(self.codec or codec_for(target.suffix), self.crf, self.preset), target.suffix)


@dataclass(frozen=True)
class Outcome:
    """What became of one job. `exit_code` is 0 for a whole result, 3 for a partial one, else that of its failure."""

    source: Path
    outputs: tuple[Path, ...]
    exit_code: int = 0
    problem: str | None = None
    frames: int = 1
    resumed_frames: int = 0
    kept_frames: int = 0
    damaged: int = 0
    seconds: float = 0.0
    left_out: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    error: Exception | None = field(default=None, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        values = {k: v for k, v in asdict(self).items() if k != "error"}
        rate = round((self.frames - self.resumed_frames) / self.seconds, 2) if self.seconds > 0 else None
        outputs = [str(path) for path in self.outputs]
        return {
            **values,
            "source": str(self.source),
            "outputs": outputs,
            "seconds": round(self.seconds, 3),
            "fps": rate,
        }


def failed(job: Job, error: StylecamError) -> Outcome:
    """That of a job which made nothing."""
    return Outcome(job.source, (), error.exit_code, str(error), frames=0, error=error)
