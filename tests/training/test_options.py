"""Settings are checked where they are made, in the command's spelling."""

from pathlib import Path

import pytest

from stylecam.models.errors import OptionsError
from stylecam.training.options import TrainOptions, read_recipe

PATHS = {"painting": Path("p.jpg"), "content": Path("c"), "output": Path("o")}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0),
        ("steps", 1.5),
        ("steps", "many"),
        ("steps", True),
        ("batch", -1),
        ("size", 32),
        ("style_size", 10**6),
        ("crop", 0.5),
        ("crop", float("nan")),
        ("learning_rate", 0),
        ("learning_rate", float("inf")),
        ("style_weight", -1.0),
        ("stability_weight", float("nan")),
        ("seed", -1),
        ("workers", -1),
        ("checkpoint_every", 0),
        ("tier", "huge"),
        ("network", "gan"),
        ("precision", "int8"),
        ("device", "toaster"),
        ("title", 5),
    ],
)
def test_impossible_values_are_named_as_in_the_command(name, value):
    with pytest.raises(OptionsError, match="--" + name.replace("_", "-")):
        TrainOptions(**PATHS, **{name: value})


def test_impossible_networks_and_names():
    with pytest.raises(OptionsError, match="whole numbers"):
        TrainOptions(**PATHS, channels=(8, 8.5, 8))
    with pytest.raises(OptionsError, match="one word"):
        TrainOptions(**PATHS, name="../escape")


def test_the_tier_follows_from_the_network():
    assert TrainOptions(**PATHS).tier == "fast"
    assert TrainOptions(**PATHS, network="texture").tier == "full"
    with pytest.raises(OptionsError, match="--network texture is of tier full: leave --tier fast out"):
        TrainOptions(**PATHS, network="texture", tier="fast")
    with pytest.raises(OptionsError, match="channels and blocks are those of --network transform"):
        TrainOptions(**PATHS, network="texture", blocks=3)


def test_only_a_texture_is_learnt_without_photographs():
    alone = {**PATHS, "content": None}
    with pytest.raises(OptionsError, match="with --content"):
        TrainOptions(**alone)
    recipe = TrainOptions(**alone, network="texture", content_weight=2.0).recipe()
    assert (recipe["network"], recipe["content_weight"], recipe["stability_weight"]) == ("texture", 0, 0)
    assert TrainOptions(**PATHS, network="texture").content_weight == 1


def test_a_recipe_decides_the_result_and_nothing_else():
    recipe = TrainOptions(**PATHS, channels=(8, 8, 8), workers=3).recipe()
    assert recipe["channels"] == [8, 8, 8]
    assert recipe["steps"] == 3000
    assert not set(recipe) & {"painting", "content", "output", "workers", "device", "resume", "vgg_weights"}


def test_a_recipe_file_makes_options(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text('name = "x"\nyear = 1831\nsteps = 5\nchannels = [8, 8, 16]\nstyle_weight = 3\n')
    options = TrainOptions(**PATHS, **read_recipe(path))
    assert (options.name, options.year, options.steps, options.channels) == ("x", "1831", 5, (8, 8, 16))


def test_the_committed_recipes_are_valid():
    root = Path(__file__).parents[2]
    recipes = {path.stem: TrainOptions(**PATHS, **read_recipe(path)) for path in (root / "configs").glob("*.toml")}
    assert {name: options.name for name, options in recipes.items()} == {name: name for name in recipes}
    # What is bundled is what `make styles` makes.
    bundled = {path.name for path in (root / "models" / "styles").glob("*.onnx")}
    assert bundled == {f"{name}-{options.tier}.onnx" for name, options in recipes.items()}


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"steps = ", "not TOML"), (b"\xff\xfe", "not TOML"), (b"stpes = 3", "unknown setting 'stpes'")],
)
def test_bad_recipe_files(tmp_path, content, reason):
    path = tmp_path / "r.toml"
    path.write_bytes(content)
    with pytest.raises(OptionsError, match=reason):
        read_recipe(path)
    with pytest.raises(OptionsError, match="cannot read the recipe"):
        read_recipe(tmp_path / "none.toml")
