"""swscale by a context that stays: PyAV's own `frame.reformat` makes one, and its threads, for every frame."""

from __future__ import annotations

import threading
from typing import Any

from stylecam.realtime.video.libraries import Interpolation, VideoReformatter, av

__all__ = ["reformat"]

# Otherwise swscale rounds chroma down to the next level, and everything turns a little green.
EXACT = int(Interpolation.BILINEAR | Interpolation.ACCURATE_RND)
_mine = threading.local()  # a context may not be used by two threads at once


def reformat(frame: av.VideoFrame, pix_fmt: str, **wanted: Any) -> av.VideoFrame:
    """`frame` in `pix_fmt`, chroma rounded exactly; `wanted`: more arguments of PyAV's `VideoReformatter.reformat`."""
    contexts: dict[str, VideoReformatter] = _mine.__dict__
    if pix_fmt not in contexts:  # one for each format: other arguments than last time's make swscale start anew
        contexts[pix_fmt] = VideoReformatter()
    return contexts[pix_fmt].reformat(frame, format=pix_fmt, interpolation=EXACT, **wanted)
