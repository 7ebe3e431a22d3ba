"""Sound by the computer's clock: sound cards that drift, jitter, lose samples, and go."""

import numpy as np
import pytest

from stylecam.realtime.live.sample_clock import SampleClock
from stylecam.realtime.live.sound_timeline import GONE, SoundTimeline
from stylecam.realtime.video.samples import REACH, at_positions

from ...sounds import DriftingCard, onsets

RATE = 8000


def _listen(card, timeline, until):
    while card.time() < until:
        timeline.put(*card.next())


@pytest.mark.parametrize("drift", [-500e-6, 0.0, 300e-6])
@pytest.mark.parametrize("jitter", [0.0, 0.004, 0.015])
def test_the_clock_finds_the_rate_and_the_times_among_jitter(drift, jitter):
    card = DriftingCard(48000, 50.0, drift=drift, jitter=jitter, block=1024)
    clock, off = SampleClock(48000), []
    for _ in range(600 * 48000 // 1024):
        true = card.time()
        start, end, _ = clock.block(card.block, card.next()[1])
        off.append(start - true)
        assert end > start
    settled = np.array(off[len(off) // 20 :])
    assert -1e-4 < settled.min() < settled.max() < jitter + 1e-3  # its mean delay nobody can know
    assert np.ptp(settled) < 0.003
    assert 1 / clock.period == pytest.approx(48000 * (1 + drift), rel=1e-4)


def test_blocks_follow_each_other_without_a_gap():
    card, clock, ends = DriftingCard(RATE, 1.0, jitter=0.004), SampleClock(RATE), []
    for _ in range(200):
        start, end, joined = clock.block(card.block, card.next()[1])
        assert joined == bool(ends)
        assert not ends or start == ends[-1]
        ends.append(end)


def test_ten_minutes_of_a_drifting_card_stay_in_step():
    beeps = [12.0, 60.5, 300.25, 609.5]
    card = DriftingCard(RATE, 9.0, beeps, drift=300e-6, jitter=0.005)
    timeline, parts = SoundTimeline(RATE, 1), []
    _listen(card, timeline, 10.6)
    reader = timeline.reader(10.0)  # of half a second ago: pictures are painted meanwhile
    for until in np.arange(10.5, 610.5, 0.5):
        _listen(card, timeline, until + 0.1)
        parts.append(reader.take(until, until + 0.1))
    sound = np.concatenate(parts)[:, 0]
    assert abs(len(sound) - 600 * RATE) < 0.1 * RATE
    off = np.array(onsets(sound, RATE)) + 10.0 - beeps
    assert np.abs(off).max() < 0.010
    # Without the correction it would be 180 ms by now.
    assert np.abs(off - off[0]).max() < 0.004


def test_the_drift_is_taken_out_without_being_heard():
    card = DriftingCard(RATE, 0.0, drift=200e-6, jitter=0.003)
    card.beeps = [0.0]
    tone = lambda times: np.sin(2 * np.pi * 440 * times)  # noqa: E731
    timeline, parts = SoundTimeline(RATE, 1), []
    for _ in range(60 * RATE // card.block):
        times = card.time() + np.arange(card.block) / RATE / (1 + 200e-6)
        timeline.put(tone(times).astype(np.float32)[:, None], card.next()[1])
        parts += [timeline.reader(0.5)] if not parts else [parts[0].take(card.time() - 0.05, card.time())]
    sound = np.concatenate(parts[1:])[-10 * RATE :, 0]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    peak = spectrum.argmax()
    assert peak / 10 == pytest.approx(440, abs=0.15)
    assert np.delete(spectrum, np.arange(peak - 30, peak + 31)).max() < spectrum[peak] / 1000  # 60 dB


def test_lost_samples_are_silence_and_what_follows_is_in_step():
    card, timeline = DriftingCard(RATE, 0.0, [2.0, 8.0]), SoundTimeline(RATE, 1)
    _listen(card, timeline, 3.0)
    reader = timeline.reader(1.0)
    parts = [reader.take(3.0, 3.1)]
    card.lose(0.3)
    for until in np.arange(3.5, 9.5, 0.5):
        _listen(card, timeline, until + 0.1)
        parts.append(reader.take(until, until + 0.1))
    assert onsets(np.concatenate(parts)[:, 0], RATE) == pytest.approx([1.0, 7.0], abs=0.003)


def test_a_busy_computer_that_takes_blocks_late_puts_nothing_out_of_step():
    card, timeline = DriftingCard(RATE, 0.0, [5.0]), SoundTimeline(RATE, 1)
    reader = timeline.reader(0.5)
    while card.time() < 6.0:
        samples, said = card.next()
        timeline.put(samples, said + 0.2 * (3.0 < said < 3.2))
    assert onsets(reader.take(5.9, 6.0)[:, 0], RATE) == pytest.approx([4.5], abs=0.003)


def test_a_microphone_that_goes_leaves_silence_and_may_come_back():
    card, timeline = DriftingCard(RATE, 0.0, [1.0, 9.0]), SoundTimeline(RATE, 1)
    _listen(card, timeline, 3.0)
    reader = timeline.reader(0.0)
    first = reader.take(5.0, 3.0 + GONE / 2)
    assert 2.9 * RATE < len(first) < 3.0 * RATE  # it may yet speak
    silent = reader.take(5.0, 3.1 + GONE)
    assert len(first) + len(silent) == 5 * RATE
    assert not silent[RATE // 5 :].any()
    card.lose(5.0)
    _listen(card, timeline, 10.0)
    whole = np.concatenate([first, silent, reader.take(9.9, 10.0)])
    assert onsets(whole[:, 0], RATE) == pytest.approx([1.0, 9.0], abs=0.005)


def test_what_was_heard_before_the_first_block_is_silence():
    timeline = SoundTimeline(RATE, 2)
    reader = timeline.reader(0.0)
    assert reader.take(1.0, 1.0).shape == (RATE, 2)  # nothing was heard at all
    timeline.put(np.ones((RATE, 2), np.float32), 1.5)
    sound = reader.take(2.4, 2.5)
    assert len(sound) == round(1.4 * RATE)
    assert not sound[: RATE // 2 - REACH].any()
    assert sound[RATE // 2 + 600 :].min() > 0.9


def test_what_nobody_reads_is_let_go():
    card, timeline = DriftingCard(RATE, 0.0), SoundTimeline(RATE, 1)
    _listen(card, timeline, 30.0)
    assert len(timeline.blocks(0.0, 99.0)) < 4 * RATE / card.block
    timeline.reader(28.0)
    _listen(card, timeline, 50.0)
    assert len(timeline.blocks(28.0, 99.0)) > 20 * RATE / card.block  # an encoder that is behind
    timeline.wait_for(None)
    _listen(card, timeline, 51.0)
    assert len(timeline.blocks(0.0, 99.0)) < 4 * RATE / card.block


def test_values_between_samples():
    times = np.arange(400)
    samples = np.stack([np.sin(0.3 * times), np.cos(0.05 * times)], axis=1).astype(np.float32)
    positions = np.linspace(40, 300, 997)
    found = at_positions(samples, positions)
    assert np.abs(found - np.stack([np.sin(0.3 * positions), np.cos(0.05 * positions)], axis=1)).max() < 2e-3
    with pytest.raises(ValueError, match="outside of 400 samples"):
        at_positions(samples, np.array([REACH - 1.0]))
    with pytest.raises(ValueError, match="outside"):
        at_positions(samples, np.array([399.0 - REACH + 1]))
