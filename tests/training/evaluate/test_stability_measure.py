"""Stability against values worked out by hand."""

import cv2
import numpy as np
import pytest

from stylecam.models.errors import PictureError
from stylecam.training.evaluate.stability_measure import Motion, clip_stability, moved_frames, stability
from stylecam.training.evaluate.stylize import cover


@pytest.fixture(scope="module")
def photo():
    coarse = np.random.default_rng(5).uniform(0, 255, (12, 16, 3)).astype(np.float32)
    return np.clip(cv2.resize(coarse, (400, 304), interpolation=cv2.INTER_CUBIC), 0, 255).astype(np.uint8)


@pytest.fixture
def two_pixels_right(monkeypatch):
    """All motions are one of 2 px: half of it is a whole pixel, so that nothing is interpolated."""
    monkeypatch.setattr(Motion, "draw", classmethod(lambda cls, random: cls(right=2.0)))


def _same(frame):
    return frame


def test_identity_has_exactly_one(photo):
    assert stability(_same, [photo, photo[:200, :150]]) == 1.0


def test_same_seed_same_value_another_seed_another_one(photo):
    def ramp(frame):
        return (frame // 2 + np.arange(frame.shape[1], dtype=np.uint8)[:, None] // 4).astype(np.uint8)

    assert stability(ramp, [photo], seed=3) == stability(ramp, [photo], seed=3) != stability(ramp, [photo], seed=4)


def test_scaling_the_contrast_changes_nothing(photo, two_pixels_right):
    assert stability(lambda f: f // 2, [photo]) == pytest.approx(1, rel=0.06)  # rounding adds a little noise


def test_picture_that_stays_on_the_screen(photo, two_pixels_right):
    columns = np.tile(np.linspace(0, 191, 384), (288, 1))
    ramp = np.repeat(np.floor(columns)[..., None], 3, axis=-1).astype(np.uint8)  # half a level for each pixel
    error = 1.0 / (352 / 2 / np.sqrt(12))  # it should have moved by 2 px; the deviation is that of 352 columns
    of_input = 2 * np.sqrt(2) / cover(photo, 400, 304)[24:-24, 24:-24].std()
    assert stability(lambda _: ramp, [photo]) == pytest.approx(error / of_input, rel=0.05)


def test_fresh_noise_on_every_frame(photo, two_pixels_right):
    random = np.random.default_rng(1)

    def noise(frame):
        return random.integers(0, 256, frame.shape, dtype=np.uint8)

    of_input = 2 * np.sqrt(2) / cover(photo, 400, 304)[24:-24, 24:-24].std()
    # Two independent frames differ by twice the variance of one.
    assert stability(noise, [photo]) == pytest.approx(np.sqrt(2) / of_input, rel=0.03)


def test_one_flat_colour_is_steady(photo):
    assert stability(lambda f: np.full_like(f, 9), [photo]) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("motion", [Motion(2.3, -1.7, 0.6, 1.01), Motion(-3, 3, -0.6, 0.99), Motion()])
def test_half_a_motion_done_twice_is_the_motion(motion):
    assert np.allclose(motion.half() @ motion.half(), motion.matrix())


def test_second_frame_is_the_first_one_moved(photo):
    motion = Motion(right=2.0, down=-4.0)
    first, second = (f.astype(np.float32) for f in moved_frames(photo, motion, np.random.default_rng(0)))
    assert np.abs(second[:-4, 2:] - first[4:, :-2]).mean() < 3.5  # the noise: 2 sqrt(2) levels, mean 2.3
    assert np.abs(second - first).mean() > 4


def test_frames_are_equally_sharp(photo):
    motion = Motion(1.7, 0.9, 0.6, 1.01)
    sharpness = [np.diff(f.astype(float)).std() for f in moved_frames(photo, motion, np.random.default_rng(0))]
    assert sharpness[0] == pytest.approx(sharpness[1], rel=0.03)


@pytest.mark.parametrize("motion", [Motion(rotation=0.6), Motion(zoom=1.01), Motion(rotation=-0.6, zoom=0.99)])
def test_the_second_frame_is_turned_and_zoomed_as_said(photo, motion):
    """Brought back by the inverse motion, OpenCV's own, the second frame is the first one but for the noise."""
    first, second = (f.astype(np.float32) for f in moved_frames(photo, motion, np.random.default_rng(0)))
    places = cv2.getRotationMatrix2D((191.5, 143.5), -motion.rotation, motion.zoom)  # its angles turn the other way
    back = cv2.warpAffine(second, places, (384, 288), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
    inside = np.s_[24:-24, 24:-24]
    assert np.sqrt(np.mean(np.square(back - first)[inside])) < 3  # noise: 2 levels each, the second one's smoothed
    assert np.sqrt(np.mean(np.square(second - first)[inside])) > 4


@pytest.mark.parametrize("motion", [Motion(rotation=0.6, zoom=1.01), Motion(-3, 3, -0.6, 0.99)])
def test_the_motion_is_taken_back_before_frames_are_compared(photo, motion, monkeypatch):
    """Of the input only the noise is left then, and of a step of 10 levels between two frames just the step."""
    monkeypatch.setattr(Motion, "draw", classmethod(lambda cls, random: motion))
    steps = iter((0, 10))
    measured = stability(lambda frame: frame // 2 + np.uint8(next(steps)), [photo], motions=1)
    noise = np.sqrt(2**2 + 2**2 * 0.8)  # the first frame's is smoothed as it is moved
    assert measured == pytest.approx(np.sqrt(1 + (10 / (noise / 2)) ** 2), rel=0.1)


def test_no_photos():
    with pytest.raises(PictureError, match="at least one photo"):
        stability(_same, [])


@pytest.fixture(scope="module")
def film(photo):
    """Ten frames of a camera that pans by 3 px, with sensor noise."""
    random = np.random.default_rng(7)
    frames = [photo[40:200, 3 * n : 3 * n + 240] + random.normal(0, 2, (160, 240, 3)) for n in range(10)]
    return [np.clip(f, 0, 255).astype(np.uint8) for f in frames]


def test_identity_has_exactly_one_on_a_film(film):
    assert clip_stability(_same, film) == 1.0


def test_flow_finds_the_motion(film):
    def screen(frame):  # a smooth pattern that does not move with the picture
        y, x = np.mgrid[: frame.shape[0], : frame.shape[1]]
        wave = 40 * np.sin(x / 5) + 40 * np.sin(y / 5)
        return np.repeat((128 + wave)[..., None], 3, axis=-1).astype(np.uint8)

    assert clip_stability(lambda f: f // 2, film) == pytest.approx(1, rel=0.06)
    assert clip_stability(screen, film) > 5


def test_cuts_and_still_frames_do_not_count(film):
    still = [film[0], film[0], *film]
    random = np.random.default_rng(3)
    other = [random.integers(0, 256, f.shape, dtype=np.uint8) for f in film[:1]]

    def half(frame):
        return frame // 2

    expected = clip_stability(half, film)
    assert clip_stability(half, still) == pytest.approx(expected, rel=0.02)
    assert clip_stability(half, [*film, *other]) == pytest.approx(expected, rel=0.02)


def test_a_pattern_on_black_frames_is_no_contrast(film):
    """A style that paints something steady where nothing is, and flickers where something is."""
    random = np.random.default_rng(0)
    pattern = random.integers(0, 256, film[0].shape, dtype=np.uint8)

    def flickering(frame):
        return random.integers(0, 256, frame.shape, dtype=np.uint8) if frame.any() else pattern

    expected = clip_stability(flickering, film)
    assert clip_stability(flickering, [*[np.zeros_like(film[0])] * 20, *film]) == pytest.approx(expected, rel=0.05)


def test_fresh_noise_on_every_frame_of_a_film(film):
    random = np.random.default_rng(1)
    measured = clip_stability(lambda f: random.integers(0, 256, f.shape, dtype=np.uint8), film)
    # Two independent frames differ by twice the variance of one; of the input that is moved rightly noise is left.
    of_input = 2 * np.sqrt(2) / film[0].std()
    assert measured == pytest.approx(np.sqrt(2) / of_input, rel=0.15)


def test_what_is_hidden_in_one_of_two_frames_does_not_count(photo):
    """A square goes by before a still wall: the wall that it uncovers cannot be compared, all other wall can."""
    wall, random = photo[40:200, 60:300] // 4 + np.uint8(90), np.random.default_rng(2)
    square = cv2.GaussianBlur(random.integers(0, 256, (80, 80, 3), dtype=np.uint8), (0, 0), 3)
    frames = [wall + random.normal(0, 1, wall.shape) for _ in range(2)]
    for left, frame in zip((40, 54), frames, strict=True):
        frame[40:120, left : left + 80] = square
    film = [np.clip(np.rint(frame), 0, 255).astype(np.uint8) for frame in frames]

    def measured(columns):
        """Of a style that changes these columns beside the square, in the second frame only."""
        changes = iter((0, 40))

        def style(frame):
            painted = frame.copy()
            painted[50:110, columns] += np.uint8(next(changes))
            return painted

        return clip_stability(style, film)

    uncovered, beside_it = slice(42, 52), slice(24, 34)
    assert measured(uncovered) < 1.3
    assert measured(beside_it) > 2


@pytest.mark.parametrize("count", [0, 1, 3])
def test_film_in_which_nothing_moves(film, count):
    with pytest.raises(PictureError, match="needs a video with motion"):
        clip_stability(_same, [film[0]] * count)
