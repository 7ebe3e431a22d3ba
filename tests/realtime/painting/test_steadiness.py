"""Steadiness: strokes boil less and stay crisp, and nothing of the last frame is where it should not be."""

from itertools import pairwise

import numpy as np
import pytest

from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.painting.motion import MotionSearch
from stylecam.realtime.painting.painter import Painter
from stylecam.realtime.painting.steadiness import Steadiness
from stylecam.realtime.painting.usual import STEADY
from stylecam.realtime.video.libraries import cv2
from stylecam.training.evaluate.stylize import sharpness

from ...live_session import FakeWindow, ScriptedSource
from .moving_scene import HEIGHT, WIDTH, painted, scene, view

INSIDE = np.s_[16:-16, 16:-16]


def _run(frames, paintings, amount=STEADY):
    search, steadiness = MotionSearch(), Steadiness(amount)
    return [steadiness.settle(painting, search(frame)) for frame, painting in zip(frames, paintings, strict=True)]


def _boil(pictures, moved=(0.0, 0.0)):
    """The mean difference from one picture to the next, the second moved back."""
    matrix = np.float32([[1, 0, moved[0]], [0, 1, moved[1]]])
    size = pictures[0].shape[1::-1]
    pairs = pairwise(pictures[4:])
    return float(np.mean([np.abs(cv2.warpAffine(a, matrix, size).astype(int) - b)[INSIDE].mean() for a, b in pairs]))


@pytest.mark.parametrize("moved", [(0.0, 0.0), (2.0, 1.0), (-3.0, 0.0)])
def test_strokes_boil_less_and_stay_crisp(moved):
    frames = [view(scene(), n * moved[0], n * moved[1]) for n in range(12)]
    paintings = [painted(frame, seed) for seed, frame in enumerate(frames)]
    steadied = _run(frames, paintings)
    assert _boil(steadied, moved) < 0.5 * _boil(paintings, moved)
    assert sharpness(steadied[-1]) > 0.5 * sharpness(paintings[-1])
    half = _run(frames, paintings, STEADY / 2)
    assert _boil(steadied, moved) < _boil(half, moved) < _boil(paintings, moved)


@pytest.mark.parametrize("sigma", [1, 2, 4])
@pytest.mark.parametrize("jpeg", [False, True])
def test_a_still_camera_s_noise_does_not_flicker(sigma, jpeg):
    random, frames = np.random.default_rng(sigma), []
    for _ in range(14):
        noisy = view(scene()) + random.normal(0, sigma, (HEIGHT, WIDTH, 3))
        frame = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
        if jpeg:
            frame = cv2.imdecode(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 85])[1], cv2.IMREAD_COLOR)
        frames.append(frame)
    paintings = [cv2.addWeighted(frame, 2.0, cv2.blur(frame, (5, 5)), -1.0, 0) for frame in frames]  # it loves detail
    steadied = _run(frames, paintings)
    assert _boil(steadied) < 0.25 * _boil(paintings)
    assert sharpness(steadied[-1]) > 0.6 * sharpness(paintings[-1])


