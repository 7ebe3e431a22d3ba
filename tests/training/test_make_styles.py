"""`make styles`: a base, every recipe trained once from what is before it, and what comes out last is bundled."""

import subprocess
from pathlib import Path

import pytest

from stylecam.models.catalog import SHOW_ORDER, Style
from stylecam.training.recipes import read_recipe

ROOT = Path(__file__).parents[2]
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


def start_of(recipe):
    """The recipe whose network the one at a path below the root is trained from."""
    if recipe.parent.name == "again":
        return recipe.parents[1] / recipe.name
    if recipe.parent.name != "full":
        return Path("configs/base.toml")
    last = Path("configs") / recipe.name
    while (ROOT / (further := last.parent / "again" / last.name)).exists():
        last = further
    return last


def test_every_recipe_is_trained_once_with_its_painting_after_what_it_starts_from(calls):
    trained = [call for call in calls if call[0] == "train"]
    recipes = [option(call, "--recipe") for call in trained if "base.toml" not in option(call, "--recipe")]
    styles = [path for path in (ROOT / "configs").rglob("*.toml") if path.stem != "base"]
    assert sorted(recipes) == sorted(str(path.relative_to(ROOT)) for path in styles)
    made = {}
    for call in trained:
        assert (option(call, "--content"), option(call, "--vgg-weights")) == ("my photos", "vgg.safetensors")
        recipe = Path(option(call, "--recipe"))
        if recipe.stem == "base":
            assert (call[1], option(call, "--start-from")) == ("paintings", None)
            made[recipe] = option(call, "--output") + "/checkpoint.safetensors"
            continue
        assert call[1] == f"paintings/{recipe.stem}.jpg"
        assert option(call, "--start-from") == made[start_of(recipe)]
        made[recipe] = option(call, "--output") + "/checkpoint.safetensors"
    assert len(set(made.values())) == len(made)


def test_recipes_are_called_as_their_painters_and_say_who_they_are():
    recipes = {path: read_recipe(path) for path in (ROOT / "configs").rglob("*.toml") if path.stem != "base"}
    assert recipes
    for path, recipe in recipes.items():
        assert recipe["name"] == path.stem
        assert path.stem in SHOW_ORDER
        assert recipe["tier"] == ("full" if ROOT / "configs/full" in path.parents else "fast")
        assert all(recipe[text] for text in ("title", "artist", "year", "license"))


def test_a_bundled_file_was_made_by_its_recipe():
    for path in (ROOT / "configs").rglob("*.toml"):
        recipe, further = read_recipe(path), path.parent / "again" / path.name
        folder = ROOT / "models" / ("base" if path.stem == "base" else "styles")
        made = Style.read(folder / f"{path.stem}-{recipe['tier']}.onnx").record("training")
        while further.exists():
            made = made["start_from"]["recipe"] | {"start_from": made["start_from"]["start_from"]}
            further = further.parent / "again" / path.name
        assert {key: made.get(key) for key in recipe} == recipe
        if path.stem != "base":
            start = read_recipe(ROOT / start_of(path.relative_to(ROOT)))
            settings = start.keys() - {"title", "artist", "year", "license"}  # which an export may say anew
            assert {key: made["start_from"]["recipe"].get(key) for key in settings} == {k: start[k] for k in settings}


def test_the_last_network_of_each_painter_is_bundled(calls):
    exported = [call for call in calls if call[0] == "export"]
    assert all((ROOT / option(call, "-o")).is_file() for call in exported)
    trained = [call for call in calls if call[0] == "train"]
    runs = {Path(option(call, "--recipe")): option(call, "--output") + "/checkpoint.safetensors" for call in trained}
    continued = {start_of(recipe) for recipe in runs if recipe.parent.name == "again"}
    assert continued
    assert {call[1] for call in exported} == {run for recipe, run in runs.items() if recipe not in continued}
    assert len({option(call, "-o") for call in exported}) == len(exported)
