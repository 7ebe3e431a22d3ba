"""A small film to read, and how to read frames from any source."""

import time
from fractions import Fraction

import numpy as np

from stylecam.realtime.video.frame import EndOfSource
from stylecam.realtime.video.libraries import av

SIZE = (96, 64)


def write_video(path, frames=20, fps=Fraction(25), size=SIZE, audio=False, video=True, codec="libx264"):
    with av.open(str(path), "w") as container:
        if video:
            stream = container.add_stream(codec, rate=fps)
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        if audio:
            sound = container.add_stream("aac", rate=48000)
            silence = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
            silence.sample_rate = 48000
            container.mux(sound.encode(silence))
            container.mux(sound.encode(None))
        for n in range(frames if video else 0):
            picture = np.full((size[1], size[0], 3), 4 * n + 20, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "bgr24")))
        if video:
            container.mux(stream.encode(None))
    return path


def read_frames(source, limit=8, seconds=20):
    deadline = time.monotonic() + seconds
    found = []
    while len(found) < limit and time.monotonic() < deadline:
        try:
            frame = source.read(timeout=0.2)
        except EndOfSource:
            break
        if frame is not None:
            found.append(frame)
    return found
