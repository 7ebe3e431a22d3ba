"""Stability: how much a stylization flickers when the camera moves a little, against how much the input does.

With S the style and W the motion from one frame to the next, both measures are

    rms(S(frame1) - W(S(frame0))) / std(S(frame1))   over the same for the input, S left out.

1 is as steady as the input; the input's own value is not 0 since sensors are noisy. It is the temporal error of
Lai et al. 2018, "Learning Blind Video Temporal Consistency" (arXiv:1808.00449), without its square, in units of the
picture's contrast: a pale style is not steadier for being pale.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from stylecam.models.errors import PictureError
from stylecam.training.evaluate.stylize import Stylize, cover

__all__ = [
    "HEIGHT",
    "WIDTH",
    "Motion",
    "Stylize",
    "clip_stability",
    "error",
    "moved_frames",
    "photographed",
    "sampled",
    "stability",
]

WIDTH, HEIGHT = 384, 288  # of the frames, px
SHIFT, ROTATION, ZOOM = 3.0, 0.6, 0.01  # px, degrees, fraction: the largest motion from frame to frame
NOISE = 2.0  # grey levels, sigma, of each frame
MARGIN = 8  # px of picture around a frame: half the largest motion and the interpolation's 4 px
INTERIOR = 16  # px from the edge: the whole motion and the interpolation's 4 px
SMALLEST_VISIBLE = 0.1  # share of a clip's frame that the flow must explain; less is a cut


@dataclass(frozen=True)
class Motion:
    """How the picture moves from one frame to the next, around the frame's centre."""

    right: float = 0.0  # px
    down: float = 0.0  # px
    rotation: float = 0.0  # degrees
    zoom: float = 1.0  # factor

    @classmethod
    def draw(cls, random: np.random.Generator) -> Motion:
        """A motion uniform within the limits above."""
        right, down, rotation, zoom = random.uniform(-1, 1, 4).tolist()
        return cls(right * SHIFT, down * SHIFT, rotation * ROTATION, 1 + zoom * ZOOM)

    def matrix(self) -> np.ndarray:
        """3x3, from a point of the first frame to the same in the second, relative to the centre."""
        turn = self._turn(1)
        return np.block([[turn, np.array([[self.right], [self.down]])], [np.zeros((1, 2)), np.ones((1, 1))]])

    def half(self) -> np.ndarray:
        """3x3: the motion which, done twice, is this one."""
        turn = self._turn(0.5)
        shift = np.linalg.solve(turn + np.eye(2), np.array([[self.right], [self.down]]))
        return np.block([[turn, shift], [np.zeros((1, 2)), np.ones((1, 1))]])

    def _turn(self, share: float) -> np.ndarray:
        angle, scale = math.radians(self.rotation) * share, self.zoom**share
        cos, sin = scale * math.cos(angle), scale * math.sin(angle)
        return np.array([[cos, -sin], [sin, cos]])


def stability(stylize: Stylize, photos: Iterable[np.ndarray], motions: int = 4, seed: int = 0) -> float:
    """The measure above on photos that move by exactly known amounts: the mean over `photos` and their `motions`.

    `photos` are uint8 BGR of any size. The frames, 384x288, move by up to 3 px, 0.6 degrees and 1 % and get sensor
    noise of 2 levels; `seed` and the photo's number decide how. 1 for the identity. Raises `PictureError` when there
    are no photos.
    """
    ratios = []
    for number, photo in enumerate(photos):
        for draw in range(motions):
            random = np.random.default_rng((seed, number, draw))
            motion = Motion.draw(random)
            frames = moved_frames(photo, motion, random)
            stylized = stylize(frames[0]), stylize(frames[1])
            ratios.append(error(*stylized, motion) / error(*frames, motion))
    if not ratios:
        raise PictureError("stability needs at least one photo")
    return float(np.mean(ratios))


