"""What a source has to say to the user of a session, each thing once."""

from __future__ import annotations

from collections.abc import Callable

from stylecam.realtime.live.overlay import Overlay
from stylecam.realtime.video.frame import FrameSource

__all__ = ["SourceMessages"]

PROBLEM_SECONDS = 0.5  # for which it stands in the window; asked for again before


class SourceMessages:
    """Asks a source for its notes and its problem; tells them in the window, and what is new by `notify`."""

    def __init__(self, source: FrameSource, overlay: Overlay, notify: Callable[[str], None]) -> None:
        self._source, self._overlay, self._notify = source, overlay, notify
        self._noted = 0  # how many of the notes are said
        self._problem: str | None = None  # once said; None again with the next frame

    def say_notes(self) -> None:
        """What it shows in another way than it is."""
        notes = self._source.notes
        for note in notes[self._noted :]:
            self._overlay.say(note)
            self._notify(note)
        self._noted = len(notes)

    def say_problem(self) -> None:
        """It gave no frame: why, over the last picture for as long as this is asked."""
        problem = self._source.problem
        if problem:
            if problem != self._problem:
                self._notify(problem)
            self._problem = problem
            self._overlay.say(problem, seconds=PROBLEM_SECONDS, loss=True)

    def flows(self) -> None:
        """It gave a frame: a problem that comes after it is a new one."""
        self._problem = None
