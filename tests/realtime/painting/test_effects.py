"""What is done to a painting outside the style's graph, and the lines at which frames are painted."""

import cv2
import numpy as np
import pytest

from stylecam.realtime.painting import effects


@pytest.fixture
def pictures():
    random = np.random.default_rng(0)
    return tuple(random.integers(0, 256, (48, 64, 3), np.uint8) for _ in range(2))


def test_blend_has_exact_ends_and_middle(pictures):
    a, b = pictures
    assert effects.blend(a, b, 0) is a
    assert effects.blend(a, b, 1) is b
    middle = effects.blend(a, b, 0.5).astype(int)
    assert np.abs(2 * middle - a.astype(int) - b.astype(int)).max() <= 1


def test_keep_colors_takes_chroma_from_one_and_luma_from_the_other():
    original = np.full((40, 40, 3), (60, 120, 100), np.uint8)
    stylized = np.full((40, 40, 3), (130, 100, 90), np.uint8)
    mixed = cv2.cvtColor(effects.keep_colors(original, stylized), cv2.COLOR_BGR2YCrCb).astype(int)[0, 0]
    luma = cv2.cvtColor(stylized, cv2.COLOR_BGR2YCrCb).astype(int)[0, 0, 0]
    chroma = cv2.cvtColor(original, cv2.COLOR_BGR2YCrCb).astype(int)[0, 0, 1:]
    assert abs(mixed[0] - luma) <= 1
    assert np.abs(mixed[1:] - chroma).max() <= 1


def test_keep_colors_of_a_picture_with_itself_changes_nothing_visible(pictures):
    smooth = cv2.GaussianBlur(pictures[0], (0, 0), 3)
    assert np.abs(effects.keep_colors(smooth, smooth).astype(int) - smooth).max() <= 2


def test_split_view_is_before_on_the_left_and_after_on_the_right(pictures):
    a, b = pictures
    split = effects.split_view(a, b)
    assert (split[:, :31] == a[:, :31]).all()
    assert (split[:, 33:] == b[:, 33:]).all()


def test_inputs_are_left_alone(pictures):
    copies = [p.copy() for p in pictures]
    effects.blend(*pictures, 0.3)
    effects.keep_colors(*pictures)
    effects.split_view(*pictures)
    assert all((p == c).all() for p, c in zip(pictures, copies, strict=True))


@pytest.mark.parametrize("lines", [32, 100, 480])
@pytest.mark.parametrize("shape", [(240, 320, 3), (320, 200, 3), (90, 700, 3)])
def test_frames_are_painted_at_so_many_lines_and_keep_their_size(lines, shape):
    frame = np.full(shape, 90, np.uint8)
    seen = []

    def stylize(picture):
        seen.append(picture.shape)
        return 255 - picture

    painted = effects.at_lines(stylize, frame, lines)
    assert painted.shape == frame.shape
    assert np.all(painted == 165)
    assert min(seen[0][:2]) == lines
    assert seen[0][0] / seen[0][1] == pytest.approx(shape[0] / shape[1], rel=0.02)
    assert effects.painted_size(frame, lines) == (seen[0][1], seen[0][0])


def test_without_lines_a_frame_is_painted_as_it_is(pictures):
    frame = pictures[0]
    assert effects.at_lines(lambda picture: picture, frame, None) is frame


def test_strokes_have_the_same_share_of_the_picture_at_any_size():
    """A style that draws a line every 48 px: the number of lines across the picture must not change."""

    def stripes(picture):
        painted = np.zeros_like(picture)
        painted[:, ::48] = 255
        return painted

    counts = set()
    for height in (320, 480, 720, 1080):
        painted = effects.at_lines(stripes, np.zeros((height, height * 4 // 3, 3), np.uint8), 480)
        row = painted[height // 2, :, 0].astype(int)
        counts.add(int(((row[1:] > 60) & (row[:-1] <= 60)).sum()))
    assert counts <= {13, 14}
