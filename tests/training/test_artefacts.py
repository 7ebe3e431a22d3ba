"""The artefact measures on faults of known size."""

import cv2
import numpy as np
import pytest

from stylecam.training.artefacts import border, gradients, grid, grid_amplitudes


def _same(frame):
    return frame


def _photos():
    random = np.random.default_rng(3)
    pictures = []
    for _ in range(2):
        coarse = random.uniform(40, 215, (9, 12, 3)).astype(np.float32)
        pictures.append(cv2.resize(coarse, (320, 288), interpolation=cv2.INTER_CUBIC).clip(0, 255).astype(np.uint8))
    return pictures


def _adding(pattern):
    def stylize(frame):
        tiled = np.tile(pattern, (frame.shape[0] // pattern.shape[0] + 1, frame.shape[1] // pattern.shape[1] + 1))
        added = frame * 0.43 + 64 + tiled[: frame.shape[0], : frame.shape[1], None]  # rounded up as often as down
        return np.rint(added).astype(np.uint8)

    return stylize


def test_untouched_gradients_have_no_grid():
    assert grid(_same) < 0.1


@pytest.mark.parametrize("axis", [0, 1])
def test_a_wave_is_measured_at_its_own_period(axis):
    wave = 5 * np.sin(2 * np.pi * np.arange(8) / 8)
    pattern = wave[:, None] if axis == 0 else wave[None, :]
    amplitudes = grid_amplitudes([_adding(pattern)(g) for g in gradients()])
    assert amplitudes[8] == pytest.approx(5, rel=0.03)
    assert max(amplitudes[2], amplitudes[4]) < 0.3
    assert grid(_adding(pattern)) == amplitudes[8]


def test_a_checkerboard_is_measured():
    amplitudes = grid_amplitudes([_adding(np.array([[2.0, -2.0], [-2.0, 2.0]]))(g) for g in gradients()])
    assert amplitudes[2] == pytest.approx(2, rel=0.03)
    assert max(amplitudes[4], amplitudes[8]) < 0.1


def test_noise_is_no_grid():
    random = np.random.default_rng(0)

    def noisy(frame):
        return (frame + random.normal(0, 20, frame.shape)).clip(0, 255).astype(np.uint8)

    assert grid(noisy) < 0.5


def test_the_worse_of_gradients_and_photos_counts():
    def only_on_photos(frame):
        wide = frame.shape[1] == 320
        return _adding(np.array([[4.0, -4.0]]))(frame) if wide else frame

    assert grid(only_on_photos) < 0.1
    assert grid(only_on_photos, _photos()) == pytest.approx(4, rel=0.05)


def test_untouched_photos_have_a_clean_border():
    assert border(_same, _photos()) == 1


def test_a_painted_frame_is_a_border():
    def framed(frame):
        painted = frame.copy()
        painted[:4] = painted[-4:] = painted[:, :4] = painted[:, -4:] = 0
        return painted

    assert border(framed, _photos()) > 100


def test_a_change_everywhere_is_no_border():
    def by_size(frame):  # as the statistics of a larger picture do
        return (frame // 2 + frame.shape[0] // 8).astype(np.uint8)

    assert border(by_size, _photos()) == pytest.approx(1, abs=0.01)


def test_a_picture_of_one_colour():
    def flat(frame):
        return np.full_like(frame, 90)

    assert grid(flat, _photos()) == 0
    assert border(flat, _photos()) == 1


def test_too_little_to_measure():
    small = np.zeros((223, 400, 3), np.uint8)
    for photos in ([], [small]):
        with pytest.raises(ValueError, match="at least 224 px"):
            border(_same, photos)
    with pytest.raises(ValueError, match="at least one picture"):
        grid_amplitudes([])
    with pytest.raises(ValueError, match="at least 128 px"):
        grid_amplitudes([small[:100]])
