"""A strip of pictures of what `--steady` does: the demo scene, as painted above, steadied below.

    python benchmarks/steady_strip.py starry-night -o docs/steady.jpg

Three frames that follow one another, a part of each at twice its size; at the right what changes from one frame to the
next beyond the motion itself, twelve times as strong: the darker, the more it boils.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from stylecam.realtime.painting.motion import MotionSearch
from stylecam.realtime.painting.steadiness import Steadiness
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.painting.usual import STEADY
from stylecam.realtime.sources.demo_scene import draw_scene

SIZE, FIRST, FRAMES = (640, 480), 60, 20
PART = np.s_[200:380, 400:600]  # the face


def main() -> None:
    """Saves the strip."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("style")
    parser.add_argument("-o", "--output", type=Path, required=True)
    given = parser.parse_args()
    stylizer = Stylizer.load(given.style, "fast")
    rows = []
    for steadiness in (Steadiness(0.0), Steadiness(STEADY)):
        shown, search = [], MotionSearch()
        for number in range(FIRST, FIRST + FRAMES):
            frame = draw_scene(number, SIZE)
            motion = search(frame)
            picture = steadiness.settle(stylizer(frame), motion)
            before = motion.moved(shown[-1][0]) if motion and shown else picture
            shown.append((picture, cv2.absdiff(picture, before)))
        change = np.mean([12.0 * difference[PART].mean(-1) for _, difference in shown[2:]], axis=0)
        grey = np.repeat(255 - change.clip(0, 255)[..., None], 3, axis=-1).astype(np.uint8)
        parts = [*(picture[PART] for picture, _ in shown[-3:]), grey]
        rows.append(np.hstack([cv2.resize(part, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC) for part in parts]))
    if not cv2.imwrite(str(given.output), np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 80]):
        raise SystemExit(f"{given.output} cannot be written")


if __name__ == "__main__":
    main()
