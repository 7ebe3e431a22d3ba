"""What stands beside a film's pixels: bars to be cut off, a projection all round, pictures for two eyes.

PyAV does not show it, but FFmpeg writes it into the header of a Matroska track, whatever container it came from, and
reads it from there. So such a header, of a track without pictures, is what it is read from and handed on by.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from stylecam.realtime.video import ebml
from stylecam.realtime.video.libraries import av

__all__ = ["Marks", "marked", "read_marks", "with_frame"]

HOLD_STEREO = {".mkv", ".webm", ".mp4", ".m4v"}  # of MOV, Apple's way says no more than that there are two
TELL = {"matroska", "mov"}  # the containers that know of such
_SEGMENT, _TRACKS, _TRACK = bytes.fromhex("18538067"), bytes.fromhex("1654ae6b"), b"\xae"
_VIDEO = (_SEGMENT, _TRACKS, _TRACK, b"\xe0")
_NO_PICTURES = bytes.fromhex("1f43b675 83 e78100")  # a cluster without any, which a file is to have
_PROJECTION_TYPE, _FLAT = b"\x76\x71", 0
_STEREO, _PROJECTION = b"\x53\xb8", b"\x76\x70"
_CROPS = (b"\x54\xcc", b"\x54\xbb", b"\x54\xdd", b"\x54\xaa")  # left, top, right, bottom


@dataclass(frozen=True)
class Marks:
    """crop: pixels to be cut off left, above, right and below, of the picture as it is stored.

    stereo, projection: the contents of Matroska's elements; empty: an ordinary picture. vague: there are pictures for
    two eyes, as Apple's way says, and not how they lie.
    """

    crop: tuple[int, int, int, int] = (0, 0, 0, 0)
    stereo: bytes = b""
    projection: bytes = b""
    vague: bool = False

    @property
    def elements(self) -> bytes:
        """What a painting's track says: it has no bars any more."""
        marks = ((_STEREO, self.stereo), (_PROJECTION, self.projection))
        return b"".join(ebml.element(name, content) for name, content in marks if content)

    def within(self, suffix: str) -> Marks:
        """What of them a file of this suffix can hold."""
        return self if suffix in HOLD_STEREO else replace(self, stereo=b"")

    def lost(self, suffix: str) -> list[str]:
        """A sentence for each mark that a file of this suffix cannot hold."""
        if self.vague:
            return ["the 3D (stereo) mark was left out: it does not say how the two pictures are arranged"]
        if self.within(suffix) == self:
            return []
        return [f"the 3D (stereo) mark was left out: a {suffix} file cannot hold it; .mkv can hold it"]


def with_frame(marks: Marks, frame: av.VideoFrame) -> Marks:
    """The same, with what only the film's first frame says."""
    side_data = cast("Iterable[Any]", frame.side_data)
    kinds = [int.from_bytes(bytes(data)[:4], "little") for data in side_data if data.type.name == "STEREO3D"]
    return replace(marks, vague=any(kinds) and not marks.stereo)


def read_marks(stream: Any) -> Marks:
    """The marks of a video stream that was opened for reading."""
    if stream.codec_context is None or TELL.isdisjoint(stream.container.format.name.split(",")):
        return Marks()
    try:
        header = _header(stream)
    except (av.FFmpegError, ValueError):  # a codec without a name in Matroska
        return Marks()
    video = ebml.inner(header, *_VIDEO)
    left, top, right, bottom = (ebml.number(ebml.inner(video, name)) for name in _CROPS)
    projection = ebml.inner(video, _PROJECTION)
    if ebml.number(ebml.inner(projection, _PROJECTION_TYPE)) == _FLAT:  # a phone's rotation, which is applied
        projection = b""
    return Marks((left, top, right, bottom), ebml.inner(video, _STEREO), projection)


def marked(stream: Any, marks: Marks) -> Any:
    """A container, to be closed, whose only stream is a template: as `stream`, but with marks.

    `stream` is one of a container whose header is written.
    """
    header = ebml.replaced(_header(stream), _VIDEO, marks.elements)
    header = ebml.replaced(header, (_SEGMENT,), _NO_PICTURES)
    return av.open(io.BytesIO(header), format="matroska")


def _header(stream: Any) -> bytes:
    buffer = io.BytesIO()
    # Live: without an index, whose places would be wrong once the header is longer.
    with av.open(buffer, "w", format="matroska", options={"live": "1", "fflags": "+bitexact"}) as out:
        out.add_stream_from_template(stream, opaque=True)
        out.start_encoding()
    return buffer.getvalue()
