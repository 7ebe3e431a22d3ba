"""How steady a style is whose paintings are steadied over time, which needs more than two frames, and how crisp."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from stylecam.models.errors import PictureError
from stylecam.training.evaluate.stability_measure import (
    HEIGHT,
    WIDTH,
    Motion,
    clip_stability,
    error,
    photographed,
    sampled,
)
from stylecam.training.evaluate.stylize import Stylize, cover, sharpness

__all__ = ["Steadied", "steadied_on_clip", "steadied_stability"]

FRAMES = 8  # of each photo: by the last two the paintings are as steady as they get
ROOM = 48  # px of picture around a frame, for all its motions


class Steadied(NamedTuple):
    """`stability` as without steadying: 1 is as steady as the input. `crisp`: how much of the sharpness is left."""

    stability: float
    crisp: float


def steadied_stability(
    stylize: Stylize, steadied: Callable[[], Stylize], photos: Iterable[np.ndarray], draws: int = 4, seed: int = 0
) -> Steadied:
    """The means over photos, uint8 BGR of any size, each in `FRAMES` noisy frames that move by drawn motions.

    `steadied` begins a film: what it gives is called with its frames in order. Only the last two count. Raises
    `PictureError` when there are no photos.
    """
    found = []
    for number, photo in enumerate(photos):
        for draw in range(draws):
            frames, last = _film(photo, np.random.default_rng((seed, number, draw)))
            style = steadied()
            paintings = [style(frame) for frame in frames][-2:]
            crisp = sharpness(paintings[-1]) / max(sharpness(stylize(frames[-1])), 1e-6)
            found.append((error(paintings[0], paintings[1], last) / error(frames[-2], frames[-1], last), crisp))
    if not found:
        raise PictureError("stability needs at least one photo")
    return Steadied(*np.mean(found, axis=0).tolist())


def steadied_on_clip(stylize: Stylize, steadied: Callable[[], Stylize], frames: Sequence[np.ndarray]) -> Steadied:
    """The same on a film; `crisp` is of its second half."""
    style = steadied()
    paintings = [style(frame) for frame in frames]
    found = iter(paintings)
    half = range(len(frames) // 2, len(frames))
    plain = sum(sharpness(stylize(frames[number])) for number in half)
    return Steadied(
        clip_stability(lambda _: next(found), frames),
        sum(sharpness(paintings[number]) for number in half) / max(plain, 1e-6),
    )


def _film(photo: np.ndarray, random: np.random.Generator) -> tuple[list[np.ndarray], Motion]:
    """Noisy frames of a photo that moves, and the last motion. The photo itself lies at the middle frame."""
    picture = cover(photo, WIDTH + 2 * ROOM, HEIGHT + 2 * ROOM).astype(np.float32)
    motions = [Motion.draw(random) for _ in range(FRAMES - 1)]
    places = [np.eye(3)]
    for motion in motions:
        places.append(motion.matrix() @ places[-1])
    middle = np.linalg.inv(places[FRAMES // 2])
    frames = [sampled(picture, np.linalg.inv(place @ middle), (WIDTH, HEIGHT)) for place in places]
    return [photographed(frame, random) for frame in frames], motions[-1]
