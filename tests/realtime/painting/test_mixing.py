"""Mixes: the average of networks, what it paints, what it says about itself, and what cannot be mixed."""

import itertools
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stylecam.models.catalog import BUNDLED, REFERENCE, Style, StyleCatalog, base_style
from stylecam.models.errors import OptionsError, StyleError
from stylecam.realtime.painting.mix_names import mix_name
from stylecam.realtime.painting.mixing import mix_between, mix_recipe, mix_styles
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.sources.demo_scene import draw_scene

FRAME = draw_scene(0, (160, 120))


def bundled(name):
    return Style.read(BUNDLED / f"{name}-fast.onnx")


@pytest.fixture(scope="module")
def hokusai():
    return bundled("hokusai")


@pytest.fixture(scope="module")
def scream():
    return bundled("scream")


def same_numbers(one, other):
    ours, theirs = one.weights(), other.weights()
    return ours.keys() == theirs.keys() and all(np.array_equal(ours[name], theirs[name]) for name in ours)


def painted(style, device="cpu"):
    return Stylizer(style, device)(FRAME).astype(int)


def retold(style, **training):
    """The style as it would be with another history."""
    return style.with_metadata(training=json.dumps({**style.record("training"), **training}))


def test_a_style_mixed_with_itself_paints_the_same(hokusai):
    for parts in ([(hokusai, 1), (hokusai, 1)], [(hokusai, 0.3), (hokusai, 0.7)], [(hokusai, 5)] * 4):
        assert same_numbers(mix_styles(parts), hokusai)


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_the_middle_has_something_of_both(hokusai, scream, device):
    ours, theirs, middle = (painted(s, device) for s in (hokusai, scream, mix_styles([(hokusai, 1), (scream, 1)])))
    apart = np.abs(ours - theirs).mean()
    assert np.abs(middle - ours).mean() < apart
    assert np.abs(middle - theirs).mean() < apart


def test_at_the_ends_of_the_way_stand_the_styles_themselves(hokusai, scream):
    assert mix_between(hokusai, scream, 0) is hokusai
    assert mix_between(hokusai, scream, 1) is scream
    near = painted(mix_between(hokusai, scream, 1e-4))
    assert np.abs(near - painted(hokusai)).mean() < 1
    for weight in (-0.1, 1.1, float("nan")):
        with pytest.raises(OptionsError, match="goes from 0 to 1"):
            mix_between(hokusai, scream, weight)


def test_the_way_is_the_same_in_both_directions(hokusai, scream):
    assert same_numbers(mix_between(hokusai, scream, 0.25), mix_between(scream, hokusai, 0.75))


def test_the_order_and_the_sum_of_the_weights_do_not_matter(hokusai, scream):
    parts = [(hokusai, 0.2), (scream, 0.3), (bundled("udnie"), 0.4), (bundled("shipwreck"), 0.1)]
    mixed = mix_styles(parts)
    for order in itertools.islice(itertools.permutations(parts), 1, None, 7):
        assert same_numbers(mix_styles(order), mixed)
    doubled = mix_styles([(style, 2 * weight) for style, weight in parts])
    assert same_numbers(doubled, mixed)


def test_a_resumed_conversion_knows_another_mix_by_its_hash(hokusai, scream):
    mixed, again, other = (mix_styles([(hokusai, w), (scream, 1 - w)]) for w in (0.7, 0.7, 0.701))
    assert mixed.sha256 == again.sha256
    assert mixed.name == other.name
    assert mixed.sha256 != other.sha256


def test_it_is_the_same_graph_and_as_large(hokusai, scream):
    def graph(style):
        model = onnx.load_model_from_string(style.data)
        onnx.checker.check_model(model, full_check=True)
        for tensor in model.graph.initializer:
            if "network." in tensor.name:
                tensor.ClearField("raw_data")
        return model.graph.SerializeToString()

    mixed = mix_styles([(hokusai, 1), (scream, 2)])
    assert graph(mixed) == graph(hokusai) == graph(scream)
    sizes = [sum(w.nbytes for w in style.weights().values()) for style in (mixed, hokusai)]
    assert sizes[0] == sizes[1]


def test_numbers_are_means_and_kernels_keep_their_length(hokusai, scream):
    def lengths(kernels):
        return np.sqrt(np.square(kernels.astype(float)).sum((1, 2, 3)))

    ours, theirs = hokusai.weights(), scream.weights()
    for name, found in mix_styles([(hokusai, 0.25), (scream, 0.75)]).weights().items():
        mean = 0.25 * ours[name].astype(float) + 0.75 * theirs[name].astype(float)
        kept = any(layer in name for layer in ("head", "detail"))
        if found.ndim == 4 and not kept:
            assert lengths(found) == pytest.approx(0.25 * lengths(ours[name]) + 0.75 * lengths(theirs[name]), rel=1e-3)
            mean *= (lengths(found) / lengths(mean))[:, None, None, None]
        if name.endswith("head.bias"):  # but for the light: the same for all pixels of a colour
            mean += np.resize((found - mean)[:3], mean.shape)
        assert found == pytest.approx(mean, rel=2e-3, abs=1e-4)


