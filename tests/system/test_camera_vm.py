"""A real camera: the kernel's V4L2 test driver in an emulated machine. Runs by `make camera-test`, in minutes."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not os.environ.get("STYLECAM_CAMERA_VM"), reason="slow: run it with make camera-test")


# The installed script begins with the path of this machine's Python, which is not there in the other one.
REALTIME = 'realtime() { python3 -m stylecam.realtime.cli "$@"; }\n'


def _in_machine(shared, command, seconds=400):
    script = shared / "tools" / "camera_vm.sh"
    done = subprocess.run(
        ["bash", str(script), "-t", str(seconds), str(ROOT), REALTIME + command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _reports(output):
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def test_frames_flow_from_a_real_camera_and_the_report_is_true(shared):
    command = (
        "realtime --list-cameras; realtime --camera 0 --style hokusai --size 320x240 --no-window --frames 10 --json"
    )
    output = _in_machine(shared, command)
    assert re.search(r"^0  /dev/video0  vivid", output, re.M)
    (report,) = _reports(output)
    assert report["frames_shown"] == 10
    assert report["size"] == [320, 180]  # vivid's webcam has no 320x240: what it really gave is reported
    assert report["source"] == "camera 0"
    assert report["frames_captured"] >= report["frames_shown"] + report["frames_dropped"] - 1


def test_an_unplugged_camera_is_noticed_and_found_again(shared):
    # Painting one frame takes a second in the emulated machine, so the original is shown.
    command = r"""
realtime --camera 0 --style hokusai --size 320x240 --no-window --frames 300 --keys 3:space,4:s --json >out 2>err &
app=$!
until grep -q saved err; do sleep .2; [ -d /proc/$app ] || break; done
date +%s.%N >asked; unplug; date +%s.%N >gone  # the driver takes a while to go
until grep -q "is gone" err; do sleep .05; [ -d /proc/$app ] || break; done
date +%s.%N >noticed
sleep 3; replug
wait $app; echo "code $?"
cat err out
echo "the driver went in $(echo "$(cat gone) - $(cat asked)" | awk '{print $1 - $3}') s"
echo "noticed after $(echo "$(cat noticed) - $(cat gone)" | awk '{print $1 - $3}') s"
"""
    output = _in_machine(shared, command)
    assert "code 0" in output
    assert "camera 0 is gone" in output
    (report,) = _reports(output)
    assert report["frames_shown"] == 300
    assert float(re.search(r"noticed after ([\d.]+) s", output)[1]) < 2
