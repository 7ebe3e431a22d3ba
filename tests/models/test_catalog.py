"""StyleCatalog and Style: what is found, what is refused and how it is said."""

import contextlib
import gc
import json
import os
import threading
import tracemalloc

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from stylecam.models.catalog import BUNDLED, REFERENCE, Style, StyleCatalog
from stylecam.models.errors import OptionsError, StylecamError, StyleError
from stylecam.models.onnx_wire import WireError, parse_onnx


def test_a_style_tells_what_its_file_says(tiny_style):
    style = Style.read(tiny_style)
    assert (style.name, style.tier) == ("negative", "fast")
    assert len(style.sha256) == 64
    assert isinstance(style.record("network"), dict)


def test_a_foreign_file_is_called_by_its_file_name(tmp_path):
    path = tmp_path / "plain.onnx"
    node = helper.make_node("Identity", ["frame"], ["stylized"])
    frame = helper.make_tensor_value_info("frame", TensorProto.UINT8, [1, "h", "w", 3])
    out = helper.make_tensor_value_info("stylized", TensorProto.UINT8, [1, "h", "w", 3])
    onnx.save(helper.make_model(helper.make_graph([node], "g", [frame], [out])), path)
    style = Style.read(path)
    assert (style.name, style.title, style.tier, style.metadata) == ("plain", "plain", "other", {})
    assert style.record("metrics") == {}
    assert style.thumbnail() is None


def _dated(path, seconds):
    os.utime(path, (seconds, seconds))
    return path


def test_later_folders_win_and_a_name_is_as_old_as_its_first_file(tmp_path, make_style):
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir(), second.mkdir()
    _dated(make_style(first / "one-fast.onnx", name="one"), 1000)
    _dated(make_style(first / "aardvark-fast.onnx", name="aardvark"), 2000)
    winner = _dated(make_style(second / "renamed.onnx", name="one"), 3000)
    catalog = StyleCatalog([first, second])
    assert catalog.names == ["one", "aardvark"]
    assert catalog.find("one").path == winner
    assert catalog.broken == []


def test_the_bundled_styles_come_first_and_own_ones_by_date(tmp_path, make_style):
    names = ["zebra", "hokusai", "aardvark", "mule", "scream"]
    for age, name in enumerate(names):
        _dated(make_style(tmp_path / f"{name}-fast.onnx", name=name), 1000 + age)
    _dated(tmp_path / "mule-fast.onnx", 1000)  # as old as the zebra: then by name
    _dated(make_style(tmp_path / "zebra-full.onnx", name="zebra", tier="full"), 9000)
    assert StyleCatalog([tmp_path]).names == ["hokusai", "scream", "mule", "zebra", "aardvark"]


def test_an_order_stays_until_it_is_forgotten(tmp_path, make_style):
    for age, name in enumerate(("hokusai", "mine", "gone")):
        _dated(make_style(tmp_path / f"{name}.onnx", name=name), 1000 + age)
    order = tmp_path / "data" / "order.json"
    catalog = StyleCatalog([tmp_path], order)
    catalog.reorder(["gone", "mine"])
    assert catalog.names == StyleCatalog([tmp_path], order).names == ["gone", "mine", "hokusai"]
    (tmp_path / "gone.onnx").unlink()
    assert StyleCatalog([tmp_path], order).names == ["mine", "hokusai"]
    catalog.reorder([])
    assert not order.exists()
    assert StyleCatalog([tmp_path], order).names == ["hokusai", "mine"]
    with pytest.raises(StyleError, match="no style 'mime'; did you mean 'mine'"):
        catalog.reorder(["hokusai", "mime"])
    with pytest.raises(OptionsError, match="mine is given twice"):
        catalog.reorder(["mine", "hokusai", "mine"])
    assert list(order.parent.iterdir()) == []


