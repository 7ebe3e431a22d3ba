"""Video files on the network, and telling them from cameras."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from stylecam.models.errors import SourceError
from stylecam.realtime.sources.camera import CameraSource
from stylecam.realtime.sources.file_images import FileImages, TimedImage
from stylecam.realtime.sources.file_source import FileSource
from stylecam.realtime.sources.network_camera import (
    OPTIONS,
    HasEndError,
    NetworkCamera,
    failure_reason,
    without_credentials,
)
from stylecam.realtime.video.frame import FrameSource
from stylecam.realtime.video.libraries import av

__all__ = ["NetworkFile", "NetworkSource"]

TIMEOUTS = (10.0, 10.0)  # of a file nobody waits for the newest frame: a slow line is not yet a broken one


class NetworkFile(FileSource):
    """A video file behind a URL: every frame, in order, to its end."""

    def __init__(self, url: str) -> None:
        images = _NetworkImages(url)
        super().__init__(images.name, images=images)


class _NetworkImages(FileImages):
    def __init__(self, url: str) -> None:
        name = without_credentials(url)
        super().__init__(Path(name), name)
        self._url = url

    def open(self) -> Iterator[TimedImage]:
        try:
            return self._video()
        except av.FFmpegError as error:
            # Not `from error`: FFmpeg's message quotes the whole URL, credentials and all.
            raise SourceError(f"{self.name} sends no video: {failure_reason(error, TIMEOUTS[0])}") from None

    def _connect(self) -> av.container.InputContainer:
        return av.open(self._url, timeout=TIMEOUTS, options=OPTIONS)


class NetworkSource:
    """What is behind a URL: entering it opens it and gives the source, which is a camera's or a file's."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._source: FrameSource | None = None

    def __enter__(self) -> FrameSource:
        """Raises SourceError, with the reason."""
        try:
            self._source = CameraSource(NetworkCamera(self._url)).__enter__()
        except HasEndError:
            self._source = NetworkFile(self._url).__enter__()
        return self._source

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._source is not None:
            self._source.__exit__(kind, error, trace)
