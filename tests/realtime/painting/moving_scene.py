"""A scene whose motion is known, and paintings of it that boil as a style's strokes do."""

import numpy as np

from stylecam.realtime.video.libraries import cv2

HEIGHT, WIDTH = 144, 192


def scene(seed=0, height=HEIGHT + 80, width=WIDTH + 80):
    """A picture of shapes with some texture, uint8 `[height, width, 3]`, larger than a frame."""
    random = np.random.default_rng(seed)
    coarse = random.uniform(40, 215, (height // 16, width // 16, 3)).astype(np.float32)
    fine = random.normal(0, 8, (height // 3, width // 3, 3)).astype(np.float32)
    picture = cv2.resize(coarse, (width, height)) + cv2.resize(fine, (width, height))
    return picture.clip(0, 255).astype(np.uint8)


def view(picture, right=0.0, down=0.0):
    """A frame of it, moved so many px."""
    matrix = np.float32([[1, 0, right - 40], [0, 1, down - 40]])
    return cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)


def strokes(seed):
    """What boils, float32 `[H, W, 3]`: other strokes in every frame."""
    noise = np.random.default_rng(seed).normal(0, 40, (HEIGHT, WIDTH, 3)).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 1.0)


def painted(frame, seed, boiling=1.0):
    """A painting of the frame: its colours, and strokes of which a part is made anew in each."""
    return (0.7 * frame + 40 + boiling * strokes(seed)).clip(0, 255).astype(np.uint8)
