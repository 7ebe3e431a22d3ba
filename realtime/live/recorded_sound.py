"""The stream of sound in a recording."""

from __future__ import annotations

from typing import Any

from stylecam.realtime.live.sound_tracks import Seconds, SoundTrack
from stylecam.realtime.video.sound_encoding import SampleEncoder

__all__ = ["RecordedSound"]


class RecordedSound:
    """Adds a stream to `out`, before anything is written, for the sound of `track` from the time `first` on.

    Times are those after the first picture, in seconds. Raises `SourceError` where there is no sound.
    """

    def __init__(self, track: SoundTrack, out: Any, first: Seconds) -> None:
        track.begin(first)
        self._track, self._first = track, first
        self._encoder = SampleEncoder(out, track.rate, track.layout)

    def packets(self, until: Seconds | None) -> list[Any]:
        """What is known of the sound up to that time, encoded; None: all that is known."""
        return self._encoder.encode(self._track.take(None if until is None else self._first + until))

    def finish(self, until: Seconds) -> list[Any]:
        """The rest of it."""
        return [*self.packets(until), *self._encoder.finish()]
