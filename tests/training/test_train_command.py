"""`realtime train` and `realtime export` as a user meets them."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from stylecam.models.catalog import Style
from stylecam.models.checkpoint import load_checkpoint, save_checkpoint
from stylecam.models.errors import OptionsError, PictureError, RecordError, StylecamError
from stylecam.realtime.commands.export import export_command
from stylecam.realtime.commands.train import train_command
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.training import run_folder
from stylecam.training.loss_curves import loss_curves

from ..commands import invoke


@pytest.fixture
def arguments(painting_file, content_folder, vgg_file, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        'name = "tiny"\nsteps = 3\nbatch = 2\nsize = 64\nstyle_size = 64\nchannels = [8, 8, 16]\nblocks = 1\n'
    )
    given = ("--content", content_folder, "--vgg-weights", vgg_file, "--workers", 0, "--device", "cpu")
    return (painting_file, *given, "--recipe", recipe, "-o", tmp_path / "run")


def test_a_painting_becomes_a_style_file(arguments, tmp_path):
    code, out, err = invoke(train_command, *arguments, "--steps", 2, "--title", "A Title", "--json")
    record = json.loads(out)
    checkpoint = tmp_path / "run" / "checkpoint.safetensors"
    assert code == 0
    assert record["checkpoint"] == str(checkpoint)
    assert (record["step"], record["finished"]) == (2, True)
    assert record["metrics"]["photos"] == 1
    recipe = load_checkpoint(checkpoint).training["recipe"]
    assert (recipe["steps"], recipe["name"], recipe["title"]) == (2, "tiny", "A Title")  # flags go before the recipe
    assert "step 2/2: " in err
    assert err.index("step 2/2: ") < err.index("finishing: ") < err.index("trained ")
    assert "pictures/s" in err
    assert f"realtime export {checkpoint} -o tiny-fast.onnx" in err

    style = tmp_path / "tiny-fast.onnx"
    code, out, err = invoke(export_command, checkpoint, "-o", style, "--artist", "Me", "--json")
    assert code == 0
    assert json.loads(out)["max_difference"] <= 2
    assert json.loads(out)["file_bytes"] == style.stat().st_size
    assert (Style.read(style).title, Style.read(style).artist) == ("A Title", "Me")

    code, out, _ = invoke(export_command, checkpoint, "-o", style)
    assert code == 0
    assert "256x256" in out
    assert "of 255 from torch" in out


def test_the_losses_are_drawn_where_it_is_asked(arguments, tmp_path, monkeypatch):
    monkeypatch.setattr(run_folder, "loss_curves", loss_curves)  # as it is: the rows of a table are texts
    for name in ("loss.gif", "loss"):
        with pytest.raises(OptionsError, match=f"{name} must end in .png or .svg or .pdf"):
            invoke(train_command, *arguments, "--plot", tmp_path / name)
    with pytest.raises(RecordError, match="there is no folder"):
        invoke(train_command, *arguments, "--plot", tmp_path / "none" / "loss.svg")
    assert not (tmp_path / "run").exists()
    inside, beside = tmp_path / "run" / "loss.svg", tmp_path / "loss.pdf"  # the run's folder is yet to be made
    invoke(train_command, *arguments, "--steps", 2, "--plot", inside)
    assert "Weighted losses of the training run" in inside.read_text("utf-8")
    assert (tmp_path / "run" / "loss.png").exists()
    # A finished run is drawn from its table.
    code, _, err = invoke(train_command, *arguments, "--steps", 2, "--resume", "--plot", beside)
    assert (code, "already finished" in err) == (0, True)
    assert beside.read_bytes().startswith(b"%PDF-")


def test_a_painting_becomes_a_texture(painting_file, vgg_file, tmp_path):
    given = ("--vgg-weights", vgg_file, "--device", "cpu", "--steps", 2, "--batch", 2, "--size", 64, "--style-size", 64)
    code, out, err = invoke(
        train_command, painting_file, "--network", "texture", "--name", "tiny", *given, "-o", tmp_path / "run", "--json"
    )
    assert code == 0
    assert set(json.loads(out)["metrics"]) == {"style", "textures"}
    assert "content" not in err
    assert f"realtime export {tmp_path / 'run' / 'checkpoint.safetensors'} -o tiny-full.onnx" in err

    path = tmp_path / "tiny-full.onnx"
    assert invoke(export_command, tmp_path / "run" / "checkpoint.safetensors", "-o", path)[0] == 0
    style = Style.read(path)
    assert (style.tier, style.record("network")["kind"]) == ("full", "texture")
    assert style.record("metrics") == json.loads(out)["metrics"]
    stylizer = Stylizer(style, "cpu", threads=1)
    painted = [stylizer(np.full((50, 70, 3), level, np.uint8)) for level in (0, 200)]
    assert painted[0].shape == (50, 70, 3)
    assert np.array_equal(*painted)
    assert painted[0].std() > 1


def test_resuming_a_finished_run_says_so(arguments):
    invoke(train_command, *arguments)
    code, out, err = invoke(train_command, *arguments, "--resume", "--json")
    assert code == 0
    assert "already finished" in err
    assert json.loads(out)["step"] == 3


def test_a_run_that_only_lacks_its_figures_gets_them_and_says_so(arguments, tmp_path):
    invoke(train_command, *arguments)
    path = tmp_path / "run" / "checkpoint.safetensors"
    finished = load_checkpoint(path)
    figures = finished.training.pop("metrics")
    save_checkpoint(path, finished)  # as after a kill between the last step and these
    assert "the run was not finished" in invoke(export_command, path, "-o", tmp_path / "early.onnx")[2]
    os.utime(path, ns=(0, 0))
    code, out, err = invoke(train_command, *arguments, "--resume", "--json")
    assert code == 0
    assert set(json.loads(out)["metrics"]) == set(figures)
    assert "nothing to do" not in err
    assert "finishing: " in err
    assert f"measured and finished {path}" in err
    _, out, err = invoke(export_command, path, "-o", tmp_path / "done.onnx", "--json")
    assert json.loads(out)["finished"]
    assert err == ""


def test_help_shows_an_example():
    for command in (train_command, export_command):
        assert f"realtime {command.name} " in invoke(command, "--help")[1]


def test_mistakes_are_errors_of_ours(arguments, tmp_path):
    with pytest.raises(OptionsError, match="--style-weight"):
        invoke(train_command, *arguments, "--style-weight", "-3")
    with pytest.raises(OptionsError, match="--name"):
        invoke(train_command, "p.png", "--content", tmp_path)
    with pytest.raises(OptionsError, match="--content") as error:
        invoke(train_command, "p.png", "--name", "x")
    assert error.value.exit_code == 2
    with pytest.raises(OptionsError, match="tier full"):
        invoke(train_command, "p.png", "--name", "x", "--network", "texture", "--tier", "fast")
    with pytest.raises(PictureError, match="cannot read the picture"):
        invoke(train_command, tmp_path / "none.jpg", "--content", tmp_path, "--name", "x")
    with pytest.raises(StylecamError, match="no checkpoint"):
        invoke(export_command, tmp_path / "none", "-o", tmp_path / "x.onnx")


@pytest.mark.parametrize("module", ["torch", "onnx", "onnxscript"])
def test_a_missing_extra_is_one_sentence_with_the_remedy(module):
    program = f"""
