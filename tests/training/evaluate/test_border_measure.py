"""The border measure on borders of known strength."""

import numpy as np
import pytest

from stylecam.models.errors import PictureError
from stylecam.training.evaluate.border_measure import border


def _same(frame):
    return frame


@pytest.fixture(scope="module")
def photos():
    random = np.random.default_rng(3)
    return [random.integers(40, 215, (90, 120, 3), dtype=np.uint8), np.full((400, 300, 3), 90, np.uint8)]


def test_untouched_photos_have_a_clean_border(photos):
    assert border(_same, photos).ratio == 1


def _framed(frame):
    painted = frame.copy()
    painted[:4] = painted[-4:] = painted[:, :4] = painted[:, -4:] = 0
    return painted


def test_a_painted_frame_is_a_border(photos):
    assert border(_framed, photos).ratio > 100


def test_who_knows_what_is_around_paints_the_frame_there(photos):
    assert border(_framed, photos, known=3).outer > border(_framed, photos, known=4).outer == 0
    assert border(lambda frame: frame[::-1], photos, known=48) == (0, 0)


def test_the_outer_eight_pixels_over_the_middle():
    def brighter(frame):
        """Everything depends on the size, as on the statistics of a larger picture, and the edge more."""
        changed = np.full_like(frame, 100 + 2 * (frame.shape[0] == 256))
        edges = np.full_like(frame, 100 + 6 * (frame.shape[0] == 256))
        edges[8:-8, 8:-8] = changed[8:-8, 8:-8]
        return edges

    assert border(brighter, [np.zeros((256, 256, 3), np.uint8)]).ratio == pytest.approx(6.05 / 2.05)


def test_what_lies_between_the_border_and_the_middle_does_not_count():
    def ring(frame):
        changed = np.full_like(frame, 100)
        if frame.shape[0] == 256:
            changed[8:-8, 8:-8] = 200
            changed[64:-64, 64:-64] = 100
        return changed

    assert border(ring, [np.zeros((256, 256, 3), np.uint8)]).ratio == 1


def test_a_change_everywhere_is_no_border(photos):
    def by_size(frame):
        return (frame // 2 + frame.shape[0] // 8).astype(np.uint8)

    assert border(by_size, photos).ratio == pytest.approx(1, abs=0.01)


def test_a_picture_of_one_colour_has_a_clean_border(photos):
    assert border(lambda frame: np.full_like(frame, 90), photos).ratio == 1


def test_no_photos():
    with pytest.raises(PictureError, match="at least one photo"):
        border(_same, [])
