"""Evaluation of styles whose qualities are known."""

import dataclasses
import json

import cv2
import numpy as np
import pytest
import torch

from stylecam.models.errors import OptionsError, PictureError, StylecamError
from stylecam.training.contrast import at_contrast
from stylecam.training.evaluate import EvaluateOptions, distances, evaluate
from stylecam.training.evaluation_data import load_vgg, perceptual_loss, read_photos
from stylecam.training.gatys import Count, gatys_iterations
from stylecam.training.painting import read_painting
from stylecam.training.validation import to_tensor

QUICK = EvaluateOptions(gatys_photos=0)


def _same(frame):
    return frame


@pytest.fixture(scope="module")
def loss(vgg_file, painting_file):
    return perceptual_loss(load_vgg(vgg_file, "cpu"), painting_file, style_size=96)


@pytest.fixture(scope="module")
def photo():
    coarse = np.random.default_rng(5).uniform(0, 255, (12, 16, 3)).astype(np.float32)
    return np.clip(cv2.resize(coarse, (300, 256), interpolation=cv2.INTER_CUBIC), 0, 255).astype(np.uint8)


def test_the_photo_itself_has_no_content_distance_and_no_faults(loss, photo):
    result = evaluate(_same, [photo], loss, QUICK)
    assert result.content == 0
    assert result.style > 0
    assert result.objective == pytest.approx(6 * result.style)
    assert (result.stability, result.border) == (1, 1)
    assert result.grid == 0
    assert result.grid_gradients == result.grid_photos == {2: 0, 4: 0, 8: 0}
    assert result.gatys_iterations is None
    assert json.loads(json.dumps(result.to_dict()))["photos"] == 1


def test_the_large_distances_are_those_of_large_pictures(loss, photo):
    """A style that gives up where frames are larger than what it learnt on is seen."""

    def fails_when_large(frame):
        return frame if min(frame.shape[:2]) <= 256 else np.zeros_like(frame)

    only = dataclasses.replace(QUICK, only=frozenset({"content", "large"}))
    result = evaluate(fails_when_large, [photo], loss, only)
    assert result.content == 0
    assert result.content_480 > 0.5
    assert result.objective_480 == pytest.approx(result.content_480 + 6 * result.style_480)
    assert evaluate(_same, [photo], loss, only).content_480 == 0
    assert result.style is result.objective is None


def test_the_painting_itself_has_no_style_distance(loss, painting_file, photo):
    resized = perceptual_loss(loss.vgg, painting_file, style_size=256)
    full = np.ascontiguousarray(read_painting(painting_file, 256)[..., ::-1])
    ((content, style),) = distances(lambda frame: full, resized, [full])
    assert (content, style) == (0, pytest.approx(0, abs=1e-6))


def test_a_style_that_evens_out_the_contrast_has_no_spread(loss, photo):
    """What instance normalization does, in its simplest form: mean 128 and a deviation of 40 whatever comes."""

    def even(frame):
        mean, deviation = frame.mean((0, 1)), frame.std((0, 1))
        return np.clip(128 + 40 * (frame - mean) / deviation, 0, 255).astype(np.uint8)

    # Faint enough that twice the contrast is cut off nowhere.
    faint = (100 + (photo.astype(np.float32) - 128) / 4).astype(np.uint8)
    only = EvaluateOptions(only=frozenset({"contrast"}))
    same, evened = evaluate(_same, [faint], loss, only), evaluate(even, [faint], loss, only)
    assert list(same.contrast) == [0.25, 0.5, 1.0, 2.0]
    assert same.contrast_spread == max(same.contrast.values()) - min(same.contrast.values())
    assert evened.contrast_spread < 0.1 * same.contrast_spread
    assert same.style is None


def test_contrast_is_around_each_channels_mean():
    photo = np.zeros((2, 2, 3), np.uint8)
    photo[0], photo[1] = (100, 20, 255), (140, 60, 5)
    assert at_contrast(photo, 0.5)[:, 0].tolist() == [[110, 30, 192], [130, 50, 68]]
    assert at_contrast(photo, 2)[:, 0].tolist() == [[80, 0, 255], [160, 80, 0]]
    assert np.array_equal(at_contrast(photo, 1), photo)


