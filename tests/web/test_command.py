"""`realtime web`, as a user runs it."""

import signal
import subprocess
import sys
import urllib.request

from stylecam.realtime.live.web_page import PAGE

from .conftest import missing

COMMAND = [sys.executable, "-m", "stylecam.realtime.cli", "web"]


def test_the_command_serves_the_page_until_ctrl_c():
    if not PAGE.is_dir():
        missing("the page is not built: run `make web`")
    running = subprocess.Popen([*COMMAND, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        url = running.stdout.readline().strip()
        with urllib.request.urlopen(url, timeout=30) as answer:
            assert b"stylecam" in answer.read()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
    finally:
        running.kill()
        running.wait()
    assert (running.returncode, out) == (0, "")
    assert err == (
        "realtime: the page is served until Ctrl-C is pressed; it paints in the browser, nothing leaves this machine\n"
    )
