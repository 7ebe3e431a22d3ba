"""Interrupts: the first Ctrl-C asks, the second one interrupts, and the handler is put back."""

import signal
import threading

import pytest

from stylecam.realtime.common.interrupts import SIGNALS, Interrupts


@pytest.fixture
def heeded():
    """heeded(number): the signal is not ignored, as it is where the tests themselves run under nohup."""
    before = {}

    def heed(number):
        before[number] = signal.signal(number, signal.SIG_DFL)

    yield heed
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_graceful_once_and_only_when_there_is_something_to_finish(number, heeded):
    heeded(number)
    said = []
    interrupts, before = Interrupts(lambda: said.append("stopping")), signal.getsignal(number)
    with interrupts:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        interrupts.graceful = True
        assert not interrupts.asked
        signal.raise_signal(number)
        assert interrupts.asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert said == ["stopping"]
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", SIGNALS)
def test_what_nohup_ignores_stays_so_and_an_interrupt_of_a_background_job_does_not(number):
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with Interrupts() as interrupts:
            interrupts.graceful = True
            signal.raise_signal(number)
            assert interrupts.asked == (number == signal.SIGINT)
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_another_thread_leaves_the_handler_alone():
    before, seen = signal.getsignal(signal.SIGINT), []

    def work():
        with Interrupts():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