def test_the_curve_of_the_optimisation_falls_to_its_limit(loss, photo):
    found = gatys_iterations(loss, [_small(photo)] * 2, [1e9, 2e9], 6.0, limit=3, curve=True)
    assert len(found.curve) == 4
    assert list(found.curve) == sorted(found.curve, reverse=True)
    assert found.goal == 1.5e9
    assert found.from_noise == Count(0, False)


def test_the_curve_tells_the_same_count_as_the_search(loss, photo):
    small = _small(photo)
    curve = gatys_iterations(loss, [small], [0.0], 6.0, limit=6, curve=True).curve
    for goal in ((curve[2] + curve[3]) / 2, curve[-1] / 2):  # reached by the third iteration, and by none
        with_curve, without = (gatys_iterations(loss, [small], [goal], 6.0, 6, drawn) for drawn in (True, False))
        assert with_curve.from_noise == without.from_noise == (Count(3, False) if goal > curve[-1] else Count(6, True))
        assert with_curve.curve == pytest.approx(curve)


def test_the_weight_is_that_of_style(loss, photo):
    quickest = dataclasses.replace(QUICK, only=frozenset({"objective"}))
    light, heavy = (evaluate(_same, [photo], loss, dataclasses.replace(quickest, style_weight=w)) for w in (1, 10))
    assert light.objective > 0
    assert heavy.objective == pytest.approx(10 * light.objective)


def test_without_a_painting_the_distances_are_left_out(photo):
    result = evaluate(_same, [photo], None, EvaluateOptions(), {"film": [photo, np.roll(photo, 1, 1)]})
    assert (result.style, result.content, result.objective, result.gatys_iterations) == (None,) * 4
    assert result.clip_stability == {"film": 1}


def test_only_what_is_asked_for_is_measured(loss, photo):
    wanted = EvaluateOptions(only=frozenset({"content", "border"}))
    result = evaluate(_same, [photo[:40, :40]], loss, wanted, {"film": [photo, photo]})
    measured = {name for name, value in result.to_dict().items() if value not in (None, {})}
    assert measured == {"photos", "content", "border", "border_levels"}
    with pytest.raises(OptionsError, match=r"--only names measures of style, content.*, not beauty"):
        EvaluateOptions(only=frozenset({"beauty", "border"}))
    with pytest.raises(OptionsError, match="--only names"):
        EvaluateOptions(only=frozenset())


def test_a_pattern_that_stays_on_the_screen_is_unsteady_and_a_flat_picture_no_fault(photo):
    y, x = np.mgrid[:1000, :1000]
    screen = 30 * np.sin(x / 3) * np.sin(y / 3)

    def locked(frame):
        added = frame // 2 + 64 + screen[: frame.shape[0], : frame.shape[1], None]
        return np.rint(added).astype(np.uint8)

    assert evaluate(locked, [photo], None, QUICK).stability > 1.2
    flat = evaluate(lambda frame: np.full_like(frame, 80), [photo], None, QUICK)
    assert (flat.stability, flat.grid, flat.border) == (pytest.approx(0, abs=0.1), 0, 1)


def test_a_painted_grid_and_border_are_told(photo):
    """A wave of period 8 px and 6 levels, which only large pictures have, and a frame of 4 px."""

    def faulty(frame):
        columns = np.arange(frame.shape[1])
        wave = 6 * np.sin(columns * np.pi / 4) if frame.shape[1] == 640 else 0 * columns
        painted = np.clip(np.rint(frame + wave[:, None]), 0, 255).astype(np.uint8)
        painted[:4] = painted[-4:] = painted[:, :4] = painted[:, -4:] = 0
        return painted

    result = evaluate(faulty, [photo], None, QUICK)
    assert result.grid == max(result.grid_gradients.values()) == result.grid_gradients[8] == pytest.approx(6, rel=0.1)
    assert max(result.grid_photos.values()) < 1
    assert result.border > 100
    assert result.border == pytest.approx(result.border_levels.ratio)
    assert result.border_levels.outer > 20
    assert result.border_levels.middle == 0


