"""`make styles`: every recipe is trained once, each from the network before, and what comes out is bundled."""

import subprocess
from pathlib import Path

import pytest

from stylecam.training.options import TrainOptions
from stylecam.training.recipes import read_recipe

ROOT = Path(__file__).parents[2]
ORDINALS = "second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
STAGES = ("", *ORDINALS.split())
# Stands in for `realtime`: notes what it was asked for, one argument a line and an empty line after each call.
RECORDER = '#!/bin/sh\nfor argument in "$@"; do echo "$argument"; done >> calls\necho >> calls\n'


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    folder = tmp_path_factory.mktemp("make")
    (folder / "configs").symlink_to(ROOT / "configs")
    recorder = folder / "realtime"
    recorder.write_text(RECORDER)
    recorder.chmod(0o755)
    script = ["sh", "configs/make_styles.sh", "my photos", "paintings", "vgg.safetensors"]
    subprocess.run(script, cwd=folder, env={"PATH": "/usr/bin:/bin", "REALTIME": str(recorder)}, check=True, timeout=60)
    return [call.splitlines() for call in (folder / "calls").read_text().split("\n\n")[:-1]]


def option(call, name):
    return call[call.index(name) + 1] if name in call else None


def test_every_recipe_is_trained_once_with_its_painting(calls):
    trained = [call for call in calls if call[0] == "train"]
    recipes = [option(call, "--recipe") for call in trained]
    assert sorted(recipes) == sorted(str(path.relative_to(ROOT)) for path in (ROOT / "configs").rglob("*.toml"))
    for call in trained:
        assert call[1] == f"paintings/{Path(option(call, '--recipe')).stem}.jpg"
        assert (option(call, "--content"), option(call, "--vgg-weights")) == ("my photos", "vgg.safetensors")


def test_each_stage_goes_on_from_the_one_before_with_the_same_painting_and_other_crops(calls):
    chains = {}  # run of the first stage: the recipes in order
    last = {}
    for call in (call for call in calls if call[0] == "train"):
        recipe, run = Path(option(call, "--recipe")), option(call, "--output")
        start = option(call, "--start-from")
        stage = recipe.parent.name if recipe.parent.name in STAGES else ""
        begun = run.removesuffix(f"-{stage}") if stage else run
        before = last[begun] if stage else _newest_of_another(recipe.parent.name, run, last)
        assert start == (f"{before}/checkpoint.safetensors" if before else None)
        chains.setdefault(begun, []).append((STAGES.index(stage), recipe))
        last[begun] = run
    for chain in chains.values():
        stages, recipes = zip(*chain, strict=True)
        assert list(stages) == sorted(stages)
        settings = [read_recipe(ROOT / recipe) for recipe in recipes]
        for setting in ("name", "tier", "crop", "speckle", "title"):
            assert len({recipe.get(setting) for recipe in settings}) == 1
        sizes = [recipe["style_size"] for recipe in settings]
        assert sizes == sorted(sizes)  # strokes only grow
        taught = [(recipe.get("seed", TrainOptions.seed), recipe["style_size"]) for recipe in settings]
        assert len(set(taught)) == len(taught)  # the same crops again are for another size of the painting


def _newest_of_another(folder, run, last):
    """The last run of the painting that a recipe in a folder from-NAME begins as; None for one that begins anew."""
    if not folder.startswith("from-"):
        return None
    tier = "-full" if run.endswith("-full") else ""
    return last[f"runs/{folder.removeprefix('from-')}{tier}"]


def test_what_is_exported_is_what_is_bundled(calls):
    exported = {option(call, "-o"): call[1] for call in calls if call[0] == "export"}
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "models" / "styles").glob("*.onnx")} == set(exported)
    last = {option(call, "--output"): call for call in calls if call[0] == "train"}
    starts = {option(call, "--start-from") for call in last.values() if "/from-" not in option(call, "--recipe")}
    assert not starts & set(exported.values())  # nothing is trained on after what is exported
