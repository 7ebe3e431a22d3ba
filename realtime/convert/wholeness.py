"""That a file which is written holds what it should, and why not."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from stylecam.models.errors import RecordError
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.video_input import is_cover

__all__ = ["WholeFile", "check_whole"]


class WholeFile(io.FileIO):
    """A file for FFmpeg to write into, which is silent about a disk that is full: leaving it raises that `OSError`.

    It has no buffer, because FFmpeg reads an MP4 again to move its index to the front.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path.absolute(), "wb")
        self._failure: OSError | None = None

    def write(self, data: Any) -> int:
        """All of it, or `OSError`; the system may take a part and say no more."""
        view = memoryview(data)
        try:
            while view:
                view = view[super().write(view) :]
        except OSError as error:
            self._failure = self._failure or error
            raise
        return len(data)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if self._failure is not None:
            raise self._failure from None


def check_whole(target: Path, name: str, others: Sequence[str], pictures: int) -> None:
    """Raises `RecordError` where the video `target`, made of `name`, read again, lacks a picture or a stream.

    `others` are the kinds of the streams beside the painted one. They may lie in another order, and in other packets,
    than they were given to the muxer.
    """
    with av.open(f"file:{target}") as file:
        film = next((stream for stream in file.streams.video if not is_cover(stream)), None)
        found = Counter("cover" if is_cover(stream) else stream.type for stream in file.streams)
        count = sum(bool(packet.size) for packet in file.demux(film)) if film is not None else 0
    wanted = Counter(others)
    wanted["video"] += 1
    lacks = [f"{number} of {kind}" for kind, number in (wanted - found).items()]
    if count < pictures:
        lacks.append(f"{pictures - count} of its pictures")
    if lacks:
        other = ".mp4" if target.suffix == ".mkv" else ".mkv"
        raise RecordError(
            f"the {target.suffix} file made of {name} is incomplete, it lacks {', '.join(lacks)}: try {other}"
        )
