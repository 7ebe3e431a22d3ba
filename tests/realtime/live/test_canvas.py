"""Where pictures go in a window of other proportions."""

import numpy as np
import pytest

from stylecam.realtime.live.canvas import cropped, fitted_box

SIZES = [(1920, 1080), (1080, 1920), (640, 480), (100, 99), (96, 64), (3, 700)]


@pytest.mark.parametrize("size", SIZES[:-1])
@pytest.mark.parametrize("picture", SIZES)
def test_what_is_cropped_has_the_canvass_proportions_and_loses_nothing_on_the_other_sides(picture, size):
    part = cropped(np.zeros((picture[1], picture[0], 3), np.uint8), size)
    height, width = part.shape[:2]
    assert width == picture[0] or height == picture[1]
    assert abs(width - height * size[0] / size[1]) <= max(1, size[0] / size[1])
    left, top, fitted_width, fitted_height = fitted_box(size, (width, height))
    assert left <= max(1, size[0] / width)  # no bars but of a pixel's rounding
    assert top <= max(1, size[1] / height)
    assert fitted_width <= size[0]
    assert fitted_height <= size[1]


def test_it_is_the_middle():
    picture = np.arange(10 * 30, dtype=np.uint16).reshape(10, 30, 1)
    assert (cropped(picture, (50, 50)) == picture[:, 10:20]).all()
    assert (cropped(picture, (300, 50)) == picture[2:7]).all()
