"""Interrupts: the first Ctrl-C asks, the second one interrupts, and the handler is put back."""

import signal
import threading

import pytest

from stylecam.realtime.interrupts import Interrupts


def test_ctrl_c_is_graceful_once_and_only_when_there_is_something_to_finish():
    said = []
    interrupts, before = Interrupts(lambda: said.append("stopping")), signal.getsignal(signal.SIGINT)
    with interrupts:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        interrupts.graceful = True
        assert not interrupts.asked
        signal.raise_signal(signal.SIGINT)
        assert interrupts.asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert said == ["stopping"]
    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_leaves_the_handler_alone():
    before, seen = signal.getsignal(signal.SIGINT), []

    def work():
        with Interrupts():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