import sys
sys.modules[{module!r}] = None
from stylecam.models.errors import StylecamError
from stylecam.realtime.commands.export import export_command
try:
    export_command.main(["x", "-o", "y.onnx"], standalone_mode=False)
except StylecamError as error:
    print(error, error.exit_code)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1
    assert "pip install 'stylecam[export]'" in done.stdout
    assert done.stdout.endswith(" 1\n")


PROGRAM = """
import sys
from stylecam.realtime.commands.train import train_command
if __name__ == "__main__":
    sys.exit(train_command.main(sys.argv[1:], standalone_mode=False))
"""


def _interrupted(arguments, *more):
    """Runs train in a process of its own and presses Ctrl-C after the first step."""
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments), "--steps", "100000", *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        lines = []
        for line in process.stderr:
            lines.append(line)
            if line.startswith("step "):
                process.send_signal(signal.SIGINT)
                break
        out, rest = process.communicate(timeout=100)
    return process.returncode, out, "".join(lines) + rest


def test_ctrl_c_saves_and_says_how_to_go_on(arguments, tmp_path):
    code, out, err = _interrupted(arguments, "--json", "--workers", "1")
    assert code == 130, err
    assert "finishing this step" in err
    assert "--resume" in err
    assert "Traceback" not in err
    record = json.loads(out)
    assert record["finished"] is False
    assert load_checkpoint(tmp_path / "run" / "checkpoint.safetensors").training["step"] == record["step"] >= 1
    assert not list((tmp_path / "run").glob("*.partial"))
