"""A real camera and a virtual one: the kernel's V4L2 drivers in an emulated machine. Runs by `make camera-test`."""

import json
import os
import re
import subprocess
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not os.environ.get("STYLECAM_CAMERA_VM"), reason="slow: run it with make camera-test")


# The installed script begins with the path of this machine's Python, which is not there in the other one.
REALTIME = 'realtime() { python3 -m stylecam.realtime.cli "$@"; }\n'


def _in_machine(shared, command, seconds=400, **more):
    script = shared / "tools" / "camera_vm.sh"
    done = subprocess.run(
        ["bash", str(script), "-t", str(seconds), str(ROOT), REALTIME + command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | more,
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


# Another process, as a meeting: it reads all the time, and writes down what it sees whenever that changes.
WATCHER = r"""
import glob, json, os, time
import cv2, numpy as np
from stylecam.realtime.live.slate import PAUSED, WAITING, slate

cards = {text: slate(text, (320, 240)).astype(int) for text in (PAUSED, WAITING)}
capture, seen, shapes, pictures = cv2.VideoCapture(), [["nothing", 0]], set(), []
while not capture.open("/dev/video9", cv2.CAP_V4L2):
    time.sleep(0.5)
while not os.path.exists("enough"):
    ok, frame = capture.read()
    if not ok:
        continue
    shapes.add(frame.shape)
    off, text = min((float(np.abs(frame - card).mean()), text) for text, card in cards.items())
    what = text if off < 6 else "picture"
    if seen[-1][0] != what:
        seen.append([what, 0])
    seen[-1][1] += 1
    if what == "picture":
        pictures.append(frame[30:210].astype(int))
    with open("state.new", "w") as file:
        print(what.split()[0], seen[-1][1], file=file)
    os.replace("state.new", "state")
snapshot = cv2.imread(glob.glob("stylecam-*.png")[0])
looks = {"mirror": snapshot, "painted": snapshot[:, ::-1], "original": cv2.imread("original.png")}
off = {name: [float(np.abs(one - look).mean()) for one in pictures] for name, look in looks.items()}
print(json.dumps({"seen": seen, "shapes": sorted(shapes), "off": {n: [min(v), max(v)] for n, v in off.items()}}))
"""

# Each start of the program takes long in the emulated machine: it is started once.
WATCH = r"""
cat >watcher.py <<'PYTHON'
WATCHER
PYTHON
see() {  # until it sees this for so many frames
  until read -r what count <state && [ "$what" = "$1" ] && [ "$count" -ge "$2" ]; do
    sleep .2; [ -d /proc/$app ] || break
  done
}
ffmpeg -v error -f v4l2 -video_size 320x180 -i /dev/video0 -frames:v 1 original.png </dev/null
echo >state
camera="--camera 0 --size 320x240 --no-window --mirror"
painting="--style hokusai --steady 0 --target-fps off --keys 2:s"  # another size of frames takes half a minute here
virtual="--virtual-camera /dev/video9 --virtual-size 320x240"
python3 -m stylecam.realtime.cli $camera $painting $virtual --json >out 2>err &
app=$!  # the program itself, which can be sent a signal
python3 watcher.py >watched 2>watched.err &
watcher=$!
see picture 30
unplug
see waiting 10
replug
see picture 30
kill -TERM $app; wait $app; echo "code $?"
touch enough; wait $watcher
cat err watched.err out watched
"""


def test_another_process_sees_painted_pictures_and_a_slate_while_the_camera_is_away(shared):
    output = _in_machine(shared, WATCH.replace("WATCHER", WATCHER.strip()), 600, CAMERA_VM_PIP="pyvirtualcam")
    assert "code 130" in output, output
    watched, report = {}, {}
    for found in _reports(output):
        watched, report = (found, report) if "seen" in found else (watched, found)
    assert "the virtual camera is /dev/video9, 320x240" in output
    assert report["failures"] == []
    assert watched["shapes"] == [[240, 320, 3]]
    # Paused is what it leaves behind, and what a machine as slow as this one may see in between.
    seen = [what for what, _ in groupby(what for what, _ in watched["seen"] if what not in ("nothing", "paused"))]
    assert seen[-3:] == ["picture", "waiting for the camera", "picture"], watched
    assert sum(count for what, count in watched["seen"] if what == "picture") >= 60
    painted, original, mirror = (watched["off"][name] for name in ("painted", "original", "mirror"))
    assert painted[1] < 10 < min(original[0], mirror[0]), watched["off"]
