"""Settings are checked where they are made, in the command's spelling."""

from pathlib import Path

import pytest

from stylecam.models.errors import OptionsError
from stylecam.training.losses.table import LOSSES
from stylecam.training.options import TrainOptions
from stylecam.training.recipes import PUBLISHED, read_recipe, with_options

PATHS = {"painting": Path("p.jpg"), "content": Path("c"), "output": Path("o")}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0),
        ("steps", 1.5),
        ("steps", "many"),
        ("steps", True),
        ("epochs", 0),
        ("clip", -1),
        ("frame", 128),
        ("frame", 1e3),
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
    for wrong in ({"channels": 16}, {"style_layers": 5}):
        with pytest.raises(OptionsError, match="must be lists"):
            TrainOptions(**PATHS, **wrong)
    with pytest.raises(OptionsError, match="one word"):
        TrainOptions(**PATHS, name="../escape")


def test_the_tier_follows_from_the_network():
    assert TrainOptions(**PATHS).tier == "fast"
    assert TrainOptions(**PATHS, network="texture").tier == "full"
    with pytest.raises(OptionsError, match="--network texture has tier full only: leave out the tier fast"):
        TrainOptions(**PATHS, network="texture", tier="fast")
    with pytest.raises(OptionsError, match=r"channels, .*, detail and light are only for --network transform"):
        TrainOptions(**PATHS, network="texture", blocks=3)


def test_only_a_texture_is_learnt_without_photographs():
    alone = {**PATHS, "content": None}
    with pytest.raises(OptionsError, match="with --content"):
        TrainOptions(**alone)
    recipe = TrainOptions(**alone, network="texture", content_weight=2.0).recipe()
    assert (recipe["network"], recipe["content_weight"], recipe["stability_weight"]) == ("texture", 0, 0)
    assert TrainOptions(**PATHS, network="texture").content_weight == 1


def test_a_training_that_would_learn_nothing_is_refused():
    with pytest.raises(OptionsError, match="the weights of all losses are 0"):
        TrainOptions(**PATHS, **{loss.setting: 0.0 for loss in LOSSES})


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
    for path in (root / "configs").rglob("*.toml"):
        options = TrainOptions(**PATHS, **read_recipe(path))
        assert options.name == path.stem
        assert options.tier == ("full" if "full" in path.relative_to(root).parts else "fast")


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


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_recipes_are_settings_of_ours(name):
    options = TrainOptions(**PATHS, **with_options(read_recipe(name), {"name": "x"}))
    assert (options.tier, options.optimizer, options.learning_rate, options.batch) == ("full", "adam", 1e-3, 4)
    assert (options.light, options.blur, options.detail) == (False, False, False)  # the network of Johnson et al.
    assert (options.epochs, options.schedule, options.stability_weight, options.ramp) == (2, "constant", 0, 0)
    assert options.recipe()["style_layers"] == ["relu1_2", "relu2_2", "relu3_3", "relu4_3"]


def test_the_published_weights():
    johnson, matlab = (TrainOptions(**PATHS, **read_recipe(name)) for name in ("johnson", "matlab"))
    assert (johnson.activations, matlab.activations) == ("torchvision", "published")
    assert {(o.clip, o.grid_weight, o.zoom, o.norm) for o in (johnson, matlab)} == {(0, 0, 1, "instance")}
    assert (johnson.content_layer, johnson.content_weight, johnson.style_weight) == ("relu3_3", 1e5, 1e10)
    assert (matlab.content_weight, matlab.style_weight, matlab.style_form) == (1e-4, 3e-8, "sum")
    assert (matlab.content_form, matlab.preview_every) == ("mean", 10)


def test_options_go_before_the_recipe_and_steps_before_its_epochs():
    given = {"name": "x", "steps": 5, "batch": None, "style_layers": "relu1_1, relu2_1", "epochs": None}
    settings = with_options(read_recipe("johnson"), given)
    assert settings["steps"] == 5
    assert "epochs" not in settings
    assert settings["style_layers"] == ("relu1_1", "relu2_1")
    assert settings["batch"] == 4
    assert "steps" not in with_options({"steps": 5}, {"epochs": 1})
    with pytest.raises(OptionsError, match="gives both --steps and --epochs"):
        with_options({}, {"steps": 5, "epochs": 1})


def test_style_layers_in_a_recipe_file(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text('style_layers = ["relu1_1"]\nstyle_distance = "l1"\nepochs = 3\n')
    options = TrainOptions(**PATHS, **read_recipe(path))
    assert options.forms().style_layers == ("relu1_1",)
    assert options.forms().style_distance == "l1"
    path.write_text('style_layers = "relu1_1, relu2_1"\n')
    assert TrainOptions(**PATHS, **read_recipe(path)).style_layers == ("relu1_1", "relu2_1")
    path.write_text("steps = 3\nepochs = 3\n")
    with pytest.raises(OptionsError, match="gives both --steps and --epochs"):
        read_recipe(path)
    path.write_text("style_layers = [1]\n")
    with pytest.raises(OptionsError, match="names of"):
        TrainOptions(**PATHS, **read_recipe(path))


def test_a_recipe_that_is_neither_a_file_nor_built_in_names_both():
    with pytest.raises(OptionsError, match=r"jonson: No such file.*built in are johnson, matlab"):
        read_recipe("jonson")
