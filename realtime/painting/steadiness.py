"""Steadiness: strokes that stay where the picture stays, for any style that paints frame by frame.

What was shown last is moved along the optical flow of the frames and mixed with the new painting: the short-term
consistency of Ruder et al. 2016, "Artistic Style Transfer for Videos" (arXiv:1604.08610), but after the network, so
that no style needs training for it. A mean over time is soft, though: where paintings disagree it loses contrast, and
every warp loses some more. So the detail is amplified until it is as strong as in the new painting, as Heitz and
Neyret 2018 preserve the variance of what they blend ("High-Performance By-Example Noise using a Histogram-Preserving
Blending Operator").
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stylecam.realtime.painting.motion import Motion, MotionSearch, biweight, largest_difference
from stylecam.realtime.video.libraries import cv2

__all__ = ["Steadiness", "steadied_film"]

MOST, BEND = 0.98, 1.3  # share of the old where all is known: 1 - (1 - amount)^1.3, thus 0.95 at 0.9, and at most this
DRIFT = 8  # px, side of the cells whose mean colour in the old and the new painting is compared, over 3x3 cells
DRIFT_TOLERANCE = 60.0  # levels, difference of those means at which nothing of the old is kept
CUT = 0.2  # share of the frame that must be known from the last one; less is a cut or a flash
# Strength of the detail that is aimed at, over the new painting's: what rests need not be interpolated and loses only
# noise; what moves loses some with every warp, and comes out below the aim.
DETAIL_AT_REST, DETAIL_IN_MOTION = 0.85, 1.17
LARGEST_GAIN = 2.5  # of the detail in one frame
CELL = 4  # px, side of the cells in which the strength of the detail is measured, over 5x5 cells
FAINT = 1.0  # levels of detail that are as good as none: flat walls are not sharpened


class Steadiness:
    """Steadies the paintings of successive frames, by `amount`: 0 returns each as it is, 1 keeps the most of the last.

    The amount may be set between frames. After a cut, `reset` or a frame of another size a painting is returned
    unchanged. The same paintings and motions give the same result, bit by bit.
    """

    def __init__(self, amount: float) -> None:
        self.amount = amount
        self._shown: np.ndarray | None = None  # what was returned last; never written to again

    def reset(self) -> None:
        """Forgets the last painting: the next one is returned as it is."""
        self._shown = None

    def settle(self, painting: np.ndarray, motion: Motion | None) -> np.ndarray:
        """A frame's painting, uint8 `[H, W, 3]`, steadied by the last one's; `motion` leads from that frame to this.

        With None it is as after `reset`. The argument is left alone, and neither may be written to afterwards.
        """
        last, self._shown = self._shown, None
        if self.amount <= 0:
            return painting
        if last is not None and motion is not None and last.shape == painting.shape:
            painting = self._mixed(painting, motion.moved(last), motion)
        self._shown = painting
        return painting

    def _mixed(self, new: np.ndarray, old: np.ndarray, motion: Motion) -> np.ndarray:
        known = motion.known * cv2.resize(_agreement(new, old), motion.known.shape[::-1])
        if known.mean() < CUT:
            return new
        size = new.shape[1::-1]
        share = min(MOST, 1 - (1 - min(1.0, self.amount)) ** BEND)
        kept = cv2.resize(known * np.float32(share), size)
        mixed = cv2.blendLinear(old, new, kept, np.subtract(1, kept))
        wanted, left = _detail(new), _detail(mixed)
        moves = cv2.resize(motion.moves, wanted.shape[::-1])
        wanted *= DETAIL_AT_REST + (DETAIL_IN_MOTION - DETAIL_AT_REST) * moves
        gain = np.clip((wanted + FAINT) / (left + FAINT), 1, LARGEST_GAIN) - 1
        # mixed + gain * (mixed - blurred), as a mean whose weights add up to 1
        soft = cv2.resize(gain * -cv2.resize(known, gain.shape[::-1]), size)
        return np.asarray(cv2.blendLinear(mixed, cv2.GaussianBlur(mixed, (3, 3), 0), np.subtract(1, soft), soft))


def _agreement(new: np.ndarray, old: np.ndarray) -> np.ndarray:
    """How near the mean colours of cells are, float32 of their number, 0 to 1: strokes that differ do not count."""
    size = max(1, new.shape[1] // DRIFT), max(1, new.shape[0] // DRIFT)
    means = [cv2.resize(picture, size, interpolation=cv2.INTER_AREA) for picture in (new, old)]
    return biweight(cv2.blur(largest_difference(*means), (3, 3)), DRIFT_TOLERANCE)


def _detail(picture: np.ndarray) -> np.ndarray:
    """How strong the detail is around each cell: the Laplacian's root mean square in grey levels, float32."""
    fine = cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.CV_32F)
    size = max(1, picture.shape[1] // CELL), max(1, picture.shape[0] // CELL)
    return np.sqrt(cv2.blur(cv2.resize(cv2.multiply(fine, fine), size, interpolation=cv2.INTER_AREA), (5, 5)))


def steadied_film(stylize: Callable[[np.ndarray], np.ndarray], amount: float) -> Callable[[np.ndarray], np.ndarray]:
    """What paints a film's frames, uint8 `[H, W, 3]`, in order: by `stylize`, and steadied by `amount`, 0 to 1."""
    search, steadiness = MotionSearch(), Steadiness(amount)
    return lambda frame: steadiness.settle(stylize(frame), search(frame))
