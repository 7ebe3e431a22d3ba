"""A painting, as a training prepares it and as it is measured against."""

import cv2
import numpy as np
import pytest

from stylecam.models.errors import OptionsError, PictureError, StylecamError
from stylecam.training.painting import read_painting, read_scan


def test_a_painting_is_cropped_and_sized(painting_file, tmp_path):
    assert read_painting(painting_file, 110).shape == (110, 150, 3)
    assert read_painting(painting_file, 88, 0.1).shape[0] == 88
    assert np.array_equal(read_painting(painting_file, 88, 0.1), read_painting(painting_file, 110)[11:-11, 11:-11])
    with pytest.raises(OptionsError, match="--speckle"):
        read_painting(painting_file, 110, speckle=4)
    for width in (-1, 65):
        with pytest.raises(OptionsError, match="--spots"):
            read_painting(painting_file, 110, spots=width)
    with pytest.raises(OptionsError, match="--flatten"):
        read_painting(painting_file, 110, flatten=256)
    for size, crop in ((10, 0), (512, 0.6), (float("nan"), 0)):
        with pytest.raises(OptionsError, match="--style-size"):
            read_painting(painting_file, size, crop)
    cv2.imwrite(str(tmp_path / "thin.png"), np.zeros((20, 200, 3), np.uint8))
    with pytest.raises(StylecamError, match="too little"):
        read_painting(tmp_path / "thin.png")


def test_speckle_is_taken_from_a_painting(tmp_path):
    random = np.random.default_rng(0)
    clean = np.full((120, 160, 3), 128, np.uint8)
    dotted = clean.copy()
    dotted[random.random((120, 160)) < 0.05] = 255
    cv2.imwrite(str(tmp_path / "dotted.png"), dotted)
    assert np.ptp(read_painting(tmp_path / "dotted.png", 120)) > 100
    assert np.mean(read_painting(tmp_path / "dotted.png", 120, speckle=3) != 128) < 0.02


def test_bright_spots_are_taken_from_a_painting_and_nothing_else(tmp_path):
    wave = np.full((120, 160, 3), (90, 40, 30), np.uint8)
    cv2.circle(wave, (40, 40), 20, (220, 230, 230), -1)
    cv2.line(wave, (40, 40), (40, 100), (220, 230, 230), 3)  # a finger of the foam: thin, and joined to it
    cv2.circle(wave, (120, 60), 12, (20, 10, 10), 2)  # a dark outline
    spray = wave.copy()
    for x in range(70, 150, 10):
        cv2.circle(spray, (x, 100), 2, (220, 230, 230), -1)
    cv2.imwrite(str(tmp_path / "spray.png"), spray)
    assert np.array_equal(read_painting(tmp_path / "spray.png", 120, spots=9)[..., ::-1], wave)
    assert np.array_equal(read_painting(tmp_path / "spray.png", 120, spots=3)[..., ::-1], spray)


def test_flattening_takes_texture_away_and_keeps_edges(tmp_path):
    random = np.random.default_rng(0)
    halves = np.where(np.arange(80) < 40, 60, 180)
    grainy = halves[None, :, None] + random.integers(-6, 7, (60, 80, 3))
    cv2.imwrite(str(tmp_path / "grainy.png"), grainy.astype(np.uint8))
    plain, flat = (read_painting(tmp_path / "grainy.png", 180, flatten=levels).astype(int) for levels in (0, 25))
    assert flat.shape == plain.shape
    assert flat[20:-20, 10:100].std() < 0.3 * plain[20:-20, 10:100].std()
    between = [((picture > 75) & (picture < 165)).sum() for picture in (plain, flat)]  # the blur of the enlarged edge
    assert between[1] < 1.1 * between[0]
    assert np.abs(flat.mean() - plain.mean()) < 1


def _saved(path, picture):
    cv2.imwrite(str(path), picture)
    return path


def test_a_scan_loses_its_edges_and_nothing_else(painting_file):
    whole = cv2.imread(str(painting_file))[..., ::-1]
    assert np.array_equal(read_scan(painting_file), whole[2:-2, 2:-2])  # 2 % of 110 px; never enlarged or smoothed


def test_a_large_scan_is_brought_to_512_px(tmp_path):
    random = np.random.default_rng(1)
    large = cv2.resize(random.integers(0, 256, (40, 60, 3), np.uint8), (1500, 1000), interpolation=cv2.INTER_CUBIC)
    scan = read_scan(_saved(tmp_path / "large.png", large))
    assert scan.shape == (512, 779, 3)
    inner = cv2.resize(large[20:-20, 20:-20], (779, 512), interpolation=cv2.INTER_AREA)
    assert np.array_equal(scan, inner[..., ::-1])


def test_a_scan_that_says_nothing_is_refused(tmp_path):
    for name, shape in (("small", (33, 33)), ("banner", (40, 700))):
        with pytest.raises(PictureError, match="too little to compare with"):
            read_scan(_saved(tmp_path / f"{name}.png", np.zeros((*shape, 3), np.uint8)))
