"""Ctrl-C in the middle of a conversion."""

import signal

from stylecam.realtime.convert import video_conversion

__all__ = ["interrupted_after"]


def interrupted_after(monkeypatch, frames, times=1):
    """Ctrl-C when so many pictures are done, or two of them."""
    before = video_conversion._Conversion._add

    def add(self, picture, painted):
        before(self, picture, painted)
        if self.result.frames == frames:
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(video_conversion._Conversion, "_add", add)
