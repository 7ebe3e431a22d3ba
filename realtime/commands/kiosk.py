"""`--kiosk`: the live command in a process of its own, which is started again whenever it ends by a fault."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from stylecam.realtime.commands.saying import notify
from stylecam.realtime.common.interrupts import Interrupts

__all__ = ["in_kiosk", "keep_running"]

_VARIABLE = "STYLECAM_KIOSK"
_FOR_GOOD = (0, 2, 5, 130)  # ended by the user, wrong options, no usable style: another start would change nothing
_LONGEST_PAUSE, _LONG_RUN = 30.0, 60.0  # seconds; a run so long was a good start
_LOOK = 0.1
_PATIENCE = 5.0  # seconds, for a session that is interrupted twice


def in_kiosk() -> bool:
    """Whether this process is the one that is watched over."""
    return os.environ.get(_VARIABLE) == "1"


def keep_running(command: Sequence[str], environment: dict[str, str], longest_pause: float = _LONGEST_PAUSE) -> int:
    """Runs a command until the user ends it, and again after every fault; returns its exit code.

    The pauses between faults double, up to `longest_pause` seconds. An interrupt is passed on. A second one, too, and
    raises `KeyboardInterrupt` once the command has ended, or was killed.
    """
    pause = min(1.0, longest_pause)
    with Interrupts() as interrupts:
        interrupts.graceful = True
        while True:
            began = time.monotonic()
            code = _run_once(command, environment, interrupts)
            if interrupts.asked or code in _FOR_GOOD:
                return code if code >= 0 else 130
            if time.monotonic() - began >= _LONG_RUN:
                pause = min(1.0, longest_pause)
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            notify(f"the session ended ({how}): it starts again in {pause:g} s")
            until = time.monotonic() + pause
            while time.monotonic() < until and not interrupts.asked:
                time.sleep(_LOOK)
            if interrupts.asked:
                return 130
            pause = min(2 * pause, longest_pause)


def _run_once(command: Sequence[str], environment: dict[str, str], interrupts: Interrupts) -> int:
    # In a session of its own, so that Ctrl-C in the terminal comes once, from here.
    told, apart = False, sys.platform != "win32"
    with subprocess.Popen(command, env={**os.environ, **environment, _VARIABLE: "1"}, start_new_session=apart) as child:
        try:
            while True:
                try:
                    return child.wait(_LOOK)
                except subprocess.TimeoutExpired:
                    if interrupts.asked and not told:
                        told = True
                        child.send_signal(signal.SIGTERM)
        except KeyboardInterrupt:  # the second one: nobody would watch over it any more
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                child.kill()
            raise
