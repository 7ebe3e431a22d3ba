"""Motion between frames: what is known of it, and what must not be believed."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest

from stylecam.realtime.painting.motion import MotionSearch, motion_between, shrunk
from stylecam.realtime.video.libraries import cv2

from .moving_scene import HEIGHT, WIDTH, scene, view

INSIDE = np.s_[16:-16, 16:-16]


@pytest.mark.parametrize(("right", "down"), [(0.6, 0.0), (3.0, -2.0), (-6.5, 4.25), (0.0, 9.0)])
def test_a_known_motion_is_found_to_a_fraction_of_a_pixel(right, down):
    motion = motion_between(view(scene()), view(scene(), right, down))
    assert np.abs(motion.flow[INSIDE] - (-right, -down)).mean() < 0.15
    assert motion.known[INSIDE].mean() > 0.9


def test_a_picture_is_moved_to_where_its_parts_are_now():
    before, after = view(scene()), view(scene(), 5, -3)
    moved = motion_between(before, after).moved(before)
    far = np.abs(moved.astype(int) - after)[INSIDE].mean()
    assert far < 0.25 * np.abs(before.astype(int) - after)[INSIDE].mean()


def test_what_is_at_rest_does_not_move_at_all():
    random = np.random.default_rng(0)
    frames = [
        np.clip(view(scene()) + random.normal(0, 2, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8) for _ in range(2)
    ]
    motion = motion_between(*frames)
    assert (motion.flow[INSIDE] == 0).mean() > 0.8
    assert np.abs(motion.flow[INSIDE]).mean() < 0.02
    assert np.array_equal(motion_between(frames[0], frames[0]).moved(frames[0]), frames[0])


def test_uncovered_ground_and_what_was_outside_is_not_known():
    before, after = view(scene()), view(scene())
    before[40:100, 60:110] = 255  # a hand that is gone in the next frame
    known = motion_between(before, after).known
    assert known[55:85, 75:95].max() == 0
    assert known[:25].mean() > 0.9
    turned = motion_between(view(scene()), view(scene(), 12, 0)).known
    assert turned[:, :8].max() == 0


@pytest.mark.parametrize("after", [view(scene(seed=5)), cv2.add(view(scene()), (90, 90, 90, 0))])
def test_of_a_cut_and_a_flash_nothing_is_known(after):
    assert motion_between(view(scene()), after).known.mean() < 0.2


def test_threads_do_not_matter():
    frames = [view(scene(), 2.3 * n, 1.1 * n) for n in range(6)]
    pairs = list(pairwise(frames))
    threads = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        alone = [motion_between(*pair) for pair in pairs]
        cv2.setNumThreads(4)
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda pair: motion_between(*pair), pairs * 4))
    finally:
        cv2.setNumThreads(threads)
    for one, other in zip(alone * 4, together, strict=True):
        assert np.array_equal(one.flow, other.flow)
        assert np.array_equal(one.known, other.known)


@pytest.mark.parametrize("size", [(8, 8), (10, 100), (100, 12), (14, 1920), (20, 8000)])
def test_in_frames_too_small_for_it_no_motion_is_looked_for(size):
    frame = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    assert motion_between(shrunk(frame), shrunk(frame)) is None
    search = MotionSearch()
    assert search(frame) is search(frame) is None


def test_a_very_small_frame_leaves_no_trace():
    before, after = view(scene()), view(scene(), 3, 1)
    motion = motion_between(before, after)
    motion_between(before[:32, :32], after[:32, :32])
    assert np.array_equal(motion_between(before, after).flow, motion.flow)


def test_frames_are_searched_small_and_another_size_begins_anew():
    search = MotionSearch()
    large = cv2.resize(view(scene()), (1280, 960))
    assert shrunk(large).shape == (240, 320, 3)
    assert search(large) is None
    assert search(large).moved(large).shape == large.shape
    assert search(view(scene())) is None
    assert search(view(scene())).flow.shape == (HEIGHT, WIDTH, 2)
    for height, width in ((32, 32), (33, 500), (2000, 32)):
        frame = cv2.resize(view(scene()), (width, height))
        search(frame)
        assert search(frame).moved(frame).shape == frame.shape