def test_light_that_changes_slowly_is_followed():
    frames = [cv2.add(view(scene()) // 2, (n, n, n, 0)) for n in range(60)]  # a level a frame
    steadied = _run(frames, frames)
    assert abs(float(steadied[-1].astype(int).mean() - frames[-1].mean())) < 8


def test_nothing_is_changed_with_amount_0_nor_are_the_arguments():
    frames = [view(scene(), n, 0) for n in range(4)]
    paintings = [painted(frame, seed) for seed, frame in enumerate(frames)]
    before = [painting.copy() for painting in paintings]
    assert all(a is b for a, b in zip(_run(frames, paintings, 0.0), paintings, strict=True))
    _run(frames, paintings)
    assert np.array_equal(paintings, before)


def test_the_first_frame_and_the_first_after_a_cut_are_as_painted():
    frames = [view(scene(seed=n // 4), n % 4, 0) for n in range(8)]
    paintings = [painted(frame, seed) for seed, frame in enumerate(frames)]
    steadied = _run(frames, paintings)
    same = [np.array_equal(a, b) for a, b in zip(steadied, paintings, strict=True)]
    assert same == [True, False, False, False, True, False, False, False]


def test_a_flash_leaves_nothing_behind():
    frames = [view(scene()) for _ in range(7)]
    frames[3] = cv2.add(frames[3], (90, 90, 90, 0))
    paintings = [painted(frame, seed) for seed, frame in enumerate(frames)]
    steadied = _run(frames, paintings)
    assert np.array_equal(steadied[3], paintings[3])
    assert np.array_equal(steadied[4], paintings[4])


def test_a_hand_before_a_face_leaves_no_ghost():
    frames = [view(scene()) for _ in range(12)]
    for number, frame in enumerate(frames):
        left = 10 + 14 * number
        frame[40:100, left : left + 40] = (20, 40, 230)
    paintings = [painted(frame, seed) for seed, frame in enumerate(frames)]
    bare = [painted(view(scene()), seed) for seed in range(12)]
    for number, picture in list(enumerate(_run(frames, paintings)))[3:10]:
        left = 10 + 14 * number
        uncovered = np.s_[50:90, left - 12 : left - 2]  # by the last step
        assert np.abs(picture[uncovered].astype(int) - bare[number][uncovered]).mean() < 12
        hand = np.s_[50:90, left + 6 : left + 34]
        assert np.abs(picture[hand].astype(int) - paintings[number][hand]).mean(axis=(0, 1)).max() < 40
        assert picture[hand][..., 2].mean() > picture[hand][..., 0].mean() + 60


def test_a_style_that_changes_its_mind_is_not_held_back():
    """Where the frame is still and the painting's colours change, as after another style, the old ones go."""
    frames = [view(scene()) for _ in range(4)]
    paintings = [painted(frames[0], 0)] * 2 + [255 - painted(frames[0], 0)] * 2
    steadied = _run(frames, paintings)
    assert np.abs(steadied[2].astype(int) - paintings[2]).mean() < 20


def test_another_size_begins_anew():
    search, steadiness = MotionSearch(), Steadiness(1.0)
    for size in ((192, 144), (96, 72), (192, 144)):
        frame = cv2.resize(view(scene()), size)
        painting = painted(view(scene()), 3)[: size[1], : size[0]]
        assert np.array_equal(steadiness.settle(painting, search(frame)), painting)


@pytest.fixture
def boiling(styles, monkeypatch):
    """The styles of the session, whose strokes boil."""
    for number in range(2):
        stylizer, count = styles.get(number), iter(range(10_000))
        run = stylizer._engine.run
        noisy = lambda frame, run=run, count=count: (  # noqa: E731
            np.clip(run(frame) + np.random.default_rng(next(count)).normal(0, 25, frame.shape), 0, 255).astype(np.uint8)
        )
        monkeypatch.setattr(stylizer._engine, "run", noisy)
    return styles


def _session(styles, keys=None, **options):
    window = FakeWindow(keys)
    run_live(ScriptedSource([20] * 24, live=True), styles, [window], LiveOptions(**options))
    return window.pictures


def test_a_live_session_is_steady_and_keys_say_how_much(boiling):
    hud_off = {0: ["h"]}
    plain = _session(boiling, hud_off)
    steady = _session(boiling, hud_off, steady=1.0)
    assert _boil(steady) < 0.5 * _boil(plain)
    keys = {0: ["h"], 1: ["-"] * 10}
    assert _boil(_session(boiling, keys, steady=1.0)) > 0.9 * _boil(plain)


def test_a_switch_of_style_and_the_original_forget_the_last_painting(styles):
    painter = Painter(styles, 1.0, False, False, steady=1.0)
    frame = view(scene())
    for _ in range(3):
        painter.paint(frame)
    painter.select(1)
    while not painter.switch()[0]:
        styles.wait(10)
    for _ in range(6):  # while it fades
        painter.paint(frame)
    assert np.array_equal(painter.picture, frame)
    painter.original = True
    painter.paint(255 - frame)
    painter.original = False
    painter.paint(frame)
    assert np.array_equal(painter.picture, frame)
    painter.close()