@pytest.mark.parametrize("pair", [("starry-night", "stained-glass-magi"), ("stained-glass-magi", "shipwreck")])
@pytest.mark.parametrize("weight", [0.25, 0.5])
def test_a_mix_is_as_light_as_its_parts_are_together(pair, weight):
    def levels(style):
        return painted(style).mean((0, 1))

    one, other = map(bundled, pair)
    wanted = (1 - weight) * levels(one) + weight * levels(other)
    assert np.abs(levels(mix_between(one, other, weight)) - wanted).max() < 15  # of 46, were it not put right


def test_what_is_mixed_stays_as_it_was(hokusai, scream):
    before = hokusai.sha256, scream.sha256, dict(hokusai.metadata)
    mix_styles([(hokusai, 1), (scream, 1)])
    assert (Style(hokusai.path, hokusai.data, {}).sha256, Style(scream.path, scream.data, {}).sha256) == before[:2]
    assert hokusai.metadata == before[2]


def test_a_mix_says_what_it_is_made_of(hokusai, scream, tmp_path):
    mixed = mix_styles([(hokusai, 0.7), (scream, 0.3)])
    assert mixed.name == str(mixed.path) == "hokusai-70+scream-30"
    assert mixed.title == "The Great Wave off Kanagawa 70 % + The Scream 30 %"
    assert mixed.artist == "Katsushika Hokusai; Edvard Munch"
    assert mixed.license == hokusai.license
    assert (mixed.year, mixed.record("metrics"), mixed.thumbnail()) == ("", {}, None)
    assert mix_recipe(mixed) == "hokusai 70 %, scream 30 %"
    parts = mixed.record("training")["mix"]
    assert [(part["name"], part["sha256"]) for part in parts] == [(s.name, s.sha256) for s in (hokusai, scream)]
    assert [part["weight"] for part in parts] == pytest.approx([0.7, 0.3])
    (tmp_path / "file.onnx").write_bytes(mixed.data)  # all of it is in the bytes
    assert Style.read(tmp_path / "file.onnx").metadata == mixed.metadata
    assert mix_styles([(hokusai, 1), (scream, 1)]).title == "The Great Wave off Kanagawa + The Scream"


def test_a_mix_can_be_mixed_on(hokusai, scream):
    udnie = bundled("udnie")
    mixed = mix_styles([(mix_styles([(hokusai, 1), (scream, 1)]), 0.5), (udnie, 0.5)])
    assert mixed.name == "hokusai-25+scream-25+udnie-50"
    at_once = mix_styles([(hokusai, 0.25), (scream, 0.25), (udnie, 0.5)])
    assert mixed.record("training")["mix"] == at_once.record("training")["mix"]
    assert np.abs(painted(mixed) - painted(at_once)).mean() < 3


@settings(max_examples=50)
@given(st.lists(st.tuples(st.from_regex(r"\w[\w-]{0,63}", fullmatch=True), st.floats(1e-6, 1)), min_size=2, max_size=4))
def test_a_mix_can_be_a_part_of_a_file_name(parts):
    name = mix_name(parts)
    assert not set(name) & set('<>:"/\\|?*. \n')
    assert Path(name).stem == name


def test_what_was_trained_from_one_of_them_can_be_mixed_with_it(hokusai, scream):
    told = hokusai.record("training")
    own = {key: value for key, value in told.items() if key not in ("step", "contrast", "start_from", "vgg")}
    child = retold(scream, start_from={"recipe": own, "step": told["step"], "start_from": told["start_from"]})
    assert mix_styles([(hokusai, 1), (child, 1)]).name == "hokusai+scream"
    assert mix_styles([(bundled("udnie"), 1), (child, 1)]).name == "udnie+scream"
    mixed = mix_styles([(base_style("fast"), 1), (child, 1)])
    assert mix_recipe(mix_styles([(mixed, 1), (bundled("udnie"), 1)])).endswith("udnie 50 %")


def test_without_a_common_start_it_is_refused(hokusai, scream):
    with pytest.raises(StyleError, match=r"hokusai.*not trained from the same network.*--start-from"):
        mix_styles([(hokusai, 1), (retold(hokusai, start_from=None, seed=1), 1)])
    for start in (
        None,
        {},
        "base",
        {"recipe": {}, "step": 950},
        {**scream.record("training")["start_from"], "step": 1},
    ):
        with pytest.raises(StyleError, match="not trained from the same network"):
            mix_styles([(hokusai, 1), (retold(scream, start_from=start), 1)])


