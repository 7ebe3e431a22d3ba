"""The one place that imports OpenCV and PyAV.

The order matters: with `import av` first, `cv2.imshow` hangs for ever, because both wheels carry their own
copy of FFmpeg and of the X libraries. Every module of the package takes them from here.
"""

from __future__ import annotations

import os

# Read by OpenCV when it is loaded: how many seconds a grab waits for a V4L2 camera. Its 10 s would keep the
# capture thread from noticing that the camera has gone, and the program from ending.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")

os.environ.setdefault("SVT_LOG", "1")  # its AV1 encoder tells of every start; 1: errors only

import cv2  # isort: skip
import av  # isort: skip
from av.video.reformatter import Interpolation, VideoReformatter  # isort: skip

__all__ = ["Interpolation", "VideoReformatter", "av", "cv2"]

# Both libraries write about every hiccup to stderr. A failure is one sentence, and it is ours.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
# None and no level: with one, every error is first offered to Python, and closing a damaged file then waits for a
# decoder's thread that waits for Python's lock.
av.logging.set_level(None)
