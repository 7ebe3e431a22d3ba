"""What a training starts from where nothing is said, and what goes with it."""

from pathlib import Path

import pytest

from stylecam.models.checkpoint import load_checkpoint
from stylecam.models.errors import OptionsError
from stylecam.realtime.commands.train import train_command
from stylecam.training.starting import with_start

from ..commands import invoke

WAVE = Path("wave.jpg")
STARTED = {"steps": 900, "ramp": 0.0, "stability_unit": "picture"}


def test_a_style_starts_from_the_base_and_what_is_said_goes_before_what_goes_with_it():
    assert with_start({}, WAVE) == {**STARTED, "start_from": Path("base")}
    assert with_start({"steps": 5, "ramp": 0.5}, WAVE) == {
        "steps": 5, "ramp": 0.5, "stability_unit": "picture", "start_from": Path("base")
    }  # fmt: skip
    assert "steps" not in with_start({"epochs": 2}, WAVE)
    assert with_start({"start_from": Path("scream")}, WAVE) == {**STARTED, "start_from": Path("scream")}


@pytest.mark.parametrize(
    "settings", [{"start_from": Path("none")}, {"network": "texture"}, {"norm": "batch"}, {"blocks": 2}]
)
def test_what_the_base_is_no_start_for_begins_with_a_new_network(settings):
    told = {key: value for key, value in settings.items() if key != "start_from"}
    assert with_start(settings, WAVE) == told


def test_so_do_many_paintings_and_published_recipes(tmp_path):
    assert with_start({}, tmp_path) == {}
    assert with_start({}, WAVE, published=True) == {}


def test_a_run_goes_on_as_it_began(painting_file, content_folder, vgg_file, tmp_path):
    given = (
        painting_file, "--content", content_folder, "--vgg-weights", vgg_file, "--workers", 0, "--device", "cpu",
        "--name", "tiny", "--steps", 1, "--batch", 1, "--size", 64, "--style-size", 64, "--calibrate", 1,
    )  # fmt: skip
    for start, began in (((), True), (("--start-from", "none"), False)):
        run = (*given, "-o", tmp_path / f"run{began}")
        assert invoke(train_command, *run, *start)[0] == 0
        training = load_checkpoint(tmp_path / f"run{began}" / "checkpoint.safetensors").training
        assert (training["start_from"] is not None) is began
        assert (training["recipe"]["ramp"] == 0) is began
        code, _, err = invoke(train_command, *run, "--resume")
        assert (code, "already finished" in err) == (0, True)
        with pytest.raises(OptionsError, match="resume without --start-from"):
            invoke(train_command, *run, "--resume", "--start-from", "none" if began else "base")
