"""Where everything in a frame was in the one before: optical flow, and how sure it is."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from stylecam.realtime.video.libraries import cv2

__all__ = ["Motion", "MotionSearch", "biweight", "largest_difference", "motion_between", "shrunk"]

PIXELS = 320 * 240  # of the small frames that the flow is computed on; smaller frames are taken as they are
# What moves as one in the refinement and over which the flow is smoothed, in pixels of half the small frame; over which
# differences are, in its own.
WINDOW, SMOOTH, NEAR = (5, 5), (3, 3), (5, 5)
GRADIENT_NOISE = 2.0  # (levels/px)^2, added to the refinement's matrix: what is flat stays where the search found it
SMALLEST = 16  # px a side, of frames in which motion can be looked for
LARGEST_STEP = 1.0  # px of the small frame that the refinement may add
STILL, MOVING = 0.15, 1.0  # px of the small frame: flow up to the first is noise, twice the second surely is motion
EVIDENCE = 0.5  # levels^2 of mean squared difference which flow in between must explain, and twice that to count fully
TOLERANCE = 30.0  # levels, mean difference of frame and moved last frame, at which it is another thing

_NO_MAP: Any = None  # of which the types of OpenCV do not know
_threads = threading.local()  # a search holds memory of its own, and is one thread's


@dataclass(frozen=True)
class Motion:
    """From one frame to the next. `flow`: where a pixel of the small frame was, less where it is, float32 `[h, w, 2]`.

    `known` is how surely that is the same thing, float32 `[h, w]`: 1, down to exactly 0 for what is uncovered or was
    outside. `moves` is what moves and what rests, float32 `[h/2, w/2]` from 1 to 0; where it rests the flow is 0.
    """

    flow: np.ndarray
    known: np.ndarray
    moves: np.ndarray
    _maps: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = field(default_factory=dict, repr=False)

    def prepare(self, height: int, width: int) -> None:
        """Does beforehand, in any thread, what `moved` will need for pictures of this size."""
        self._places(height, width)

    def moved(self, picture: np.ndarray) -> np.ndarray:
        """A picture of the frame before, uint8 `[H, W, 3]`, where its parts are now."""
        places, fractions = self._places(*picture.shape[:2])
        return np.asarray(cv2.remap(picture, places, fractions, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

    def _places(self, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        if (height, width) not in self._maps:
            scale: Any = (width / self.flow.shape[1], height / self.flow.shape[0], 0, 0)  # for each of the two values
            places = cv2.resize(cv2.multiply(self.flow, scale), (width, height))
            cv2.add(places, _grid(height, width), dst=places)
            self._maps[height, width] = cv2.convertMaps(places, _NO_MAP, cv2.CV_16SC2)
        return self._maps[height, width]


class MotionSearch:
    """Takes frames in turn, uint8 `[H, W, 3]`, and gives each one's motion from the last, None where there is none."""

    def __init__(self) -> None:
        self._before: np.ndarray | None = None

    def __call__(self, frame: np.ndarray) -> Motion | None:
        """The motion, prepared for pictures of the frame's size."""
        before, self._before = self._before, shrunk(frame)
        motion = None if before is None else motion_between(before, self._before)
        if motion is not None:
            motion.prepare(*frame.shape[:2])
        return motion


def shrunk(frame: np.ndarray) -> np.ndarray:
    """A frame, uint8 `[H, W, 3]`, as `motion_between` takes it: of `PIXELS` at most, in its shape."""
    height, width = frame.shape[:2]
    scale = max(1.0, (height * width / PIXELS) ** 0.5)
    size = max(1, round(width / scale)), max(1, round(height / scale))
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA) if scale > 1 else frame.copy()