def moved_frames(photo: np.ndarray, motion: Motion, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two noisy frames, uint8 `[288, 384, 3]`, of which the second shows `photo` moved by `motion`.

    The first is moved back by half and the second forward by half, so that both are interpolated alike and
    neither is sharper.
    """
    picture = cover(photo, WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN).astype(np.float32)
    half = motion.half()
    # A point x of the first frame lies at half(x) in the picture, one of the second at half^-1(x).
    first, second = (sampled(picture, m, (WIDTH, HEIGHT)) for m in (half, np.linalg.inv(half)))
    return photographed(first, random), photographed(second, random)


def photographed(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A picture, `[H, W, 3]` in grey levels, as a camera takes it: uint8, with noise."""
    noisy = picture + random.normal(0, NOISE, picture.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def error(first: np.ndarray, second: np.ndarray, motion: Motion) -> float:
    """rms(second - moved first) / std(second), away from the edges."""
    expected = sampled(first.astype(np.float32), np.linalg.inv(motion.matrix()), (WIDTH, HEIGHT))
    inside = np.s_[INTERIOR:-INTERIOR, INTERIOR:-INTERIOR]
    difference = second[inside] - expected[inside]
    return float(np.sqrt(np.mean(np.square(difference))) / _contrast(second[inside]))


def _contrast(picture: np.ndarray) -> float:
    """Standard deviation in grey levels; a picture of one colour is steady, not undefined."""
    return max(float(picture.std()), 0.01)


def sampled(picture: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The frame of `size` whose point x is `picture` at `matrix` x, both relative to their centres."""
    width, height = size
    to_centre, back = np.eye(3), np.eye(3)
    to_centre[:2, 2] = -(width - 1) / 2, -(height - 1) / 2
    back[:2, 2] = (picture.shape[1] - 1) / 2, (picture.shape[0] - 1) / 2
    flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    places = (back @ matrix @ to_centre)[:2]
    return np.asarray(cv2.warpAffine(picture, places, size, flags=flags, borderMode=cv2.BORDER_REFLECT))


def clip_stability(stylize: Stylize, frames: Iterable[np.ndarray]) -> float:
    """The measure above on a film, the motion estimated: DIS optical flow (Kroeger et al. 2016, arXiv:1603.03590).

    `frames` are uint8 BGR, all of one size, in order. Squared errors and variances are summed over all pairs of
    neighbours before the division, so that dark pairs weigh little; pixels that are hidden in one of the two frames do
    not count, nor do pairs over a cut and pairs of which the second frame is the first one moved without any error, as
    still ones. 1 for the identity. Raises `PictureError` where that leaves nothing, or for less than two frames.
    """
    totals = np.zeros((2, 2))  # of the stylization and of the input: squared error, variance
    for (first, styled_first), (second, styled_second) in pairwise((f, stylize(f)) for f in frames):
        places, visible = _flow(first, second)
        if visible.mean() < SMALLEST_VISIBLE:
            continue
        seen = _flow_error(first, second, places, visible)
        if seen[0] > 0:  # else a pattern that a style paints on black would count as contrast without error
            totals += [_flow_error(styled_first, styled_second, places, visible), seen]
    if totals[1, 0] == 0:
        raise PictureError(
            "stability needs a video with motion: its frames are all the same, or have nothing in common"
        )
    stylized, original = totals[:, 0] / np.maximum(totals[:, 1], 1e-12)
    return float(np.sqrt(stylized / original))


def _flow(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each pixel of `second` was in `first`, float32 `[H, W, 2]`, and which were visible there, bool `[H, W]`.

    Visible is where the flow back and forth returns to its start, with the tolerance of Sundaram et al. 2010,
    "Dense Point Trajectories by GPU-Accelerated Large Displacement Optical Flow", eq. 5.
    """
    grey = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in (first, second)]
    dis: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    backward, forward = dis.calc(grey[1], grey[0], None), dis.calc(grey[0], grey[1], None)
    height, width = grey[0].shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    places = np.stack([columns, rows], axis=-1) + backward
    there = cv2.remap(forward, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    lengths = np.square(backward).sum(-1) + np.square(there).sum(-1)
    returns = np.square(backward + there).sum(-1) < 0.01 * lengths + 0.5
    inside = np.all((places >= 0) & (places <= (width - 1, height - 1)), axis=-1)
    return places, returns & inside


def _flow_error(first: np.ndarray, second: np.ndarray, places: np.ndarray, visible: np.ndarray) -> tuple[float, float]:
    """Mean squared error and variance of the visible pixels."""
    columns, rows = places[..., 0], places[..., 1]
    expected = cv2.remap(first.astype(np.float32), columns, rows, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT)
    return float(np.square(second - expected)[visible].mean()), float(second[visible].var())
