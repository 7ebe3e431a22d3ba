"""Timestamps: a file's own times, and what is made of clocks that jump or are missing."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stylecam.realtime.video.timestamps import Timestamps

MS = Fraction(1, 1000)


def _times(ticks, may_jump=False, rate=Fraction(25)):
    timestamps = Timestamps(rate, may_jump)
    return [timestamps.next(tick, MS) / MS for tick in ticks]


def test_the_times_are_the_files_own():
    assert _times([7, 8, 508, 90_000_000]) == [7, 8, 508, 90_000_000]


def test_missing_times_come_at_the_average_rate():
    assert _times([None, None, None]) == [0, 40, 80]
    assert _times([5, None, 100, None], rate=Fraction(50)) == [5, 25, 100, 120]
    assert _times([None, None], rate=None) == [0, 40]


def test_a_clock_that_goes_back_goes_on_from_there():
    assert _times([0, 40, 80, 10, 50, 90]) == [0, 40, 80, 120, 160, 200]
    assert _times([0, 0, 0]) == [0, 40, 80]


def test_a_delay_is_given_back():
    """The sound goes by the file's own times."""
    assert _times([0, 40, 40, 80, 120, 160]) == [0, 40, 60, 80, 120, 160]
    assert _times([0, 0, 0, 40, 80, 120, 160, 200])[-3:] == [120, 160, 200]
    for same in (2, 3, 7):  # so many frames have one time, whatever the rate is said to be
        told = [40 * (n // same) for n in range(same * 50)]
        late = [time - expected for time, expected in zip(_times(told), told, strict=True)]
        assert 0 <= min(late) <= max(late) <= 40 * same
        assert max(late[-same:]) <= 40
    assert _times([0, 80, 40, 120, 160, 200])[-2:] == [160, 200]  # two that come in the wrong order


@pytest.mark.parametrize(("may_jump", "then"), [(True, 80), (False, 95_000_000)])
def test_a_clock_that_jumps_ahead_is_believed_where_the_format_has_only_one(may_jump, then):
    assert _times([0, 40, 95_000_000, 95_000_040], may_jump) == [0, 40, then, then + 40]


@given(st.lists(st.none() | st.integers(-(10**12), 10**12)), st.booleans())
def test_times_always_rise(ticks, may_jump):
    times = _times(ticks, may_jump)
    assert all(later > earlier for earlier, later in itertools.pairwise(times))
