"""What a border is made of: the style's border where more of the scene is guessed, and where it is known.

    python benchmarks/border_context.py hokusai udnie --content photos/

The measure is that of `realtime evaluate`, on the first 16 photos that no style was trained on: how much the outer 8 px
and the middle of a painted photo differ from what they are with 48 px more of the scene. First as a style paints, which
mirrors 16 px of the picture by itself; then with 48 px around it that are guessed; then with so many px of the true
scene, which is what a perfect guess would be.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.training.data import find_pictures, split
from stylecam.training.evaluate.border_measure import MARGIN, border
from stylecam.training.evaluate.evaluation_data import read_photos
from stylecam.training.evaluate.stylize import Stylize

PHOTOS = 16
KNOWN = (8, 16, 24, 32, 40)  # px; steps of the network's stride, so that the wide picture is cut alike

Guess = Callable[[np.ndarray], np.ndarray]


def extended(photo: np.ndarray, border_type: int) -> np.ndarray:
    """A photo with `MARGIN` px more at each side, in one of OpenCV's ways."""
    return cv2.copyMakeBorder(photo, *[MARGIN] * 4, border_type)


def inpainted(photo: np.ndarray, method: int) -> np.ndarray:
    """The same, filled in by one of OpenCV's ways to inpaint."""
    unknown = extended(np.ones(photo.shape[:2], np.uint8), cv2.BORDER_REPLICATE)
    unknown[MARGIN:-MARGIN, MARGIN:-MARGIN] = 0
    return cv2.inpaint(extended(photo, cv2.BORDER_REPLICATE), unknown, 5, method)


GUESSES: dict[str, Guess] = {
    "mirrored": partial(extended, border_type=cv2.BORDER_REFLECT_101),
    "outermost px repeated": partial(extended, border_type=cv2.BORDER_REPLICATE),
    "inpainted (Telea 2004)": partial(inpainted, method=cv2.INPAINT_TELEA),
    "inpainted (Navier-Stokes, Bertalmio et al. 2001)": partial(inpainted, method=cv2.INPAINT_NS),
}


def guessing(stylize: Stylize, guess: Guess) -> Stylize:
    """A style that paints a photo together with a guess of what is around it."""

    def painted(photo: np.ndarray) -> np.ndarray:
        return stylize(guess(photo))[MARGIN:-MARGIN, MARGIN:-MARGIN]

    return painted


def main() -> None:
    """Prints a table for each style."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("styles", nargs="+")
    parser.add_argument("--content", type=Path, required=True)
    parser.add_argument("--tier", default="fast")
    given = parser.parse_args()

    photos, _ = read_photos(split(find_pictures(given.content))[1], PHOTOS)
    for name in given.styles:
        stylizer = Stylizer.load(name, given.tier, "cpu")
        print(stylizer.style.name, "outer, levels", "middle, levels", "border", sep=" | ")
        _row("as it paints", stylizer, photos)
        for said, guess in GUESSES.items():
            _row(f"48 px {said}", guessing(stylizer, guess), photos)
        for known in KNOWN:
            _row(f"{known} px of the true scene", stylizer, photos, known)


def _row(said: str, stylize: Stylize, photos: list[np.ndarray], known: int = 0) -> None:
    found = border(stylize, photos, known)
    print(said, f"{found.outer:.1f}", f"{found.middle:.1f}", f"{found.ratio:.2f}", sep=" | ", flush=True)


if __name__ == "__main__":
    main()
