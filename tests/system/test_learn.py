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
    running = windowed(*arguments, "--keys", "150:enter", **env)
    picture = desktop.inside(tmp_path / "screen.png")
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 200  # painted from the start
    report = running.report(300)
    assert report["kept"]
    assert Style.read(styles / "painting-fast.onnx").sha256 == report["sha256"]


def test_q_leaves_nothing_behind(windowed, desktop, home, arguments):
    env, styles = home
    running = windowed(*arguments, **env)
    desktop.key("q")
    assert not running.report(300)["kept"]
    assert "painting was not kept" in running.errors
    assert not styles.exists()
    assert _children(running.process.pid) == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_no_process_and_no_half_written_style_stay_when_it_is_ended(home, arguments, tmp_path, how):
    env, styles = home
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments), "--no-window", "--minutes", "30"], env={**os.environ, **env}, cwd=tmp_path,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        learner = wait_for(lambda: _children(process.pid), "the process that learns")
        os.kill(process.pid, how)
        process.communicate(timeout=300)
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in learner), "its end", 120)
    finally:
        process.kill()
        process.communicate()
    for path in styles.glob("*"):  # Ctrl-C keeps what was learnt by then, and all of it
        assert Style.read(path).name == "painting"


@pytest.mark.parametrize(
    ("change", "code", "sentence"),
    [
        (("learn", "none.jpg"), 1, "cannot read the painting none.jpg"),
        (("learn", "text.txt"), 1, "text.txt"),
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
    assert "Traceback" not in done.stderr
    assert not styles.exists()
