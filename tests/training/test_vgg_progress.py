"""The commands make sure of the VGG's weights before they begin, and say how a download goes."""

import os
import signal
import subprocess
import sys

import pytest

from stylecam.models.errors import StylecamError
from stylecam.realtime.commands import learn_teacher
from stylecam.realtime.commands.evaluate import evaluate_command
from stylecam.realtime.commands.learn import learn_command
from stylecam.realtime.commands.optimize import optimize_command
from stylecam.realtime.commands.train import train_command
from stylecam.realtime.commands.vgg_progress import LINE_SHARE, _Download, fetch_vgg
from stylecam.training.vgg_store import kept_path

from ..commands import invoke
from ..weights_server import WeightsServer, first_layer

pytest.importorskip("torchvision")


@pytest.fixture
def server(tmp_path, monkeypatch):
    with WeightsServer(monkeypatch, tmp_path) as server:
        for depth in (19, 16):
            server.offer(depth, first_layer()[1])
        yield server


def test_a_plain_line_now_and_then(server, capsys):
    assert fetch_vgg(None) == kept_path()
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert 3 <= len(lines) <= 2 + 1 / LINE_SHARE
    assert {line.partition(": ")[0] for line in lines} == {"downloading VGG-16's weights"}
    assert (lines[0][-9:], lines[-1][-9:]) == ("0 of 3 MB", "3 of 3 MB")
    assert fetch_vgg(None) == kept_path()
    assert capsys.readouterr() == ("", "")


def test_a_bar_in_a_terminal(server, monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    fetch_vgg(None)
    out, err = capsys.readouterr()
    assert out == ""
    assert "downloading VGG-16's weights" in err
    assert "2.6/2.6 MB" in err


def test_one_of_several_processes_tells(server, capsys):
    fetch_vgg(None, show=False)
    assert capsys.readouterr() == ("", "")
    assert kept_path().exists()


def test_nothing_is_fetched_for_a_command_that_cannot_begin(server, tmp_path):
    assert fetch_vgg(None, (tmp_path / "none.jpg", None)) is None
    assert fetch_vgg(tmp_path / "given.pth") == tmp_path / "given.pth"
    assert server.ranges == []


@pytest.fixture
def interrupted(monkeypatch):
    """Ctrl-C when the first bytes are there."""
    before = _Download.update

    def update(self, done, total):
        before(self, done, total)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(_Download, "update", update)


@pytest.fixture
def commands(painting_file, content_folder, tiny_style, tmp_path):
    photo = content_folder / "photo0.png"
    return {
        "train": (train_command, painting_file, "--content", content_folder, "--name", "a", "-o", tmp_path / "run"),
        "optimize": (optimize_command, photo, painting_file, "-o", tmp_path / "a.png"),
        "evaluate": (evaluate_command, tiny_style, "--photos", content_folder, "--painting", painting_file),
        "learn": (learn_command, painting_file, "--camera", "demo", "--no-window"),
    }


@pytest.mark.parametrize(("name", "depth"), [("train", 16), ("optimize", 19), ("evaluate", 16), ("learn", 16)])
def test_ctrl_c_in_the_download_is_one_sentence(server, interrupted, commands, tmp_path, name, depth):
    code, out, err = invoke(*commands[name])
    assert (code, out) == (130, "")
    *_, said, sentence = err.splitlines()
    assert said.startswith(f"downloading VGG-{depth}'s weights: ")
    assert sentence == "realtime: stopped the download: the same command goes on from there"
    (partial,) = (name for name in server.kept() if name.endswith(".pth.partial"))
    assert (server.cache / partial).stat().st_size > 0
    assert not (tmp_path / "run").exists()
    assert "loading the" not in err


def test_the_process_that_learns_is_given_the_kept_file(server, commands, monkeypatch):
    given = []

    def teach(task):
        given.append(task.vgg_weights)
        raise StylecamError("enough")

    monkeypatch.setattr(learn_teacher, "ProcessTeacher", teach)
    with pytest.raises(StylecamError, match="enough"):
        invoke(*commands["learn"])
    assert given == [kept_path()]
    assert given[0].exists()


WITHOUT_TORCH = """
import sys
from stylecam.realtime import cli
from stylecam.realtime.commands import learn_teacher
def teach(task):
    print(task.vgg_weights)
    sys.exit("torch" in sys.modules or "torchvision" in sys.modules)
learn_teacher.ProcessTeacher = teach
cli.main(sys.argv[1:])
"""


def test_learn_itself_loads_no_torch_for_kept_weights(painting_file, tmp_path):
    kept = tmp_path / "stylecam" / "vgg16.safetensors"
    kept.parent.mkdir()
    kept.write_bytes(b"not looked at yet")
    command = [sys.executable, "-c", WITHOUT_TORCH, "learn", str(painting_file), "--camera", "demo", "--no-window"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, str(kept)), done.stderr
