"""Cameras on the network, through PyAV: HTTP MJPEG, RTSP and what else FFmpeg speaks."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from stylecam.models.errors import SourceError
from stylecam.realtime.sources.camera import Capture
from stylecam.realtime.video.colours import to_bgr
from stylecam.realtime.video.libraries import av
from stylecam.realtime.video.view import Turns

__all__ = ["OPTIONS", "SCHEMES", "HasEndError", "NetworkCamera", "failure_reason", "without_credentials"]

SCHEMES = ("http", "https", "rtsp", "rtsps", "rtmp", "udp", "rtp", "srt", "tcp")
# PyAV and not OpenCV: its timeouts hold for a server that stalls at any point, and it says what went wrong.
TIMEOUTS = (3.0, 1.5)  # seconds to open, to read
OPTIONS = {"rtsp_transport": "tcp"}  # over UDP a lost packet smears the picture until the next key frame


def without_credentials(url: str) -> str:
    """Return `url` as it may be shown: no user, no password, and no query, where many cameras take them."""
    scheme, _, rest = url.partition("://")
    # Behind the last @ of all: in a password, slashes and question marks may stand unescaped.
    address, question, _ = rest.rpartition("@")[2].partition("?")
    return f"{scheme}://{address}{question}{'…' if question else ''}"


class HasEndError(SourceError):
    """What was opened as a camera is a video file: it says how long it lasts, as no live stream does."""


class NetworkCapture:
    """An open stream. `ended` once it broke off: then only opening it again helps."""

    def __init__(self, url: str) -> None:
        """Raises av.FFmpegError or SourceError where `url` gives no video, HasEndError where it is that of a file."""
        self.ended = False
        self._container = av.open(url, timeout=TIMEOUTS, options=OPTIONS)
        if not self._container.streams.video:
            self.close()
            raise SourceError("it sends no pictures")
        if url.lower().startswith("http") and (self._container.duration or 0) > 0:
            self.close()
            raise HasEndError("it is a video file, not a camera")
        stream = self._container.streams.video[0]
        stream.thread_type = "SLICE"  # threads that work on several frames would delay each by as many
        # FFmpeg invents 25 for streams that do not tell, as MJPEG does not.
        self.fps: Fraction | None = None if "mjpeg" in self._container.format.name else stream.average_rate
        self._images = self._decode()

    def read(self) -> np.ndarray | None:
        """Return the next frame, or None once the stream has broken off."""
        image = next(self._images, None)
        self.ended = image is None
        return image

    def close(self) -> None:
        """Close the connection."""
        self._container.close()

    def _decode(self) -> Iterator[np.ndarray]:
        turns = Turns()
        try:
            for packet in self._container.demux(video=0):
                try:
                    frames = packet.decode()
                except av.InvalidDataError:  # One broken picture; the next one may be good.
                    continue
                for frame in frames:
                    yield to_bgr(frame, turns.of(frame))
        except av.FFmpegError:
            return


class NetworkCamera:
    """A camera behind a URL. Its credentials stay here: not in the name, not in messages."""

    mirrors = False  # it watches a door or a street, where letters must stay readable
    advice = "check that it is switched on and that the address is right"

    def __init__(self, url: str) -> None:
        self.name = without_credentials(url)
        self._url = url
        self._capture: NetworkCapture | None = None

    def open(self) -> Capture:
        """Connect. Raises SourceError, with the reason."""
        try:
            self._capture = NetworkCapture(self._url)
        except av.FFmpegError as error:
            # Not `from error`: FFmpeg's message quotes the whole URL, credentials and all.
            raise self._failed(failure_reason(error)) from None
        except HasEndError:
            raise
        except SourceError as error:
            raise self._failed(str(error)) from None
        return self._capture

    def present(self) -> bool:
        """Whether the connection holds."""
        return self._capture is not None and not self._capture.ended

    def _failed(self, reason: str) -> SourceError:
        return SourceError(f"{self.name} sends no video: {reason}; {self.advice}")


def failure_reason(error: av.FFmpegError, timeout: float = TIMEOUTS[0]) -> str:
    """What went wrong, in words that quote no URL."""
    if isinstance(error, av.error.ExitError):  # PyAV's own timeout
        return f"no answer within {timeout:g} s"
    if isinstance(error, av.InvalidDataError):
        return "it does not send video"
    return str(error.strerror)
