"""What a style makes of the same pixels, painted alone and as the middle of larger and larger frames.

    python benchmarks/frame_size.py hokusai --content photos/ --painting paintings/ --vgg-weights vgg16.safetensors

Photos that no style was trained on, the first eight, are brought to a short side of 512 px. Their middle 256 px are
painted alone, with 64 px around them, with 128 px, and in the whole photo; content and style distance are those of the
256 px alone. A painter who does not care how large the frame is has the same figures four times, but for what the
instance norm's statistics change.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from stylecam.realtime.stylizer import Stylizer
from stylecam.training.data import find_pictures, read_picture, resize_short_side, split
from stylecam.training.evaluation_data import load_vgg, style_loss
from stylecam.training.perceptual import PerceptualLoss
from stylecam.training.validation import to_tensor

SIDE, PART, PHOTOS = 512, 256, 8
MARGINS = {"alone": 0, "in 384 px": 64, "in 512 px": 128, "in the whole photo": SIDE}


@torch.no_grad()
def distances(stylizer: Stylizer, loss: PerceptualLoss, photo: np.ndarray, margin: int) -> tuple[float, float]:
    """(content, style) distance of the middle of `photo`, uint8 BGR, painted with `margin` px around it."""
    top, left = ((side - PART) // 2 for side in photo.shape[:2])
    upper, before = min(margin, top), min(margin, left)
    frame = photo[top - upper : top + PART + margin, left - before : left + PART + margin]
    painted = stylizer(np.ascontiguousarray(frame))[upper : upper + PART, before : before + PART]
    middle = photo[top : top + PART, left : left + PART]
    as_loss = [to_tensor(picture[..., ::-1]) for picture in (painted, middle)]
    content, style = loss(as_loss[0], loss.content_target(as_loss[1]))
    return float(content), float(style)


def main() -> None:
    """Prints a row of the table for each style."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("styles", nargs="+")
    parser.add_argument("--content", type=Path, required=True)
    parser.add_argument("--painting", type=Path, required=True, help="folder that holds NAME.jpg")
    parser.add_argument("--vgg-weights", type=Path)
    parser.add_argument("--tier", default="fast")
    given = parser.parse_args()

    _, held_out = split(find_pictures(given.content))
    photos = [np.ascontiguousarray(resize_short_side(read_picture(p), SIDE)[..., ::-1]) for p in held_out[:PHOTOS]]
    vgg = load_vgg(given.vgg_weights, "cpu")
    print("style: style and content distance", *MARGINS, sep=" | ")
    for name in given.styles:
        stylizer = Stylizer.load(name, given.tier, "cpu")
        loss = style_loss(vgg, stylizer.style, given.painting / f"{stylizer.style.name}.jpg")
        figures = []
        for margin in MARGINS.values():
            content, style = np.mean([distances(stylizer, loss, photo, margin) for photo in photos], axis=0)
            figures.append(f"{style:.3f}  {content:.2f}")
        print(stylizer.style.name, *figures, sep=" | ", flush=True)


if __name__ == "__main__":
    main()
