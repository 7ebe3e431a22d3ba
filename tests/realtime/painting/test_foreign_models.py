"""Models that other people made: every layout, colour order, range and size that they come in."""

import json

import cv2
import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from stylecam.models.catalog import Style
from stylecam.models.errors import OptionsError, StyleError
from stylecam.realtime.cli import main
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.painting.user_styles import add_style, as_style

RANGES = {"0..255": (0, 255), "0..1": (0, 1), "-1..1": (-1, 1)}


def foreign(path, layout="nchw", levels="0..255", size=("height", "width"), dtype=TensorProto.FLOAT, batch=1):
    """A model that paints the negative, and its last colour black."""
    planes = layout == "nchw"
    shape = [batch, 3, *size] if planes else [batch, *size, 3]
    low, high = RANGES[levels]
    kept = np.array([1, 1, 0], np.float32).reshape((1, 3, 1, 1) if planes else (1, 1, 1, 3))
    constants = {"kept": kept, "both": np.float32(low + high), "low": np.float32(low)}
    nodes = [
        helper.make_node("Sub", ["both", "image"], ["negative"]),
        helper.make_node("Sub", ["negative", "low"], ["above"]),
        helper.make_node("Mul", ["above", "kept"], ["coloured"]),
        helper.make_node("Add", ["coloured", "low"], ["painted"]),
    ]
    graph = helper.make_graph(
        nodes,
        "foreign",
        [helper.make_tensor_value_info("image", dtype, shape)],
        [helper.make_tensor_value_info("painted", dtype, shape)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)])
    path.write_bytes(model.SerializeToString())
    return path


def _frame(height=45, width=70):
    smooth = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    return cv2.resize(smooth, (width, height), interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
@pytest.mark.parametrize("levels", RANGES)
@pytest.mark.parametrize("colours", ["rgb", "bgr"])
def test_every_convention_paints_the_same(tmp_path, layout, levels, colours):
    style = as_style(Style.read(foreign(tmp_path / "x.onnx", layout, levels)), levels, colours=colours)
    frame = _frame()
    painted = Stylizer(style, "cpu")(frame)
    expected = 255 - frame
    expected[..., 0 if colours == "rgb" else 2] = 0  # the last colour is blue in RGB, red in BGR
    assert painted.shape == frame.shape
    assert np.abs(painted.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("size", [(64, 96), (32, "width"), (224, 224)])
def test_a_model_of_a_fixed_size_paints_any_frame(tmp_path, size):
    style = as_style(Style.read(foreign(tmp_path / "x.onnx", size=size)), "0..255", colours="bgr")
    frame = _frame(96, 144)
    painted = Stylizer(style, "cpu")(frame)
    assert painted.shape == frame.shape
    assert np.abs(painted[..., :2].astype(int) - (255 - frame[..., :2])).mean() < 6


def test_sides_are_brought_to_a_multiple(tmp_path, monkeypatch):
    style = as_style(Style.read(foreign(tmp_path / "x.onnx", batch="n")), "0..255", colours="bgr", multiple=32)
    stylizer = Stylizer(style, "cpu")
    seen = []
    run = stylizer._engine.run
    monkeypatch.setattr(stylizer._engine, "run", lambda tensor: (seen.append(tensor.shape), run(tensor))[1])
    frame = _frame(45, 70)
    assert np.array_equal(stylizer(frame)[..., :2], 255 - frame[..., :2])
    assert seen == [(1, 3, 64, 96)]


def test_what_was_said_stays_in_the_file(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("stylecam.realtime.commands.styles.user_folder", lambda: tmp_path / "own")
    monkeypatch.setenv("STYLECAM_STYLES", str(tmp_path / "own"))
    monkeypatch.chdir(tmp_path)
    file = foreign(tmp_path / "anime v2.fp32.onnx", "nhwc", "-1..1")  # no name for a style, but it is given another
    assert main(["styles", "add", str(file), "--range", "-1..1", "--name", "hayao", "--title", "Hayao"]) == 0
    added = Style.read(capsys.readouterr().out.strip())
    assert (added.name, added.title, added.path.name) == ("hayao", "Hayao", "hayao.onnx")
    assert added.record("conventions")["range"] == "-1..1"
    assert main(["styles", "show", "hayao"]) == 0
    assert "colours rgb, range -1..1" in capsys.readouterr().out
    cv2.imwrite("in.png", _frame())
    assert main(["convert", "in.png", "-o", "out.png", "--style", "hayao"]) == 0
    assert np.abs(cv2.imread("out.png")[..., 1:].astype(int) - (255 - _frame()[..., 1:])).max() <= 1
    capsys.readouterr()
    assert main(["evaluate", "hayao", "--photos", "demo", "--count", "1", "--only", "stability", "--json"]) == 0
    assert 0.5 < json.loads(capsys.readouterr().out)["styles"][0]["stability"] < 1.1


def test_what_it_takes_must_be_said(tmp_path, make_style):
    style = Style.read(foreign(tmp_path / "x.onnx"))
    with pytest.raises(StyleError, match=r"`realtime styles add .*x\.onnx --range 0\.\.255`"):
        Stylizer(style, "cpu")
    with pytest.raises(StyleError, match="from another program"):
        add_style(style, tmp_path / "own")
    with pytest.raises(StyleError, match="its input format is missing"):
        Stylizer(style.with_metadata(conventions='{"range": "9..10"}'), "cpu")
    with pytest.raises(OptionsError, match="give --range too"):
        as_style(style, colours="rgb")
    with pytest.raises(OptionsError, match="--name a b: give one word"):
        as_style(style, "0..1", name="a b")
    with pytest.raises(OptionsError, match="a stylecam style file"):
        as_style(Style.read(make_style(tmp_path / "own.onnx")), "0..1")


def colours_exchanged(path, shape, layout="nchw", dtype=TensorProto.FLOAT):
    """A model that exchanges the first and the last colour, by a convolution: fed in another layout it fails."""
    kind = {TensorProto.FLOAT: np.float32, TensorProto.FLOAT16: np.float16}[dtype]
    weights = np.eye(3, dtype=kind)[::-1].reshape(3, 3, 1, 1)
    turns = {"perm": [0, 3, 1, 2]}, {"perm": [0, 2, 3, 1]}
    nodes = [
        helper.make_node("Transpose" if layout == "nhwc" else "Identity", ["image"], ["planes"]),
        helper.make_node("Conv", ["planes", "weights"], ["mixed"]),
        helper.make_node("Transpose" if layout == "nhwc" else "Identity", ["mixed"], ["painted"]),
    ]
    if layout == "nhwc":
        for node, turn in zip((nodes[0], nodes[2]), turns, strict=True):
            node.attribute.extend([helper.make_attribute("perm", turn["perm"])])
    graph = helper.make_graph(
        nodes,
        "foreign",
        [helper.make_tensor_value_info("image", dtype, shape)],
        [helper.make_tensor_value_info("painted", dtype, None)],
        [numpy_helper.from_array(np.ascontiguousarray(weights), "weights")],
    )
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)])
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
@pytest.mark.parametrize("shape", [["n", "c", "h", "w"], [None] * 4, None])
@pytest.mark.parametrize("dtype", [TensorProto.FLOAT, TensorProto.FLOAT16])
def test_free_axes_and_16_bits_run(tmp_path, layout, shape, dtype):
    path = colours_exchanged(tmp_path / "x.onnx", shape, layout, dtype)
    stylizer = Stylizer(as_style(Style.read(path), "0..1"), "cpu")
    assert np.abs(stylizer(_frame()).astype(int) - _frame()[..., ::-1]).max() <= 1


