"""`realtime learn` as a user runs it: a painting becomes a style, in a window and without one."""

import json
import os
import signal
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from stylecam.models.catalog import Style

from .conftest import COMMAND, wait_for


@pytest.fixture
def home(tmp_path):
    """Where the user's styles come to lie: the environment that says so, and the folder."""
    data = tmp_path / "data"
    return {"XDG_DATA_HOME": str(data)}, data / "stylecam" / "styles"


@pytest.fixture
def arguments(painting_file, vgg_file):
    return ("learn", painting_file, "--camera", "demo", "--size", "160x120", "--vgg-weights", vgg_file)


def _children(pid):
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(number) for number in found.stdout.split()]


def _alive(pid):
    """Whether a process is there that has not ended: one whose end nobody has taken note of is a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_without_a_window_it_learns_for_its_time_and_keeps(realtime, home, arguments, tmp_path):
    env, styles = home
    last = tmp_path / "last.png"
    done = realtime(*arguments, "--no-window", "--minutes", "0.05", "--title", "A Painting", "--snapshot", last,
                    "--json", env=env, timeout=300)  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["kept"]
    assert report["steps"] >= 1
    assert report["seconds"] >= 3
    assert set(report["metrics"]) == {"content", "style", "swd", "sharp", "photos"}
    style = Style.read(styles / "painting-fast.onnx")
    assert (style.name, style.title, str(style.path)) == ("painting", "A Painting", report["path"])
    assert cv2.imread(str(last)).shape == (120, 160, 3)
    again = realtime(
        "--camera", "demo", "--size", "64x48", "--no-window", "--frames", 2, "--style", "painting", env=env
    )
    assert again.returncode == 0, again.stderr
    assert list(styles.iterdir()) == [styles / "painting-fast.onnx"]


def test_in_a_window_enter_keeps_what_was_learnt(windowed, desktop, home, arguments, tmp_path):
    env, styles = home
    # Until something has been learnt, enter does nothing but to say so.
    running = windowed(*arguments, "--keys", ",".join(f"{n}:enter" for n in range(100, 3000, 50)), **env)
    picture = desktop.inside(tmp_path / "screen.png")
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 200  # there is a picture from the start
    report = running.report(300)
    assert report["kept"]
    assert report["steps"] >= 1
    assert Style.read(styles / "painting-fast.onnx").sha256 == report["sha256"]


def test_q_leaves_nothing_behind(windowed, desktop, home, arguments):
    env, styles = home
    running = windowed(*arguments, **env)
    desktop.window()
    children = _children(running.process.pid)
    assert children
    desktop.xdotool("windowfocus", desktop.window())
    # Once something is learnt, the first one asks.
    wait_for(lambda: running.process.poll() is not None or desktop.xdotool("key", "q", check=False), "the end", 120)
    assert not running.report(300)["kept"]
    assert "painting was not kept" in running.errors
    assert not styles.exists()
    wait_for(lambda: not any(map(_alive, children)), "their end", 120)


@pytest.fixture
def unseen(home, arguments, tmp_path):
    """A command that learns without a window, for longer than the test will let it."""
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments), "--no-window", "--minutes", "30"], env={**os.environ, **home[0]}, cwd=tmp_path,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    yield process
    process.kill()
    process.communicate()


def test_no_process_and_no_half_written_style_stay_when_it_is_killed(unseen, home):
    children = wait_for(lambda: _children(unseen.pid), "the process that learns")
    unseen.kill()
    unseen.communicate(timeout=300)
    wait_for(lambda: not any(map(_alive, children)), "its end", 120)
    assert not home[1].exists()


def test_ctrl_c_keeps_what_is_learnt_so_far(unseen, home):
    assert " steps: total " in next(line for line in unseen.stderr if "steps" in line)
    children = _children(unseen.pid)
    unseen.send_signal(signal.SIGINT)
    unseen.communicate(timeout=300)
    assert unseen.returncode == 130
    wait_for(lambda: not any(map(_alive, children)), "their end", 120)
    style = Style.read(home[1] / "painting-fast.onnx")
    assert style.record("training")["step"] >= 1
    assert style.record("metrics")["photos"] >= 1


@pytest.mark.parametrize(
    ("change", "code", "sentence"),
    [
        (("learn", "none.jpg"), 1, "cannot read the painting none.jpg"),
        (("learn", "text.txt"), 1, "text.txt is not a "),
        (("learn", "tiny.png"), 1, "tiny.png is 40x40 px: give a painting of at least 64 px each way"),
        (("learn", "ok.png", "--name", "two words"), 2, "--name two words: give one word"),
        (("learn", "ok.png", "--name", "negative"), 2, "there is already a style negative: choose another --name"),
        (("learn", "ok.png", "--camera", "demo", "--vgg-weights", "no.pth"), 5, "no VGG weights file no.pth"),
        (("learn", "ok.png", "--camera", "demo", "--content", "nowhere"), 1, "there is no folder nowhere"),
    ],
)  # fmt: skip
def test_what_cannot_be_learnt_is_said_in_one_sentence(realtime, home, tmp_path, change, code, sentence):
    env, styles = home
    (tmp_path / "text.txt").write_text("no picture")
    random = np.random.default_rng(0)
    cv2.imwrite(str(tmp_path / "tiny.png"), random.integers(0, 255, (40, 40, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "ok.png"), random.integers(0, 255, (90, 90, 3), np.uint8))
    done = realtime(*change, "--no-window", env=env, timeout=300)
    assert done.returncode == code, done.stderr
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert not styles.exists()