@pytest.mark.parametrize("content", [b"{", b'"hokusai"', b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_order_is_said_and_given_anew(tmp_path, make_style, content):
    make_style(tmp_path / "mine.onnx", name="mine")
    order = tmp_path / "order.json"
    order.write_bytes(content)
    catalog = StyleCatalog([tmp_path], order)
    assert catalog.names == ["mine"]
    assert str(order) in str(catalog.order_problem)
    assert "\n" not in str(catalog.order_problem)
    catalog.reorder(["mine"])
    assert catalog.order_problem is None
    assert StyleCatalog([tmp_path], order).order_problem is None


def test_an_order_that_cannot_be_written(tmp_path, make_style):
    make_style(tmp_path / "mine.onnx", name="mine")
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StylecamError, match=r"cannot write the order of the styles .*order\.json: "):
        StyleCatalog([tmp_path], tmp_path / "file" / "order.json").reorder(["mine"])


def test_a_file_of_the_catalog_is_known_by_its_path(tmp_path, make_style, monkeypatch):
    path = make_style(tmp_path / "mine.onnx", name="wave")
    (tmp_path / "link.onnx").symlink_to(path)
    other = tmp_path / "other"
    other.mkdir()
    catalog = StyleCatalog([tmp_path])
    assert catalog.name_of(str(path)) == catalog.name_of(str(tmp_path / "link.onnx")) == "wave"
    assert catalog.name_of(str(make_style(other / "mine.onnx", name="wave"))) is None  # another file
    assert catalog.name_of(str(tmp_path / "none.onnx")) is None
    monkeypatch.chdir(other)
    (other / "scream").symlink_to(path)
    assert catalog.name_of("scream") is None  # a name, not a path


def test_a_catalog_does_not_hold_what_nobody_asked_for(tmp_path, make_style):
    weights = numpy_helper.from_array(np.zeros(1_000_000, np.float32), "large")
    for number in range(5):
        model = onnx.load(make_style(tmp_path / f"{number}-fast.onnx", name=f"style-{number}"))
        model.graph.initializer.append(weights)
        onnx.save(model, tmp_path / f"{number}-fast.onnx")
    tracemalloc.start()
    try:
        catalog = StyleCatalog([tmp_path])
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
        assert len(catalog.names) == 5
        assert held < 1_000_000
        assert len(catalog.find("style-3").data) > 4_000_000
    finally:
        tracemalloc.stop()
    (tmp_path / "3-fast.onnx").unlink()
    with pytest.raises(StyleError, match=r"cannot read the style file .*3-fast\.onnx"):
        catalog.find("style-3")


def test_the_environment_adds_folders(tmp_path, make_style, monkeypatch):
    make_style(tmp_path / "mine.onnx", name="mine")
    monkeypatch.setenv("STYLECAM_STYLES", f"{tmp_path}{os.pathsep}{tmp_path / 'none'}")
    assert "mine" in StyleCatalog().names


def test_an_unknown_style_is_answered_with_the_nearest_name(tmp_path, make_style):
    make_style(tmp_path / "a.onnx", name="hokusai")
    with pytest.raises(StyleError, match="did you mean 'hokusai'"):
        StyleCatalog([tmp_path]).find("hokusia")
    with pytest.raises(StyleError, match="there are: hokusai"):
        StyleCatalog([tmp_path]).find("xyz")


def test_broken_files_are_listed_and_do_not_hide_the_others(tmp_path, make_style):
    make_style(tmp_path / "good.onnx", name="good")
    (tmp_path / "bad.onnx").write_bytes(os.urandom(100))
    (tmp_path / "empty.onnx").touch()
    catalog = StyleCatalog([tmp_path])
    assert catalog.names == ["good"]
    assert len(catalog.broken) == 2


@pytest.mark.parametrize("name", ["../../evil", "a/b", "a b", "-x", ".hidden", "a\nb", "x" * 65, ""])
def test_a_name_that_cannot_be_in_a_file_name_is_not_used(tmp_path, make_style, name):
    path = make_style(tmp_path / "file-1.onnx", name=name)
    assert Style.read(path).name == "file-1"
    odd = make_style(tmp_path / "a (1).onnx", name=name)
    with pytest.raises(StyleError, match=r"a \(1\)\.onnx has no usable name: rename the file"):
        Style.read(odd)
    catalog = StyleCatalog([tmp_path])
    assert catalog.names == ["file-1"]
    assert len(catalog.broken) == 1


@pytest.mark.parametrize("name", ["hokusai", "Große_Welle-2", "x" * 64])
def test_a_name_of_letters_digits_and_dashes_is_used(tmp_path, make_style, name):
    assert Style.read(make_style(tmp_path / "a (1).onnx", name=name)).name == name


@pytest.mark.parametrize("file", ["wave.onnx", "wave-fast.onnx", "wave-full.onnx"])
def test_a_damaged_file_is_not_said_to_be_missing(tmp_path, make_style, file):
    make_style(tmp_path / "other.onnx", name="other")
    (tmp_path / file).write_bytes(b"damaged")
    with pytest.raises(StyleError, match=rf"the style 'wave' cannot be used: .*{file} is not a style file") as error:
        StyleCatalog([tmp_path]).find("wave")
    assert error.value.exit_code == 5
    assert StyleCatalog([tmp_path]).find("other").name == "other"


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(StyleError, match=r"cannot read the style file .*none\.onnx: No such file"):
        Style.read(tmp_path / "none.onnx")
    with pytest.raises(StyleError, match="Is a directory"):
        Style.read(tmp_path)


@pytest.mark.parametrize("nested", [False, True])
def test_external_data_is_refused_wherever_it_hides(tmp_path, nested):
    tensor = helper.make_tensor("w", TensorProto.FLOAT, [4], np.zeros(4))
    tensor.ClearField("float_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"
    if nested:
        body = helper.make_graph([helper.make_node("Constant", [], ["y"], value=tensor)], "b", [], [])
        graph = helper.make_graph([helper.make_node("If", ["c"], ["z"], then_branch=body)], "g", [], [])
    else:
        graph = helper.make_graph([], "g", [], [], initializer=[tensor])
    path = tmp_path / "external.onnx"
    path.write_bytes(helper.make_model(graph).SerializeToString())
    with pytest.raises(StyleError, match="tensor 'w' in another file"):
        Style.read(path)


def test_weights_that_are_not_finite_are_refused(tmp_path):
    weights = numpy_helper.from_array(np.array([1, np.nan], np.float32), "w")
    path = tmp_path / "nan.onnx"
    path.write_bytes(helper.make_model(helper.make_graph([], "g", [], [], initializer=[weights])).SerializeToString())
    with pytest.raises(StyleError, match="not finite"):
        Style.read(path)


def test_a_newer_schema_is_refused(tmp_path, tiny_style):
    model = onnx.load(tiny_style)
    properties = {p.key: p.value for p in model.metadata_props} | {"stylecam.schema": "2"}
    helper.set_model_props(model, properties)
    onnx.save(model, tmp_path / "new.onnx")
    with pytest.raises(StyleError, match="schema '2'"):
        Style.read(tmp_path / "new.onnx")


def test_every_truncation_of_a_style_file_is_refused_or_read_without_a_crash(tiny_style):
    data = tiny_style.read_bytes()
    refused = 0
    for length in range(0, len(data), 7):
        try:
            parse_onnx(data[:length])
        except WireError:
            refused += 1
    assert refused > 0.8 * len(range(0, len(data), 7))


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_random_bytes_never_crash_the_reader(data):
    with contextlib.suppress(WireError):
        assert parse_onnx(data).metadata is not None


def test_the_reader_agrees_with_onnx_about_metadata(tiny_style):
    ours = parse_onnx(tiny_style.read_bytes()).metadata
    theirs = {p.key: p.value for p in onnx.load(tiny_style).metadata_props}
    assert ours == theirs


def test_the_reference_network_is_a_small_style_file_of_tier_full():
    style = Style.read(REFERENCE)
    assert style.tier == "full"
    assert len(style.data) < 100_000


def test_bundled_styles_are_complete():
    styles = StyleCatalog().styles
    assert "hokusai" in {style.name for style in styles}
    for style in styles:
        assert all((style.title, style.artist, style.year, style.license))
        assert style.thumbnail()[:8] == b"\x89PNG\r\n\x1a\n"
        assert style.record("network")["tier"] == style.tier
        assert style.record("training")["name"] == style.name
        assert style.record("metrics")["style"] > 0
        assert json.dumps(style.record("training"))
        assert style.tier != "fast" or len(style.data) <= 2_000_000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of POSIX")
def test_a_style_may_come_through_a_pipe(tmp_path, tiny_style):
    pipe = tmp_path / "piped.onnx"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(tiny_style.read_bytes()))
    writer.start()
    style = Style.read(pipe)
    writer.join()
    assert style.data == tiny_style.read_bytes()


def test_a_macs_twins_are_no_styles(tmp_path, make_style):
    make_style(tmp_path / "mine.onnx", "mine")
    (tmp_path / "._mine.onnx").write_bytes(b"\0\5\26\7")
    catalog = StyleCatalog([tmp_path])
    assert (catalog.names, catalog.broken) == (["mine"], [])


def test_a_property_is_replaced_or_taken_out(tiny_style):
    style = Style.read(tiny_style)
    changed = style.with_metadata(title="Another", thumbnail=None, year="")
    assert (changed.title, changed.thumbnail(), changed.year) == ("Another", None, "")
    told = onnx.load_model_from_string(changed.data).metadata_props
    assert [entry.value for entry in told if entry.key == "stylecam.title"] == ["Another"]
    assert "stylecam.thumbnail" not in {entry.key for entry in told}
    assert parse_onnx(changed.data).metadata == {f"stylecam.{key}": value for key, value in changed.metadata.items()}
    again = changed.with_metadata(title=style.title, thumbnail=style.metadata["thumbnail"], year=style.year)
    assert again.metadata == style.metadata
    model, before = (onnx.load_model_from_string(data) for data in (again.data, style.data))
    assert model.graph == before.graph
    assert (model.ir_version, model.opset_import) == (before.ir_version, before.opset_import)


def test_weights_are_read_and_replaced_in_their_place():
    style = Style.read(BUNDLED / "hokusai-fast.onnx")
    weights = style.weights()
    assert weights["network/network.encoder.0.0.weight"].shape == (16, 3, 3, 3)
    assert {values.dtype.itemsize for values in weights.values()} == {2, 4}
    assert style.with_weights(weights).data == style.data
    name = "network/network.head.bias"
    changed = style.with_weights({name: np.arange(12.0), "of no network": np.zeros(3)})
    assert len(changed.data) == len(style.data)
    assert (changed.weights()[name] == np.arange(12)).all()
    assert (style.weights()[name] == weights[name]).all()
    model = onnx.load_model_from_string(changed.data)
    (tensor,) = (tensor for tensor in model.graph.initializer if tensor.name == name)
    assert (numpy_helper.to_array(tensor) == np.arange(12)).all()
    others = {key: values for key, values in changed.weights().items() if key != name}
    assert all((values == weights[key]).all() for key, values in others.items())


def test_weights_of_another_shape_than_they_say_are_refused(tmp_path):
    tensor = numpy_helper.from_array(np.zeros(6, np.float32), "network.w")
    tensor.dims[0] = 7
    graph = helper.make_graph([], "g", [], [], initializer=[tensor])
    (tmp_path / "odd.onnx").write_bytes(helper.make_model(graph).SerializeToString())
    with pytest.raises(StyleError, match="weights have the wrong shape"):
        Style.read(tmp_path / "odd.onnx").weights()
