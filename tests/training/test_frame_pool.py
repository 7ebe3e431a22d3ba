"""Frames in memory to learn on."""

import numpy as np
import pytest
import torch

from stylecam.training.frame_pool import KEPT, FramePool


def _frame(level, size=(48, 64)):
    return np.full((*size, 3), level, np.uint8)


def test_a_batch_has_the_asked_shape_whatever_the_frames():
    pool = FramePool([_frame(10, (33, 200)), _frame(20, (700, 40))])
    pool.add(_frame(30, (1200, 1600)))
    for side in (32, 64, 136):
        batch = pool.batch(3, side)
        assert (batch.shape, batch.dtype) == ((3, 3, side, side), torch.uint8)


def test_the_newest_frames_are_kept_and_large_ones_made_smaller():
    pool = FramePool([_frame(1)])
    for n in range(KEPT + 5):
        pool.add(_frame(n))
    assert len(pool) == KEPT + 1
    assert [int(frame[0, 0, 0]) for frame in pool.frames] == list(range(5, KEPT + 5))
    pool.add(_frame(9, (1080, 1920)))
    assert min(pool.frames[-1].shape[:2]) <= 576


def test_the_scene_stands_in_until_frames_come_and_is_there_afterwards_too():
    dark, bright = _frame(20), _frame(200)
    pool = FramePool([bright], seed=1)
    assert pool.frames[0] is bright
    pool.add(dark)
    assert [int(frame[0, 0, 0]) for frame in pool.frames] == [20]
    means = pool.batch(60, 32).float().mean((1, 2, 3))
    assert (means > 110).any()
    assert (means < 70).any()


def test_no_two_pictures_of_one_frame_are_alike():
    pool = FramePool([np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)])
    batch = pool.batch(4, 48).float()
    assert all((batch[a] - batch[b]).abs().mean() > 1 for a in range(4) for b in range(a))


def test_the_same_seed_draws_the_same():
    frame = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    first, second = (FramePool([frame], seed=4).batch(3, 48) for _ in range(2))
    assert torch.equal(first, second)


def test_an_empty_pool_says_so():
    with pytest.raises(ValueError, match="no frames"):
        FramePool([]).batch(1, 32)
