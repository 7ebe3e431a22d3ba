"""What a user types for a style: names, files and mixes."""

import pytest

from stylecam.models.catalog import BUNDLED, StyleCatalog
from stylecam.models.errors import OptionsError, StyleError
from stylecam.realtime.commands.evaluate_input import evaluated_styles
from stylecam.realtime.painting.mix_names import is_mix, parse_mix, spoken_name
from stylecam.realtime.painting.named_styles import find_style
from stylecam.realtime.painting.stylizer import Stylizer


@pytest.fixture(scope="module")
def catalog():
    return StyleCatalog([BUNDLED])


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("a+b", {"a": 0.5, "b": 0.5}),
        ("a+b+c+d", {"a": 0.25, "b": 0.25, "c": 0.25, "d": 0.25}),
        ("a:0.7+b:0.3", {"a": 0.7, "b": 0.3}),
        ("a:2+b:6", {"a": 0.25, "b": 0.75}),
        ("a+b:0.3", {"a": 0.7, "b": 0.3}),
        ("a+b:0.4+c", {"a": 0.3, "b": 0.4, "c": 0.3}),
        (" a : 0.7 + b ", {"a": 0.7, "b": 0.3}),
        ("./x.onnx:0.2+a", {"./x.onnx": 0.2, "a": 0.8}),
    ],
)
def test_the_shares_of_a_mix(text, shares):
    found = dict(parse_mix(text))
    assert found == pytest.approx(shares)
    assert list(found) == list(shares)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a:x+b", "the weight x of a is not a number"),
        ("a:0+b", "the weight 0 of a must be above 0"),
        ("a:-1+b:2", "the weight -1 of a must be above 0"),
        ("a:nan+b", "the weight nan of a must be above 0"),
        ("a:1e308+b:1e308", "must be above 0, at most 1000"),
        ("a:inf+b:1", "the weight inf of a must be above 0"),
        ("a+b+c+d+e", "mixes 5 styles: 2 to 4"),
        ("a+b+a", "has a twice: name it once"),
        ("a:0.2+a:0.3", "has a twice"),
        ("a:1+b", "leaves nothing for b"),
        ("a:0.6+b:0.6+c", "leaves nothing for c"),
        ("a+", "is not a mix: write for example hokusai"),
        ("+", "is not a mix"),
        (":0.5+b", "is not a mix"),
        ("a:+b", "is not a mix"),
    ],
)
def test_what_is_no_mix_is_said(text, said):
    with pytest.raises(OptionsError, match=said) as error:
        parse_mix(text)
    assert "\n" not in str(error.value)


def test_a_text_that_no_file_can_be_called_is_a_mix_of_unknown_styles(catalog):
    for text in ("x" * 300 + "+scream", "a\0b+scream"):
        with pytest.raises(StyleError, match="there is no style"):
            find_style(catalog, text)


def test_an_unknown_part_is_answered_with_its_nearest_name(catalog):
    with pytest.raises(StyleError, match="no style 'screm'; did you mean 'scream'"):
        find_style(catalog, "hokusai+screm")


def test_names_files_and_mixes_are_found(catalog, tmp_path):
    assert find_style(catalog, "scream").name == "scream"
    assert find_style(catalog, "hokusai+scream").name == "hokusai+scream"
    plus = tmp_path / "a+b"
    plus.write_bytes((BUNDLED / "scream-fast.onnx").read_bytes())
    plus = plus.rename(tmp_path / "a+b.onnx")
    assert not is_mix(str(plus))
    assert find_style(catalog, str(plus)).name == "scream"
    mixed = find_style(catalog, f"{BUNDLED / 'hokusai-fast.onnx'}:0.9+scream")
    assert mixed.name == "hokusai-90+scream-10"


def test_what_results_are_called(catalog):
    assert spoken_name("hokusai") == "hokusai"
    assert spoken_name("/x/wave-fast.onnx") == "wave-fast"
    for text in ("hokusai+scream", "hokusai:0.7+scream:0.3", "scream:0.3+hokusai", "hokusai+scream:0.25+udnie"):
        assert spoken_name(text) == find_style(catalog, text).name


def test_a_mix_is_loaded_by_its_name(catalog):
    assert Stylizer.load("hokusai+scream", device="cpu", catalog=catalog).style.name == "hokusai+scream"


@pytest.mark.usefixtures("scream_without_full")
def test_a_mix_is_of_the_tier_that_all_have():
    assert find_style(StyleCatalog(), "hokusai+udnie", "full").tier == "full"
    assert find_style(StyleCatalog(), "hokusai+scream", "full").tier == "fast"


@pytest.mark.usefixtures("scream_without_full")
def test_a_mix_is_evaluated_by_its_name(capsys):
    (stylizer,) = evaluated_styles(["hokusai:0.7+scream:0.3"], "full", "cpu")
    assert stylizer.style.name == "hokusai-70+scream-30"
    assert (
        "--tier full: these styles have no such tier, so the other one is used: hokusai-70+scream-30"
        in capsys.readouterr().err
    )
