"""The plain border of a picture."""

import numpy as np
import pytest

from stylecam.realtime.pictures.plain_border import is_blank, without_plain_border


def _painting(height=400, width=600, seed=0):
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)


def _bordered(painting, top, bottom, left, right, colour=(240, 245, 243), noise=2):
    height, width = painting.shape[:2]
    whole = np.empty((height + top + bottom, width + left + right, 3), np.uint8)
    whole[:] = colour
    whole = np.clip(whole + np.random.default_rng(1).normal(0, noise, whole.shape), 0, 255).astype(np.uint8)
    whole[top : top + height, left : left + width] = painting
    return whole


@pytest.mark.parametrize("border", [(40, 40, 40, 40), (0, 120, 30, 0), (90, 0, 0, 0), (5, 5, 5, 5)])
@pytest.mark.parametrize("colour", [(255, 255, 255), (10, 12, 9), (60, 120, 200)])
def test_it_is_left_out(border, colour):
    painting = _painting()
    inside = without_plain_border(_bordered(painting, *border, colour=colour))
    assert all(0 <= whole - found <= 16 for whole, found in zip(painting.shape[:2], inside.shape[:2], strict=True))


def test_a_picture_without_one_stays_whole():
    painting = _painting()
    assert np.array_equal(without_plain_border(painting), painting)


def test_a_large_plain_part_of_the_picture_is_no_border():
    sky = _painting()
    sky[:200] = (200, 180, 140)
    assert without_plain_border(sky).shape == sky.shape


def test_a_blank_picture_stays_and_is_known():
    blank = np.full((300, 200, 3), 128, np.uint8)
    assert without_plain_border(blank).shape == blank.shape
    assert is_blank(blank)
    assert not is_blank(_painting())
