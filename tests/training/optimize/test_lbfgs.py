"""L-BFGS on problems whose answer is known."""

from itertools import islice, pairwise

import pytest
import torch

from stylecam.training.optimize.lbfgs import iterations_until, minimise

TARGET = torch.linspace(0, 1, 48).view(1, 3, 4, 4)
SCALES = torch.linspace(1, 30, 48).view(1, 3, 4, 4)


def _bowl(pixels):
    return (SCALES * (pixels - TARGET).square()).sum()


def test_it_starts_with_the_start_counts_and_never_rises():
    start = torch.zeros(1, 3, 4, 4)
    iterations = list(islice(minimise(_bowl, start), 8))
    assert [i.number for i in iterations] == list(range(8))
    assert torch.equal(iterations[0].picture, start)
    assert iterations[0].objective == pytest.approx(float(_bowl(start)))
    assert all(before.objective > after.objective for before, after in pairwise(iterations))
    for iteration in iterations:
        assert iteration.objective == float(_bowl(iteration.picture))
    assert not start.any()  # the caller's picture is left alone


def test_it_finds_the_minimum_and_ends():
    *_, last = minimise(_bowl, torch.ones(1, 3, 4, 4))
    assert last.number < 100
    assert torch.allclose(last.picture, TARGET, atol=1e-3)


def test_a_start_at_the_minimum_is_all_there_is():
    (only,) = minimise(_bowl, TARGET)
    assert only.objective == 0


def test_a_picture_in_channels_last_is_the_same():
    start = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    two = [list(islice(minimise(_bowl, s), 4)) for s in (start, start.to(memory_format=torch.channels_last))]
    assert [i.objective for i in two[0]] == [i.objective for i in two[1]]


def test_each_picture_is_evaluated_once():
    seen = []

    def counted(pixels):
        seen.append(pixels.detach().clone())
        return _bowl(pixels)

    list(islice(minimise(counted, torch.zeros(1, 3, 4, 4)), 6))
    assert not any(torch.equal(a, b) for a, b in pairwise(seen))


def test_it_ends_where_the_objective_is_no_number():
    assert len(list(minimise(lambda pixels: _bowl(pixels) * float("nan"), torch.zeros(1, 3, 4, 4)))) == 1


def test_iterations_until():
    start = torch.zeros(1, 3, 4, 4)
    objectives = [i.objective for i in islice(minimise(_bowl, start), 6)]
    assert iterations_until(_bowl, start, objectives[0], 10) == 0
    assert iterations_until(_bowl, start, objectives[0] * 0.9999, 10) == 1
    assert iterations_until(_bowl, start, objectives[5], 10) == 5
    assert iterations_until(_bowl, start, objectives[5], 5) == 5
    assert iterations_until(_bowl, start, objectives[5], 4) is None
    assert iterations_until(_bowl, start, -1.0, 1000) is None
