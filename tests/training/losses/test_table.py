"""A loss is one file and one row of the table: all that lists losses follows from them."""

import csv
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from stylecam.training.losses.table import LOSSES, Loss

from ...conftest import REPOSITORY

NAMES = [loss.name for loss in LOSSES]


@pytest.mark.parametrize("loss", LOSSES, ids=NAMES)
def test_each_loss_has_its_file_and_says_what_it_is(loss):
    function = loss.function()
    assert loss.term == f"stylecam.training.losses.{loss.name}_loss:{loss.name}_term"
    assert Path(inspect.getfile(function)).resolve().parent == (REPOSITORY / "training" / "losses").resolve()
    assert inspect.getdoc(function)
    assert loss.help.endswith(".")
    assert 0 <= loss.weight <= loss.highest


def test_each_file_of_a_loss_has_its_row():
    files = {path.stem.removesuffix("_loss") for path in (REPOSITORY / "training" / "losses").glob("*_loss.py")}
    assert files == set(NAMES)
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("loss", LOSSES, ids=NAMES)
def test_the_docs_tell_of_each_loss_and_its_default_weight(loss):
    settings, formulas = _tables("The settings that matter"), _tables("The losses")
    assert [row[1] for row in settings if row[0] == f"`{loss.flag}`"] == [f"{loss.weight:g}"]
    assert loss.name in [row[0] for row in formulas]


def _tables(heading):
    """The cells of the tables under a heading of docs/training.md."""
    text = (REPOSITORY / "docs" / "training.md").read_text("utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]


def test_a_weight_is_asked_for_as_the_loss_is_called():
    loss = Loss("luma_tv", 0.5, "Smoothness.", "a.b:c")
    assert (loss.setting, loss.flag) == ("luma_tv_weight", "--luma-tv-weight")


# A file beside ours and a row in the table, as somebody adds a loss; the rest is the command as it is.
_LUMA = '''
from stylecam.training.losses.tv_loss import total_variation

def luma_term(step):
    """Total variation of the luma, as a user may want it."""
    luma = (step.stylized * step.stylized.new_tensor([0.299, 0.587, 0.114]).view(3, 1, 1)).sum(1, keepdim=True)
    return total_variation(luma).mean()
'''
_ROW = """
import functools, json, sys
from stylecam.training.losses import table
table.LOSSES += (table.Loss("probe", 0.25, "Smoothness of the luma.", "probe_loss:luma_term"),)
from stylecam.realtime.commands.train import train_command
if __name__ == "__main__":
    from click.testing import CliRunner
    print(json.dumps(CliRunner().invoke(train_command, ["--help"]).stdout))
    from stylecam.training import finish, train
    from stylecam.training.recipes import read_recipe
    finish.validate = functools.partial(finish.validate, lines=64)  # which is not looked at here
    find = train.Objective.__call__
    def show(*args):
        total, parts = find(*args)
        weights = args[0].weights(args[3])
        print(json.dumps([float(total), {name: (weights[name], float(part)) for name, part in parts.items()}]))
        return total, parts
    train.Objective.__call__ = show
    print(json.dumps(read_recipe(sys.argv[1])))
    train_command.main(sys.argv[2:], standalone_mode=False)
"""


def test_a_new_loss_is_one_file_and_one_row(painting_file, content_folder, vgg_file, tmp_path):
    (tmp_path / "probe_loss.py").write_text(_LUMA)
    recipe, output = tmp_path / "recipe.toml", tmp_path / "run"
    small = "steps = 1\nbatch = 2\nsize = 64\nframe = 64\nstyle_size = 64\nchannels = [8, 8, 16]\nblocks = 1\n"
    recipe.write_text(f'name = "tiny"\ncalibrate = 0\nprobe_weight = 7.0\n{small}')
    given = ("--content", content_folder, "--vgg-weights", vgg_file, "--workers", 0, "--device", "cpu", "--json")
    arguments = (recipe, painting_file, *given, "--recipe", recipe, "--probe-weight", 30, "-o", output)
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}){_ROW}", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    shown, read, (total, parts), told = lines

    assert "--probe-weight FLOAT Smoothness of the luma. [default: 0.25]" in re.sub(r"\s+", " ", shown)
    assert read["probe_weight"] == 7
    weight, value = parts["probe"]
    assert weight == 30  # the option goes before the recipe
    assert value > 0
    assert total == pytest.approx(sum(weight * value for weight, value in parts.values()), rel=1e-5)
    assert told["losses"]["probe"] == value  # of the record
    with (output / "metrics.csv").open(newline="") as file:
        assert float(next(csv.DictReader(file))["probe"]) == pytest.approx(value, rel=1e-5)
    assert f"probe {value:.3g}" in done.stderr  # the progress line
