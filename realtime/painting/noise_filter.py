"""What holds still in a camera's frames is painted the same again: a temporal filter of the sensor's noise.

A style makes strokes of whatever it is given, so that noise which nobody saw becomes flicker. What a camera shows is
mostly at rest, and the mean over some frames of what is at rest has little noise left.
"""

from __future__ import annotations

import numpy as np

from stylecam.realtime.video.libraries import cv2

__all__ = ["NoiseFilter"]

SHARE = 0.15  # of each new frame in the mean, where nothing moves: that of some seven frames
BLOCK = 8  # px, side of the blocks that move or rest as one; each has four cells, whose means noise hardly changes
MOVES = 3.0  # times the noise: a larger difference is motion, a smaller one may be the noise of a JPEG
# Grey levels of noise in the cells, a sixth of a pixel's standard deviation: below the first nobody sees a difference,
# the second is believed of a first pair of frames, and with more than the last nothing could be told from it.
SMALLEST, USUAL, LARGEST = 0.4, 1.5, 2.5
DEAD = 0.05  # grey levels: less is a black bar, light beyond white, or a frame that was sent twice
QUIET = 0.25  # share of the other blocks that is taken for what rests
# How fast the estimate changes, a frame: down, up, and up to more than twice as much, which is rather a pan than noise.
FALL, RISE, SUSPECT_RISE = 0.95, 1.02, 1.005


class NoiseFilter:
    """Takes a camera's frames in turn, uint8 `[H, W, 3]`, and gives each without the noise of what holds still.

    A recursive mean over time, which starts anew wherever the frame differs from it by more than noise does (the
    motion adaptive filter of Dubois and Sabri 1984, "Noise Reduction in Image Sequences Using Motion-Compensated
    Temporal Filtering", without the compensation). The noise is what the quietest blocks differ by from one frame to
    the next. What moves is passed on as it is. A frame of another size starts everything anew.
    """

    def __init__(self) -> None:
        self._mean = self._frame = np.empty((0, 0, 3), np.float32)
        self._shown = np.empty((0, 0, 3), np.uint8)  # the mean in whole levels, as it was returned last
        self._cells = self._mean_cells = self._mean  # of the frame before, and of the mean
        self._noise: float | None = None

    def __call__(self, frame: np.ndarray) -> np.ndarray:
        """The frame, filtered. The argument is left alone; the result is to be, and is good until the next call."""
        half = _halved(frame)
        cells = _cells(half)
        if self._mean.shape != frame.shape:
            self._mean, self._shown, self._noise = frame.astype(np.float32, order="C"), frame.copy(), None
            self._frame = np.empty_like(self._mean)  # room for a frame, which is asked for once
            self._cells = self._mean_cells = cells
            return self._shown
        self._measure(cells)
        moving = self._moving(half, cells)
        cv2.accumulateWeighted(frame, self._mean, SHARE)
        if moving is not None:  # in two steps, which take half the time of accumulating with a mask
            np.copyto(self._frame, frame)
            cv2.copyTo(self._frame, moving, self._mean)
        cv2.convertScaleAbs(self._mean, self._shown)
        return self._shown

    def _measure(self, cells: np.ndarray) -> None:
        """Follows the noise, by what a frame differs from the one before. A pan differs too, but it comes at once."""
        steps = _blocks(cells, self._cells, cells.shape) / np.sqrt(2)  # two frames have noise
        self._cells = cells
        alive = steps[steps > DEAD]
        if alive.size < steps.size / 16:
            return
        quiet = float(np.quantile(alive, QUIET))
        if self._noise is None:
            self._noise = min(quiet, USUAL)
        rise = RISE if quiet < 2 * self._noise else SUSPECT_RISE
        self._noise = float(np.clip(quiet, FALL * self._noise, rise * self._noise))
        self._noise = min(max(SMALLEST, self._noise), LARGEST)

    def _moving(self, half: np.ndarray, cells: np.ndarray) -> np.ndarray | None:
        """255 where the frame differs by more than noise, and a block around it; uint8 `[H, W]`, None for nowhere."""
        noise = self._noise or SMALLEST
        # A line that moves within its cell leaves the mean as it is. Of 2x2 px white noise has twice that of a cell.
        fine = _blocks(half, _halved(self._shown), cells.shape)
        far = (_blocks(cells, self._mean_cells, cells.shape) > MOVES * noise) | (fine > 2 * MOVES * noise)
        self._mean_cells = self._mean_cells + SHARE * (cells - self._mean_cells)
        if not far.any():
            return None
        moving = cv2.dilate(far.astype(np.uint8) * 255, np.ones((3, 3), np.uint8))
        cv2.copyTo(cells, _enlarged(moving, *cells.shape[:2]), self._mean_cells)
        return _enlarged(moving, *self._mean.shape[:2])


def _halved(frame: np.ndarray) -> np.ndarray:
    """At half the size, of which OpenCV makes the means in a third of the time that others take."""
    height, width = frame.shape[:2]
    return cv2.resize(frame, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)


def _cells(half: np.ndarray) -> np.ndarray:
    """Means of a quarter of a block each, float32 `[2 rows, 2 columns, 3]` of blocks."""
    down, across = (max(1, 2 * side // BLOCK) for side in half.shape[:2])
    return cv2.resize(half.astype(np.float32), (2 * across, 2 * down), interpolation=cv2.INTER_AREA)


def _blocks(picture: np.ndarray, other: np.ndarray, cells: tuple[int, ...]) -> np.ndarray:
    """The mean absolute difference in each block, float32 `[rows, columns]`; `cells` is the shape of all cells."""
    rows, columns = cells[0] // 2, cells[1] // 2
    difference = cv2.resize(cv2.absdiff(picture, other), (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(difference.astype(np.float32).reshape(rows, columns, 3).mean(-1))


def _enlarged(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """A mask of blocks at a larger size, each pixel as the block that it is in."""
    rows, columns = np.arange(height) * mask.shape[0] // height, np.arange(width) * mask.shape[1] // width
    return np.ascontiguousarray(mask[:, columns][rows])