def test_other_networks_are_refused(hokusai, make_style, tmp_path):
    with pytest.raises(StyleError, match=r"one is of tier f.*, the other of f"):
        mix_styles([(hokusai, 1), (Style.read(BUNDLED / "hokusai-full.onnx"), 1)])
    with pytest.raises(StyleError, match="reference cannot be mixed"):
        mix_styles([(hokusai, 1), (Style.read(REFERENCE), 1)])
    wider = hokusai.with_metadata(network=json.dumps({**hokusai.record("network"), "blocks": 5}))
    with pytest.raises(StyleError, match="their networks differ in shape"):
        mix_styles([(hokusai, 1), (wider, 1)])
    # A file that says so, and holds another network.
    exact = make_style(
        tmp_path / "negative.onnx", network=hokusai.metadata["network"], training=hokusai.metadata["training"]
    )
    with pytest.raises(StyleError, match="their networks differ in shape"):
        mix_styles([(hokusai, 1), (Style.read(exact), 1)])
    foreign = Style(hokusai.path, hokusai.data, {"name": "mosaic", "conventions": "{}", "tier": "fast"})
    with pytest.raises(StyleError, match="mosaic cannot be mixed: it is a model from another program"):
        mix_styles([(hokusai, 1), (foreign, 1)])


def test_a_file_whose_graph_cannot_run_is_refused_in_a_sentence(hokusai, scream):
    model = onnx.load_model_from_string(scream.data)
    next(node for node in model.graph.node if node.op_type == "Conv").op_type = "NoSuchOp"
    broken = Style(scream.path, model.SerializeToString(), scream.metadata)
    with pytest.raises(StyleError, match=r"scream-fast\.onnx cannot be mixed because it cannot paint") as error:
        mix_styles([(hokusai, 1), (broken, 1)])
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("weight", [0, -1, float("nan"), float("inf"), 1e308])
def test_a_weight_that_is_none_is_refused(hokusai, scream, weight):
    with pytest.raises(OptionsError, match="the weight of scream in a mix must be above 0"):
        mix_styles([(hokusai, 1), (scream, weight)])


def test_one_is_no_mix_and_five_are_too_many(hokusai):
    for count in (0, 1, 5):
        with pytest.raises(OptionsError, match=f"has 2 to 4 styles, not {count}"):
            mix_styles([(hokusai, 1)] * count)


def test_a_file_that_keeps_its_weights_in_32_bits_is_mixed_with_one_in_16(hokusai, scream):
    model = onnx.load_model_from_string(scream.data)
    casts = {node.input[0]: node for node in model.graph.node if node.op_type == "Cast" and "network." in node.input[0]}
    for tensor in model.graph.initializer:
        if tensor.name in casts:
            wide = onnx.numpy_helper.to_array(tensor).astype(np.float32)
            tensor.CopyFrom(onnx.numpy_helper.from_array(wide, tensor.name))
    wide = Style(scream.path, model.SerializeToString(), scream.metadata)
    mixed = mix_styles([(hokusai, 1), (wide, 1)])
    assert {values.dtype for values in mixed.weights().values()} == {np.dtype(np.float32)}
    assert np.abs(painted(mixed) - painted(mix_styles([(hokusai, 1), (scream, 1)]))).max() <= 2


def test_the_way_from_tier_full_leads_through_the_fast_networks(hokusai, scream, scream_without_full):
    catalog = StyleCatalog()
    full = Stylizer(catalog.find("hokusai", "full"), "cpu", threads=1)
    assert full.style.tier == "full"
    middle = full.towards(scream, 0.5)
    assert (middle.style.name, middle.style.tier) == ("hokusai+scream", "fast")
    assert np.array_equal(middle(FRAME), painted(mix_styles([(hokusai, 1), (scream, 1)])))
    both = full.towards(catalog.find("udnie", "full"), 0.5)
    assert both.style.tier == "full"
    foreign = Style(Path("elsewhere.onnx"), full.style.data, full.style.metadata)  # of the same name, and not of it
    with pytest.raises(StyleError, match="tier full"):
        Stylizer(foreign, "cpu", threads=1).towards(scream, 0.5)


def test_a_stylizer_is_had_on_the_way_to_another_style(hokusai, scream):
    stylizer = Stylizer(hokusai, "cpu", threads=1)
    middle = stylizer.towards(scream, 0.5)
    assert middle.style.name == "hokusai+scream"
    assert middle.provider == stylizer.provider
    assert np.array_equal(stylizer.towards(scream, 0)(FRAME), stylizer(FRAME))
    assert np.array_equal(middle(FRAME), painted(mix_styles([(hokusai, 1), (scream, 1)])))