@pytest.mark.parametrize(
    ("changes", "found", "remedy"),
    [
        ({"batch": 2}, r"`image`, float32 \[2, 3, free, free\], 2 pictures at a time", "export it with a batch of 1"),
        ({"dtype": TensorProto.DOUBLE}, r"`image`, float64 \[1, 3, free, free\]", r"convert it with model\.float\(\)"),
        (
            {"channels": 1},
            r"`image`, float32 \[1, 1, free, free\], which has no axis of three colours",
            "export it for colour",
        ),
        ({"inputs": 2}, r"2 inputs \(`image`, .*, `style`, ", "export it with the others as constants"),
        ({"axes": 3}, r"`image`, float32 \[3, free, free\], of 3 axes", "export it with four"),
        ({"dtype": TensorProto.UINT8}, r"`image`, uint8 \[1, 3, free, free\]", "export it without its conversion"),
    ],
)
def test_a_refusal_speaks_of_the_model(tmp_path, changes, found, remedy):
    shape = [changes.get("batch", 1), changes.get("channels", 3), "h", "w"][4 - changes.get("axes", 4) :]
    dtype = changes.get("dtype", TensorProto.FLOAT)
    values = [helper.make_tensor_value_info(name, dtype, shape) for name in ("image", "style", "painted")]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["image"], ["painted"])],
        "foreign",
        values[: changes.get("inputs", 1)],
        values[2:],
    )
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)])
    (tmp_path / "x.onnx").write_bytes(model.SerializeToString())
    for style in (Style.read(tmp_path / "x.onnx"), as_style(Style.read(tmp_path / "x.onnx"), "0..1")):
        with pytest.raises(
            StyleError, match=rf"x\.onnx cannot be used: .*{found}.*: needed is .*, so {remedy}"
        ) as error:
            Stylizer(style, "cpu")
        assert "\n" not in str(error.value)
        assert "stylized" not in str(error.value)
