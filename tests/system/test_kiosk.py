"""`--kiosk`: comes back after a fault, and ends when it is told to."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request

import numpy as np
import pytest

from stylecam.realtime.commands.kiosk import keep_running

from .conftest import COMMAND, wait_for

# Ends by the codes in a file, one a start; below zero by that signal.
CHILD = """
import os, pathlib, signal, sys
file = pathlib.Path(sys.argv[1])
first, *others = file.read_text().split()
file.write_text(" ".join(others))
if int(first) < 0:
    os.kill(os.getpid(), -int(first))
sys.exit(int(first))
"""


@pytest.mark.parametrize(
    ("ends", "left", "code"), [("1 4 -11 -9 3 0 1", "1", 0), ("1 2 1", "1", 2), ("5 1", "1", 5), ("4 130 1", "1", 130)]
)
def test_it_starts_again_after_faults_and_not_when_that_is_no_use(tmp_path, ends, left, code, capfd):
    (tmp_path / "ends").write_text(ends)
    assert keep_running([sys.executable, "-c", CHILD, str(tmp_path / "ends")], {}, longest_pause=0.01) == code
    assert (tmp_path / "ends").read_text() == left
    said = capfd.readouterr().err
    assert said.count("it starts again") == len(ends.split()) - 2
    assert ("signal 11" in said) == ("-11" in ends)


STUBBORN = """
import os, pathlib, signal, sys, threading
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
threading.Event().wait()
"""
WATCH = """
import sys
from stylecam.realtime.commands import kiosk
kiosk._PATIENCE = 0.2
kiosk.keep_running([sys.executable, "-c", sys.argv[1], sys.argv[2]], {})
"""


def test_a_second_interrupt_ends_a_session_that_hangs(tmp_path):
    told = tmp_path / "pid"
    with subprocess.Popen([sys.executable, "-c", WATCH, STUBBORN, str(told)], stderr=subprocess.PIPE) as watching:
        pid = int(wait_for(lambda: told.exists() and told.read_text(), "the session", 20))
        watching.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            watching.wait(0.5)  # it waits for the session to end by itself
        watching.send_signal(signal.SIGINT)
        watching.communicate(timeout=20)
    assert not os.path.exists(f"/proc/{pid}")


def test_a_session_that_is_killed_comes_back_and_an_interrupt_ends_all(tmp_path, style_folder):
    environment = {**os.environ, "STYLECAM_STYLES": str(style_folder), "STYLECAM_TOKEN": "token-of-this-test"}
    options = ("--camera", "demo", "--size", "96x64", "--style", "same", "--no-window", "--kiosk", "--serve", "0")
    with subprocess.Popen(
        [*COMMAND, *options], env=environment, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        children = f"/proc/{process.pid}/task/{process.pid}/children"
        assert "the page: http://127.0.0.1:" in process.stderr.readline()
        (first,) = _children(children)
        os.kill(first, signal.SIGKILL)
        assert "the session ended (signal 9): it starts again" in process.stderr.readline()
        page = process.stderr.readline()
        (second,) = _children(children)
        assert second != first
        wait_for(lambda: _figures(page), "the first frame", 20)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "frames" in out  # the report
        wait_for(lambda: not os.path.exists(f"/proc/{second}"), "the end of the session")


def _figures(said):
    """What a session that paints says of itself, by the line that names its page."""
    address = re.search(r"the page: (http://127\.0\.0\.1:\d+/)#token=(\S+)", said)
    asked = urllib.request.Request(f"{address[1]}api", headers={"Authorization": f"Bearer {address[2]}"})
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return json.load(answer)["figures"]


def _children(path):
    with open(path, encoding="ascii") as file:
        return [int(number) for number in file.read().split()]


def test_in_the_window_a_key_that_quits_must_be_held(windowed, desktop, tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    options = ("--style", "negative", "--steady", "0", "--kiosk", "--folder", str(folder))
    running = windowed("--camera", "demo", "--size", "320x240", *options)
    wait_for(lambda: desktop.place() == (0, 0, 1280, 800), "full screen", 20)
    folder.rmdir()
    folder.touch()
    desktop.key("s")  # which fails, and is no reason to start again once somebody quits
    before = desktop.inside(tmp_path / "before.png")
    desktop.key("q", "Escape", "f", "question", "v")  # the last one alone does something
    wait_for(lambda: np.abs(desktop.inside(tmp_path / "after.png").astype(int) - before).mean() > 20, "the split view")
    desktop.press_close()
    assert desktop.place() == (0, 0, 1280, 800)
    assert running.process.poll() is None
    desktop.xdotool("keydown", "q")
    report = running.report()
    desktop.xdotool("keyup", "q")
    assert report["frames_shown"] > 10
    assert len(report["failures"]) == 1
    assert report["quit"]
    assert running.process.returncode == 0
