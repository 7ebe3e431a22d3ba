"""The grid measure on grids of known amplitude."""

import cv2
import numpy as np
import pytest

from stylecam.training.evaluate.grid_measure import gradients, grid, grid_amplitudes, grid_on_gradients, grid_on_photos


def _same(frame):
    return frame


def _photo(seed, height=288, width=384):
    """Texture of all scales, in a picture with upright and level edges."""
    random = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 128, np.float32)
    for octave in (4, 16, 64, 256):
        coarse = random.normal(0, 120 / octave**0.5, (octave, octave, 3)).astype(np.float32)
        picture += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    picture[height // 3 : height // 2, width // 4 : width // 2] += 60
    return picture.clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def photos():
    return [_photo(seed) for seed in range(6)]


def _adding(pattern):
    """A style that paints the frame paler and `pattern`, `[8, 8]` levels, over and over on it."""

    def stylize(frame):
        height, width = frame.shape[:2]
        tiled = np.tile(pattern, (height // 8 + 1, width // 8 + 1))[:height, :width]
        return np.rint(frame * 0.43 + 64 + tiled[..., None]).astype(np.uint8)  # rounded up as often as down

    return stylize


DOWN, ACROSS = np.mgrid[:8, :8]
WAVES = {
    "checkerboard": (2, 5 * (-1.0) ** (DOWN + ACROSS)),
    "columns of 2": (2, 5 * (-1.0) ** ACROSS),
    "across, 4": (4, 5 * np.cos(2 * np.pi * ACROSS / 4 + 0.7)),
    "down, 8": (8, 5 * np.cos(2 * np.pi * DOWN / 8 + 0.3)),
    "diagonal, 8": (8, 5 * np.cos(2 * np.pi * (DOWN + ACROSS) / 8)),
    "lattice, 8": (8, 5 * np.cos(2 * np.pi * DOWN / 8) * np.cos(2 * np.pi * ACROSS / 8)),
    "third harmonic of 8": (8, 5 * np.cos(2 * np.pi * 3 * DOWN / 8)),
}


@pytest.mark.parametrize("name", WAVES)
def test_a_wave_is_measured_at_the_period_after_which_it_repeats(name, photos):
    period, pattern = WAVES[name]
    for found in (grid_on_gradients(_adding(pattern)), grid_on_photos(_adding(pattern), photos)):
        assert found.pop(period) == pytest.approx(5, rel=0.05)
        assert max(found.values()) < 0.3  # of the rounding
    assert grid(_adding(pattern), photos) == pytest.approx(5, rel=0.05)


def test_a_square_wave_is_measured_by_its_fundamental_wave():
    square = 5 * np.where(ACROSS < 4, 1.0, -1.0)
    fundamental = 5 * 0.25 * abs(np.exp(2j * np.pi * np.arange(4) / 8).sum()) * 2  # of samples, 4 / pi in between
    assert grid_on_gradients(_adding(square))[8] == pytest.approx(fundamental, rel=0.02)


def test_lines_have_all_harmonics():
    found = grid_on_gradients(_adding(np.where(ACROSS == 0, 8.0, 0.0)))
    assert found == {2: pytest.approx(1, abs=0.1), 4: pytest.approx(2, abs=0.1), 8: pytest.approx(2, abs=0.1)}


def test_a_pattern_in_one_channel_counts_for_a_third_of_the_power():
    def blue(frame):
        return np.rint(frame * 0.43 + 64 + 5 * np.cos(np.arange(frame.shape[1]) * np.pi)[:, None] * [1, 0, 0])

    assert grid_on_gradients(blue)[2] == pytest.approx(5 / 3**0.5, rel=0.03)


def test_untouched_pictures_have_no_grid(photos):
    assert grid(_same, photos) == 0


def test_noise_is_no_grid(photos):
    random = np.random.default_rng(0)

    def noisy(frame):
        return (frame + random.normal(0, 20, frame.shape)).clip(0, 255).astype(np.uint8)

    assert grid(noisy, photos) == 0


def test_texture_with_upright_and_level_lines_is_no_grid():
    random = np.random.default_rng(1)

    def striped(frame):
        rows, columns = (random.normal(0, 8, side) for side in frame.shape[:2])
        return (frame * 0.6 + 50 + rows[:, None, None] + columns[:, None]).clip(0, 255).astype(np.uint8)

    assert grid(striped) < 0.5


def test_a_blind_in_one_photo_is_no_grid_of_the_style(photos):
    blind = photos[0].copy()
    blind[::8] //= 2
    assert max(grid_amplitudes([blind]).values()) > 3
    assert max(grid_amplitudes([blind, *photos[1:]]).values()) == 0


def test_a_small_grid_in_strong_texture_is_found(photos):
    found = grid_on_photos(_adding(np.cos(2 * np.pi * ACROSS / 4)), photos)
    assert found[4] == pytest.approx(1, abs=0.15)


def test_the_worst_gradient_counts():
    def in_the_dark(frame):
        return _adding(WAVES["checkerboard"][1])(frame) if frame.mean() < 20 else frame

    assert grid(in_the_dark) == pytest.approx(5, rel=0.02)


def test_gradients_differ_and_are_always_the_same():
    first, again = gradients(), gradients()
    assert len({picture.tobytes() for picture in first}) == len(first)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert {(p.shape, p.dtype) for p in first} == {((480, 640, 3), np.dtype(np.uint8))}


def test_too_little_to_measure():
    with pytest.raises(ValueError, match="at least one picture"):
        grid_amplitudes([])
    with pytest.raises(ValueError, match="at least 192 px"):
        grid_amplitudes([np.zeros((191, 400, 3), np.uint8)])
