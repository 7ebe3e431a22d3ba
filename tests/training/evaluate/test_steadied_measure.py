"""Stability with the paintings steadied: what is steady measures steadier, what is blurred is told."""

import numpy as np
import pytest

from stylecam.models.errors import PictureError
from stylecam.training.evaluate.evaluation import EvaluateOptions, evaluate
from stylecam.training.evaluate.stability_measure import stability
from stylecam.training.evaluate.steadied_measure import steadied_on_clip, steadied_stability


@pytest.fixture
def photo():
    coarse = np.random.default_rng(3).integers(30, 220, (12, 16, 3), np.uint8)
    return np.kron(coarse, np.ones((30, 30, 1), np.uint8))


def _boiling():
    random = np.random.default_rng(1)
    return lambda frame: np.clip(frame + random.normal(0, 25, frame.shape), 0, 255).astype(np.uint8)


def _blurring():
    """Steadied by brute force: a mean over all frames up to now."""
    frames = []
    return lambda frame: (frames.append(frame), np.mean(frames, axis=0).astype(np.uint8))[1]


def test_a_style_that_is_as_steady_as_the_frames_is_1_and_crisp(photo):
    steadied = steadied_stability(lambda frame: frame, lambda: lambda frame: frame, [photo], draws=2)
    assert steadied.stability == pytest.approx(1)
    assert steadied.crisp == pytest.approx(1)


def test_it_agrees_with_the_stability_of_two_frames(photo):
    plain = stability(_boiling(), [photo])
    assert steadied_stability(_boiling(), _boiling, [photo]).stability == pytest.approx(plain, rel=0.15)


def test_each_film_begins_anew_and_blur_is_told(photo):
    begun = []

    def begin():
        begun.append(0)
        return _blurring()

    steadied = steadied_stability(lambda frame: frame, begin, [photo], draws=3)
    assert len(begun) == 3
    assert steadied.crisp < 0.7


def test_on_a_clip(photo):
    frames = [np.roll(photo, n, 1)[:200, 40:300] for n in range(8)]
    steadied = steadied_on_clip(lambda frame: frame, _blurring, frames)
    assert steadied.crisp < 0.7
    assert steadied_on_clip(lambda frame: frame, lambda: lambda frame: frame, frames).crisp == pytest.approx(1)


def test_without_photos_nothing_is_measured():
    with pytest.raises(PictureError, match="at least one photo"):
        steadied_stability(lambda frame: frame, _boiling, [])


def test_an_evaluation_has_both(photo):
    clips = {"a.mp4": [np.roll(photo, n, 1)[:200, 40:300] for n in range(5)]}
    only = EvaluateOptions(only=frozenset({"stability"}))
    result = evaluate(lambda frame: frame, [photo], None, only, clips, steadied=_blurring)
    assert result.steadied.crisp < 0.8
    assert list(result.clip_steadied) == ["a.mp4"]
    assert evaluate(lambda frame: frame, [photo], None, only, clips).steadied is None
    assert result.to_dict()["steadied"] == [round(value, 4) for value in result.steadied]
