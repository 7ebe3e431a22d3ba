"""What `--steady` does for a camera that stands still: the flicker of what does not move.

    python benchmarks/still_camera.py hokusai udnie --content photos/

Films are made of photos that no style was trained on, 640x480 px: over one photo a piece of another goes by, and every
frame has noise of its own, as it is and as a webcam's JPEG (quality 85). Flicker is the rms difference of neighbouring
frames where nothing moves, over the standard deviation there, after the first 12 frames. Beside it the time of a
style, and of what steadies its strokes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from stylecam.realtime.painting.steadiness import steadied_film
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.painting.usual import STEADY
from stylecam.training.data import find_pictures, split
from stylecam.training.evaluate.evaluation_data import read_photos
from stylecam.training.evaluate.stylize import cover

PHOTOS, FRAMES, BEGIN = 3, 24, 12
NOISE = (1, 2, 4)  # grey levels
RESTS = np.ones((480, 640), bool)
RESTS[150:410, :420] = False  # where something goes by, and where a style's strokes answer it


def film(photos: list[np.ndarray], number: int, sigma: float, quality: int | None) -> Iterator[np.ndarray]:
    """Frames of a still photo, over which a piece of another one goes by."""
    random = np.random.default_rng(number)
    ground = cover(photos[number], 640, 480).astype(np.float32)
    thing = cv2.resize(photos[number + 1], (160, 160))
    for step in range(FRAMES):
        frame = ground.copy()
        frame[200:360, 20 + 8 * step : 180 + 8 * step] = thing
        frame += random.normal(0, sigma, frame.shape).astype(np.float32)
        taken = np.clip(np.rint(frame), 0, 255).astype(np.uint8)
        if quality is not None:
            taken = cv2.imdecode(cv2.imencode(".jpg", taken, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
        yield taken


def main() -> None:
    """Prints a row of the table for each style and kind of camera."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("styles", nargs="+")
    parser.add_argument("--content", type=Path, required=True)
    given = parser.parse_args()

    photos, _ = read_photos(split(find_pictures(given.content))[1], PHOTOS + 1)
    print("style, camera: flicker as painted, steadied at noise of", *NOISE, "levels", sep=" | ")
    times: dict[str, list[float]] = {"style": [], "steadied": []}
    for name in given.styles:
        stylizer = Stylizer.load(name, "fast")
        for camera, quality in (("raw", None), ("JPEG", 85)):
            cells = []
            for sigma in NOISE:
                films = [list(film(photos, number, sigma, quality)) for number in range(PHOTOS)]
                without = np.mean([_flicker(stylizer, frames, times, 0.0) for frames in films])
                steadied = np.mean([_flicker(stylizer, frames, times, STEADY) for frames in films])
                cells.append(f"{without:.3f} to {steadied:.3f}")
            print(f"{name}, {camera}", *cells, sep=" | ", flush=True)
    painting, steadying = (1e3 * np.median(times[key]) for key in ("style", "steadied"))
    print(f"a style takes {painting:.1f} ms a frame, steadying it {steadying:.1f} ms, one after the other")


def _flicker(stylizer: Stylizer, frames: list[np.ndarray], times: dict[str, list[float]], steady: float) -> float:
    pictures = []
    paint = steadied_film(stylizer, steady)
    for frame in frames:
        start = time.perf_counter()
        pictures.append(paint(frame)[RESTS].astype(np.float32))
        times["style"].append(1e-3 * stylizer.inference_ms)
        if steady:
            times["steadied"].append(time.perf_counter() - start - 1e-3 * stylizer.inference_ms)
    pairs = zip(pictures[BEGIN:], pictures[BEGIN + 1 :], strict=False)
    return float(np.mean([np.sqrt(np.mean(np.square(b - a))) / b.std() for a, b in pairs]))


if __name__ == "__main__":
    main()