def motion_between(before: np.ndarray, after: np.ndarray) -> Motion | None:
    """The motion from one small frame to the next, both uint8 `[h, w, 3]`; None where they differ in size or are tiny.

    The search of Kroeger et al. 2016 (DIS, arXiv:1603.03590) to half the small frame's size, and one step of Lucas and
    Kanade 1981 in every pixel. The same frames give the same motion, bit by bit, however many threads OpenCV uses.
    """
    if before.shape != after.shape or min(after.shape[:2]) < SMALLEST:
        return None
    greys = [cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) for picture in (before, after)]
    half = max(1, after.shape[1] // 2), max(1, after.shape[0] // 2)
    found = _search(after.shape).calc(greys[1], greys[0], _NO_MAP)
    flow = _refined(cv2.resize(found, half, interpolation=cv2.INTER_AREA), *greys)
    moves = _moving(flow, *(cv2.resize(grey, half, interpolation=cv2.INTER_AREA) for grey in greys))
    flow = cv2.resize(cv2.multiply(flow, cv2.merge([moves, moves])), after.shape[1::-1])
    return Motion(flow, _known(before, after, _grid(*after.shape[:2]) + flow), moves)


def biweight(difference: np.ndarray, tolerance: float) -> np.ndarray:
    """Weights from 1 for no difference to exactly 0 from the tolerance on (Beaton and Tukey 1974)."""
    return np.asarray(np.square(np.maximum(0, 1 - np.square(difference / np.float32(tolerance)))))


def largest_difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Of the three colours, float32 `[H, W]` levels; in a twentieth of the time of NumPy's maximum of the last axis."""
    blue, green, red = cv2.split(cv2.absdiff(first, second))
    return np.asarray(cv2.max(cv2.max(blue, green), red).astype(np.float32))


def _search(shape: tuple[int, ...]) -> cv2.DISOpticalFlow:
    """This thread's search for frames of this shape. One that met a very small frame searches otherwise ever after."""
    if getattr(_threads, "shape", None) != shape:
        _threads.shape, _threads.search = shape, cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        _threads.search.setFinestScale(1)  # half the small frame's size; the preset's 2 is a quarter, and finds less
        # Px, and steps a patch: the preset's 4 and 12 find hardly more in twice the time.
        _threads.search.setPatchStride(5)
        _threads.search.setGradientDescentIterations(6)
    search: cv2.DISOpticalFlow = _threads.search
    return search


def _refined(flow: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """`flow`, float32 `[h/2, w/2, 2]` px, after the step, which finds the fractions of a pixel; smoothed."""
    height, width = flow.shape[:2]
    moved = _sampled(before, cv2.resize(flow, after.shape[::-1]) + _grid(*after.shape))
    change = cv2.subtract(moved, after, dtype=cv2.CV_32F)
    middle = cv2.addWeighted(moved, 0.5, after, 0.5, 0, dtype=cv2.CV_32F)
    right, down = (cv2.Scharr(middle, -1, *axis, scale=1 / 32) for axis in ((1, 0), (0, 1)))
    pairs = (right, right), (down, down), (right, down), (right, change), (down, change)
    # Their means over the window are smooth: half the size tells them as well, in a quarter of the time.
    halves = (cv2.resize(cv2.multiply(*pair), (width, height), interpolation=cv2.INTER_AREA) for pair in pairs)
    xx, yy, xy, xt, yt = (np.asarray(cv2.blur(half, WINDOW)) for half in halves)
    xx, yy = xx + np.float32(GRADIENT_NOISE), yy + np.float32(GRADIENT_NOISE)
    inverse = 1 / (xx * yy - xy * xy)
    step = cv2.merge([(xy * yt - yy * xt) * inverse, (xy * xt - xx * yt) * inverse])
    return np.asarray(cv2.blur(flow + np.clip(step, -LARGEST_STEP, LARGEST_STEP), SMOOTH))


def _moving(flow: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """What moves and what rests, by flow and frames of one size: at rest, and on flat walls, flow is but noise.

    Without it the background would be interpolated by a little in each frame, and its strokes would swim.
    """
    length = np.asarray(cv2.magnitude(*cv2.split(flow)))
    moved = _sampled(before, _grid(*after.shape) + flow / 2)  # these frames have half the small frame's size
    changes = (cv2.subtract(picture, after, dtype=cv2.CV_32F) for picture in (before, moved))
    still, rest = (np.asarray(cv2.blur(cv2.multiply(change, change), WINDOW)) for change in changes)
    explains = np.clip((still - rest) / EVIDENCE - 1, 0, 1)
    return np.asarray(np.maximum(np.clip(length / STILL - 1, 0, 1) * explains, np.clip(length / MOVING - 1, 0, 1)))


def _known(before: np.ndarray, after: np.ndarray, places: np.ndarray) -> np.ndarray:
    height, width = places.shape[:2]
    sure = biweight(cv2.blur(largest_difference(_sampled(before, places), after), NEAR), TOLERANCE)
    inside = cv2.inRange(places, (-0.5, -0.5, 0, 0), (width - 0.5, height - 0.5, 0, 0))
    return np.asarray(cv2.copyTo(sure, inside))


def _sampled(picture: np.ndarray, places: np.ndarray) -> np.ndarray:
    """`picture` at places, float32 `[h, w, (x, y)]` px."""
    return np.asarray(cv2.remap(picture, places, _NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


@lru_cache(maxsize=4)
def _grid(height: int, width: int) -> np.ndarray:
    """The place of every pixel, float32 `[height, width, (x, y)]`; not to be written to."""
    grid = np.stack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)), axis=-1)
    grid.flags.writeable = False
    return grid
