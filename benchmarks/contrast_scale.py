"""Whether a style is too pale or too loud: its distances when the contrast of what it paints is multiplied.

    python benchmarks/contrast_scale.py hokusai --content photos/ --painting paintings/ --vgg-weights vgg16.safetensors

Photos that no style was trained on, the first 16, short side 256 px. The differences of the stylizations from the
style's own mean colour over all of them are multiplied, as a head with larger weights would do it; what leaves 0..255
is cut off. A network that was trained for content + 6 style alone has its least near 1; flicker in units of the
painting, which asks for pale pictures, moves it up.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from stylecam.realtime.stylizer import Stylizer
from stylecam.training.data import find_pictures, resize_short_side, split
from stylecam.training.evaluate import SIDE, distances
from stylecam.training.evaluation_data import load_vgg, read_photos, style_loss
from stylecam.training.frames import Stylize

SCALES = (0.9, 1.0, 1.05, 1.1, 1.15, 1.2)
PHOTOS, WEIGHT = 16, 6


def scaled(stylize: Stylize, mean: np.ndarray, scale: float) -> Stylize:
    """A style whose pictures have `scale` times the contrast around the colour `mean`."""

    def louder(photo: np.ndarray) -> np.ndarray:
        levels = mean + scale * (stylize(photo).astype(np.float64) - mean)
        return np.asarray(np.clip(np.rint(levels), 0, 255).astype(np.uint8))

    return louder


def main() -> None:
    """Prints a row of the table for each style."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("styles", nargs="+")
    parser.add_argument("--content", type=Path, required=True)
    parser.add_argument("--painting", type=Path, required=True, help="folder that holds NAME.jpg")
    parser.add_argument("--vgg-weights", type=Path)
    parser.add_argument("--tier", default="fast")
    given = parser.parse_args()

    photos, _ = read_photos(split(find_pictures(given.content))[1], PHOTOS)
    vgg = load_vgg(given.vgg_weights, "cpu")
    print("contrast: style distance and content + 6 style", *SCALES, "rms contrast, levels", sep=" | ")
    for name in given.styles:
        stylizer = Stylizer.load(name, given.tier, "cpu")
        loss = style_loss(vgg, stylizer.style, given.painting / f"{stylizer.style.name}.jpg")
        painted = [stylizer(resize_short_side(photo, SIDE)) for photo in photos]
        mean = np.mean([picture.mean((0, 1)) for picture in painted], axis=0)
        figures = []
        for scale in SCALES:
            content, style = np.mean(distances(scaled(stylizer, mean, scale), loss, photos), axis=0)
            figures.append(f"{style:.3f}  {content + WEIGHT * style:.2f}")
        contrast = np.mean([picture.std((0, 1)).mean() for picture in painted])
        print(stylizer.style.name, *figures, f"{contrast:.1f}", sep=" | ", flush=True)


if __name__ == "__main__":
    main()
