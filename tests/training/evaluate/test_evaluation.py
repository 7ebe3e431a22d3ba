"""Evaluation of styles whose qualities are known."""

import json

import cv2
import numpy as np
import pytest

from stylecam.models.errors import OptionsError, PictureError
from stylecam.training.evaluate.evaluation import MEASURES, EvaluateOptions, evaluate
from stylecam.training.evaluate.evaluation_data import load_vgg, read_pair, read_photos
from stylecam.training.evaluate.gatys_iterations import Count, gatys_iterations
from stylecam.training.evaluate.likeness import Target
from stylecam.training.losses.perceptual import PerceptualLoss
from stylecam.training.tensors import to_tensor


def _same(frame):
    return frame


@pytest.fixture(scope="module")
def target(vgg_file, painting_file):
    return Target.read(load_vgg(vgg_file, "cpu"), painting_file)


@pytest.fixture(scope="module")
def loss(target):
    return PerceptualLoss(target.vgg, to_tensor(target.scan[..., ::-1]))


@pytest.fixture(scope="module")
def photo():
    coarse = np.random.default_rng(5).uniform(0, 255, (12, 16, 3)).astype(np.float32)
    return np.clip(cv2.resize(coarse, (300, 256), interpolation=cv2.INTER_CUBIC), 0, 255).astype(np.uint8)


def test_the_photo_itself_has_no_content_distance_and_no_faults(target, photo):
    result = evaluate(_same, [photo], target)
    assert result.content == 0
    assert min(result.style, result.swd, result.sharp) > 0
    assert (result.stability, result.border) == (1, 1)
    assert result.grid == 0
    assert result.grid_gradients == result.grid_photos == {2: 0, 4: 0, 8: 0}
    assert result.gatys_iterations is None  # only where it is asked for
    assert json.loads(json.dumps(result.to_dict()))["photos"] == 1


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


def test_without_a_painting_the_distances_are_left_out(photo):
    everything = EvaluateOptions(only=frozenset(MEASURES))
    result = evaluate(_same, [photo], None, everything, {"film": [photo, np.roll(photo, 1, 1)]})
    assert (result.content, result.style, result.swd, result.sharp, result.gatys_iterations) == (None,) * 5
    assert result.clip_stability == {"film": 1}


def test_only_what_is_asked_for_is_measured(target, photo):
    wanted = EvaluateOptions(only=frozenset({"content", "border"}))
    result = evaluate(_same, [photo[:40, :40]], target, wanted, {"film": [photo, photo]})
    measured = {name for name, value in result.to_dict().items() if value not in (None, {})}
    assert measured == {"photos", "content", "border", "border_levels"}
    with pytest.raises(OptionsError, match=r"--only takes measures of content, style, swd.*, not beauty"):
        EvaluateOptions(only=frozenset({"beauty", "border"}))
    with pytest.raises(OptionsError, match="--only takes"):
        EvaluateOptions(only=frozenset())


def test_a_pattern_that_stays_on_the_screen_is_unsteady_and_a_flat_picture_no_fault(photo):
    y, x = np.mgrid[:1000, :1000]
    screen = 30 * np.sin(x / 3) * np.sin(y / 3)

    def locked(frame):
        added = frame // 2 + 64 + screen[: frame.shape[0], : frame.shape[1], None]
        return np.rint(added).astype(np.uint8)

    assert evaluate(locked, [photo]).stability > 1.2
    flat = evaluate(lambda frame: np.full_like(frame, 80), [photo])
    assert (flat.stability, flat.grid, flat.border) == (pytest.approx(0, abs=0.1), 0, 1)


def test_a_painted_grid_and_border_are_told(photo):
    """A wave of period 8 px and 6 levels, which only large pictures have, and a frame of 4 px."""

    def faulty(frame):
        columns = np.arange(frame.shape[1])
        wave = 6 * np.sin(columns * np.pi / 4) if frame.shape[1] == 640 else 0 * columns
        painted = np.clip(np.rint(frame + wave[:, None]), 0, 255).astype(np.uint8)
        painted[:4] = painted[-4:] = painted[:, :4] = painted[:, -4:] = 0
        return painted

    result = evaluate(faulty, [photo])
    assert result.grid == max(result.grid_gradients.values()) == result.grid_gradients[8] == pytest.approx(6, rel=0.1)
    assert max(result.grid_photos.values()) < 1
    assert result.border > 100
    assert result.border == pytest.approx(result.border_levels.ratio)
    assert result.border_levels.outer > 20
    assert result.border_levels.middle == 0


def test_a_clip_that_cannot_be_measured_is_named(photo):
    with pytest.raises(PictureError, match=r"the clip a\.mp4 cannot be measured"):
        evaluate(_same, [photo], None, None, {"a.mp4": [photo]})
    with pytest.raises(PictureError, match="at least one photo"):
        evaluate(_same, [])


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


def test_iterations_are_measured_on_the_first_photos(target, loss, photo):
    small = photo[:64, :64]
    options = EvaluateOptions(gatys_photos=1, max_iterations=1, only=frozenset({"gatys_iterations"}))
    result = evaluate(lambda frame: np.full_like(frame, 90), [small, small], target, options)
    assert (result.gatys_iterations.photos, result.gatys_iterations.style_weight) == (1, 6)
    shown, flat = (to_tensor(cv2.resize(p, (256, 256))) for p in (small[..., ::-1], np.full_like(small, 90)))
    content, style = loss(flat, loss.content_target(shown))
    assert result.gatys_iterations.goal == pytest.approx(float(content + 6 * style), rel=0.01)
    assert set(result.to_dict()["gatys_iterations"]["from_noise"]) == {"mean", "capped"}


def test_photos_are_read_at_480_lines_and_the_unreadable_are_told(tmp_path, photo):
    (tmp_path / "0.png").write_bytes(b"no picture")
    for number, side in ((1, 256), (2, 700), (3, 256)):
        cv2.imwrite(str(tmp_path / f"{number}.png"), cv2.resize(photo, (side + 10, side)))
    photos, skipped = read_photos(sorted(tmp_path.iterdir()), 2)
    assert [p.shape for p in photos] == [(480, 499, 3), (480, 487, 3)]
    small = cv2.imread(str(tmp_path / "1.png"))
    assert np.array_equal(photos[0], cv2.resize(small, (499, 480), interpolation=cv2.INTER_CUBIC))
    assert skipped == [tmp_path / "0.png"]
    with pytest.raises(PictureError, match="none of the photos"):
        read_photos([tmp_path / "0.png"], 2)


def test_a_finished_picture_is_brought_to_its_photos_size(tmp_path, photo):
    original, half, other = (tmp_path / f"{name}.png" for name in ("photo", "half", "other"))
    cv2.imwrite(str(original), photo)
    cv2.imwrite(str(half), cv2.resize(photo, (150, 128)))
    cv2.imwrite(str(other), photo[:, :200])
    shown, finished = read_pair(original, half)
    assert np.array_equal(shown, photo)
    assert finished.shape == photo.shape
    assert np.abs(finished.astype(int) - photo).mean() < 5
    with pytest.raises(PictureError, match=r"other\.png does not fit .*photo\.png"):
        read_pair(original, other)


@pytest.mark.parametrize("settings", [{"style_weight": -1}, {"gatys_photos": 0}, {"max_iterations": 0}])
def test_impossible_options(settings):
    with pytest.raises(OptionsError, match="--"):
        EvaluateOptions(**settings)
