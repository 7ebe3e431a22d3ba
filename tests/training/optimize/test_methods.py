"""Methods are presets of parts, and mistakes in the parts are sentences."""

import pytest

from stylecam.models.errors import OptionsError
from stylecam.training.optimize.methods import ALL_LAYERS, METHODS, Method, method_of, parse_layers
from stylecam.training.optimize.sweep import parse_changes, parse_sweep


def test_a_method_is_its_preset_with_what_is_given():
    assert method_of("gatys") == METHODS["gatys"]
    given = {"style_layers": "relu2_1:0.5,relu1_1", "gram_shift": "-1", "iterations": "7", "chain": "yes", "vgg": 16}
    method = method_of("gatys", {**given, "content_layers": None})
    assert method.resolved_style_layers() == (("relu1_1", 1.0), ("relu2_1", 0.5))  # in the network's order
    assert (method.gram_shift, method.iterations, method.chain, method.vgg) == (-1.0, 7, True, 16)
    assert method.layers() == ("relu4_2", "relu1_1", "relu2_1")


FIVE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")


@pytest.mark.parametrize(
    ("name", "vgg", "pooling", "content", "weights", "style", "tv"),
    [
        ("gatys", 19, "avg", ("relu4_2", 1.0), (0.2,) * 5, 1e3, 0),
        ("cs20", 19, "avg", ("relu4_2", 0.01), (0.5, 1.0, 1.5, 3.0, 4.0), 1, 0),
        ("keras", 16, "max", ("relu4_2", 0.025), (0.2,) * 5, 1, 1),
        ("improved", 19, "avg", ("relu5_2", 1.0), (0.2,) * 5, 0.01, 1e-3),
    ],
)
def test_the_published_numbers(name, vgg, pooling, content, weights, style, tv):
    method = METHODS[name]
    assert (method.vgg, method.pooling, method.style_weight, method.tv_weight) == (vgg, pooling, style, tv)
    assert (method.content_layers, method.content_weight) == (((content[0], 1.0),), content[1])
    assert method.resolved_style_layers() == tuple(zip(FIVE, weights, strict=True))


def test_novaks_numbers():
    novak = METHODS["novak"]
    assert (novak.gram_shift, novak.chain, novak.style_layers) == (-1.0, True, ALL_LAYERS)
    assert (METHODS["cs20"].optimizer, METHODS["cs20"].iterations) == ("adam", 300)


@pytest.mark.parametrize(("depth", "count"), [(16, 13), (19, 16)])
def test_all_layers_have_geometric_weights(depth, count):
    layers = Method(vgg=depth, style_layers=ALL_LAYERS).resolved_style_layers()
    assert [weight for _, weight in layers] == [2.0 ** (count - d) for d in range(1, count + 1)]
    assert layers[0][0] == "relu1_1"
    assert layers[-1] == ({16: "relu5_3", 19: "relu5_4"}[depth], 1.0)
    assert parse_layers("all") == ALL_LAYERS


@pytest.mark.parametrize("depth", [16, 19])
@pytest.mark.parametrize("name", METHODS)
def test_every_preset_exists_at_both_depths(name, depth):
    assert method_of(name, {"vgg": depth}).vgg == depth


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"style_layers": "conv3_4", "vgg": 16}, "--style-layers: VGG-16 has no layer 'conv3_4'"),
        ({"content_layers": "relu9_9"}, "--content-layer: VGG-19 has no layer 'relu9_9'"),
        ({"style_layers": "relu1_1:x"}, "'relu1_1:x' is not LAYER"),
        ({"style_layers": "relu1_1:-1"}, "weight of relu1_1 must be 0 or more"),
        ({"style_layers": "relu1_1,relu1_1"}, "each layer only once"),
        ({"style_layers": "relu1_1", "chain": "yes"}, "--chain needs at least two style layers"),
        ({"pooling": "sum"}, "--pooling must be one of max, avg"),
        ({"init": "black"}, "--init must be one of noise"),
        ({"iterations": "0"}, "--iterations must be from 1"),
        ({"iterations": "many"}, "--iterations must be a whole number"),
        ({"style_weight": "nan"}, "--style-weight must be from 0"),
        ({"chain": "maybe"}, "--chain must be yes or no"),
        ({"content_weight": 0.0, "style_weight": 0.0}, "all weights are 0"),
        ({"colour": "red"}, "no setting colour"),
    ],
)
def test_mistakes_are_sentences(given, match):
    with pytest.raises(OptionsError, match=match) as error:
        method_of("gatys", given)
    assert "\n" not in str(error.value)


def test_an_unknown_method_is_refused():
    with pytest.raises(OptionsError, match="no method 'magic': choose one of gatys, cs20"):
        method_of("magic")


def test_sweeps_are_grids():
    sweep = parse_sweep(["style-weight=1e3,1e4,1e5", "style-layers=relu1_1;relu1_1,relu2_1"])
    assert (len(sweep.cells), sweep.columns) == (6, 2)
    assert sweep.cells[1] == {"style_weight": "1e3", "style_layers": "relu1_1,relu2_1"}
    assert sweep.labels[5] == "style-weight=1e5, style-layers=relu1_1,relu2_1"
    assert (parse_sweep([]).cells, parse_sweep([]).columns) == (({},), 1)
    assert parse_sweep(["content-layer=relu1_1"]).cells == ({"content_layers": "relu1_1"},)


def test_changes_add_up():
    sheet = parse_changes(["init=content", "style-layers=all style-weight=0.1", "content-layer=relu3_1"])
    assert sheet.cells == (
        {},
        {"init": "content"},
        {"init": "content", "style_layers": "all", "style_weight": "0.1"},
        {"init": "content", "style_layers": "all", "style_weight": "0.1", "content_layers": "relu3_1"},
    )
    assert sheet.labels[0] == "as it is"
    assert sheet.labels[2:] == ("and style-layers=all, style-weight=0.1", "and content-layer=relu3_1")
    assert sheet.columns == 4


@pytest.mark.parametrize("texts", [["init"], ["=1"], ["init="], [" "], ["a=1 b"], ["a=1"] * 100])
def test_impossible_changes_are_refused(texts):
    with pytest.raises(OptionsError, match="--change"):
        parse_changes(texts)


@pytest.mark.parametrize("texts", [["init"], ["=1"], ["init="], ["a=1", "b=1", "c=1"], ["a=1", "a=2"]])
def test_impossible_sweeps_are_refused(texts):
    with pytest.raises(OptionsError, match="--sweep"):
        parse_sweep(texts)