def test_a_clip_that_cannot_be_measured_is_named(photo):
    with pytest.raises(PictureError, match=r"the clip a\.mp4 cannot be measured"):
        evaluate(_same, [photo], None, QUICK, {"a.mp4": [photo]})
    with pytest.raises(PictureError, match="at least one photo"):
        evaluate(_same, [], None, QUICK)


def _small(photo):
    return to_tensor(cv2.resize(photo, (64, 64))[..., ::-1])


def test_a_goal_that_the_start_reaches_takes_no_iteration(loss, photo):
    counts = gatys_iterations(loss, [_small(photo)], [1e9], 6.0)
    assert (counts.from_noise, counts.from_content) == (Count(0, False), Count(0, False))


def test_a_goal_just_below_the_start_takes_one_iteration(loss, photo):
    small = _small(photo)
    content, style = loss(small, loss.content_target(small))
    goal = float(content + 6 * style) * 0.9999
    said = []
    counts = gatys_iterations(loss, [small], [goal], 6.0, limit=3, on_progress=said.append)
    assert counts.from_content == Count(1, False)
    assert said == ["optimisation from noise, photo 1 of 1", "optimisation from content, photo 1 of 1"]


def test_a_goal_out_of_reach_is_capped(loss, photo):
    counts = gatys_iterations(loss, [_small(photo)] * 2, [1e9, 0.0], 6.0, limit=2)
    assert counts.from_noise == Count(1, True)
    assert (str(Count(200, True)), str(Count(17.25, False))) == (">= 200", "17.2")


def test_iterations_are_measured_on_the_first_photos(loss, photo):
    small = photo[:64, :64]
    options = EvaluateOptions(gatys_photos=1, max_iterations=1, only=frozenset({"gatys_iterations"}))
    result = evaluate(lambda frame: np.full_like(frame, 90), [small, small], loss, options)
    assert result.gatys_iterations.photos == 1
    assert set(result.to_dict()["gatys_iterations"]["from_noise"]) == {"mean", "capped"}


def test_photos_are_read_and_the_unreadable_are_told(tmp_path, photo):
    (tmp_path / "0.png").write_bytes(b"no picture")
    for number, side in ((1, 256), (2, 700), (3, 256)):
        cv2.imwrite(str(tmp_path / f"{number}.png"), cv2.resize(photo, (side + 10, side)))
    photos, skipped = read_photos(sorted(tmp_path.iterdir()), 2)
    assert [p.shape for p in photos] == [(256, 266, 3), (480, 487, 3)]
    assert np.array_equal(photos[0], cv2.imread(str(tmp_path / "1.png")))
    assert skipped == [tmp_path / "0.png"]
    with pytest.raises(PictureError, match="none of the photos"):
        read_photos([tmp_path / "0.png"], 2)


@pytest.mark.parametrize("settings", [{"style_weight": -1}, {"gatys_photos": -1}, {"max_iterations": 0}])
def test_impossible_options(settings):
    with pytest.raises(OptionsError, match="--"):
        EvaluateOptions(**settings)


def test_a_painting_is_cropped_and_sized(painting_file, tmp_path):
    assert read_painting(painting_file, 110).shape == (110, 150, 3)
    assert read_painting(painting_file, 88, 0.1).shape[0] == 88
    assert np.array_equal(read_painting(painting_file, 88, 0.1), read_painting(painting_file, 110)[11:-11, 11:-11])
    with pytest.raises(OptionsError, match="--speckle"):
        read_painting(painting_file, 110, speckle=4)
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


def test_the_loss_is_in_float32(loss):
    assert {p.dtype for p in loss.vgg.parameters()} == {torch.float32}
