"""Which sound a session's recordings have: that of the file that is played, else what the microphone hears."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from stylecam.realtime.live.file_track import FileTrack
from stylecam.realtime.live.microphone import Microphone
from stylecam.realtime.live.sound_tracks import Seconds, SoundTrack
from stylecam.realtime.video.frame import FrameSource

__all__ = ["SessionSound"]


class SessionSound:
    """Follows the source. `say` gets a sentence for a loss."""

    def __init__(self, microphone: Microphone | None, say: Callable[[str], None]) -> None:
        self._microphone, self._say = microphone, say
        self._source: FrameSource | None = None
        self._problem: str | None = None  # once said; None again when it is over

    def follow(self, source: FrameSource) -> None:
        """Frames come from this source from now on."""
        self._source = source

    @property
    def heard(self) -> bool:
        """Whether recordings have what the microphone hears: then their pictures count at the times of the clock."""
        return self._microphone is not None and not self._own

    @property
    def level(self) -> float | None:
        """How loud it is, in dB below the loudest; None where no microphone is recorded."""
        return self._microphone.level if self._microphone is not None and self.heard else None

    @property
    def gone(self) -> bool:
        """Whether recordings are silent for want of the microphone."""
        return self.heard and self._problem is not None

    def track(self, origin: Callable[[], Seconds]) -> SoundTrack | None:
        """The sound of a recording that begins; `origin` tells the time at which its pictures have the time 0."""
        source = self._source
        if source is not None and source.sound is not None:
            return FileTrack(source.name, source.sound, origin)
        return None if self._microphone is None else self._microphone.track(cast("Callable[[], float]", origin))

    def check(self) -> None:
        """Says that the microphone was lost, once, where it would be recorded."""
        if self._microphone is None or not self.heard:
            return
        problem = self._microphone.problem
        if problem is not None and self._problem is None:
            self._say(problem)
        self._problem = problem

    @property
    def _own(self) -> bool:
        return self._source is not None and self._source.sound is not None
