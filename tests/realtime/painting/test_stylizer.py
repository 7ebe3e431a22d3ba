"""Stylizer: runs what it says, refuses what it cannot run."""

import importlib.util

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from stylecam.models.catalog import Style, StyleCatalog
from stylecam.models.errors import OptionsError, StyleError
from stylecam.realtime.painting.engines import onnx_runtime
from stylecam.realtime.painting.engines.choosing import default_tier
from stylecam.realtime.painting.stylizer import Stylizer


def _model(
    path, node, shape=(1, "h", "w", 3), out_shape=(1, "h", "w", 3), kind=TensorProto.UINT8, name="frame", extra=()
):
    frame = helper.make_tensor_value_info(name, kind, shape)
    out = helper.make_tensor_value_info("stylized", kind, out_shape)
    graph = helper.make_graph(node, "g", [frame, *extra], [out])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), path)
    return path


def test_a_style_repaints_frames_of_any_size(tiny_style, device):
    stylizer = Stylizer(Style.read(tiny_style), device)
    for shape in ((32, 32, 3), (33, 47, 3), (480, 640, 3)):
        frame = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
        before = frame.copy()
        assert (stylizer(frame) == 255 - frame).all()
        assert (frame == before).all()
    assert stylizer.inference_ms > 0
    assert stylizer.provider.startswith(("OpenVINO ", "ONNX Runtime "))
    assert stylizer.fallback is None


@pytest.fixture(params=["auto", "cpu", "openvino"])
def device(request):
    if request.param == "openvino" and importlib.util.find_spec("openvino") is None:
        pytest.skip("OpenVINO has no wheel for this machine")
    return request.param


def test_load_takes_names_and_paths(tiny_style, style_folder):
    catalog = StyleCatalog([style_folder])
    assert Stylizer.load("negative", catalog=catalog).style.name == "negative"
    assert Stylizer.load(tiny_style).style.name == "negative"


@pytest.mark.parametrize(
    "frame", [np.zeros((480, 640), np.uint8), np.zeros((31, 64, 3), np.uint8), np.zeros((64, 64, 3), float)]
)
def test_frames_of_another_kind_are_refused(tiny_style, frame):
    with pytest.raises(ValueError, match=r"uint8 \[H, W, 3\]"):
        Stylizer(Style.read(tiny_style))(frame)


def test_models_with_another_signature_are_refused(tmp_path, device):
    node = helper.make_node
    second = helper.make_tensor_value_info("second", TensorProto.UINT8, [1])
    for path in (
        _model(tmp_path / "name.onnx", [node("Identity", ["image"], ["stylized"])], name="image"),
        _model(tmp_path / "float.onnx", [node("Identity", ["frame"], ["stylized"])], kind=TensorProto.FLOAT),
        _model(tmp_path / "fixed.onnx", [node("Identity", ["frame"], ["stylized"])], (1, 64, 64, 3), (1, 64, 64, 3)),
        _model(
            tmp_path / "planes.onnx", [node("Identity", ["frame"], ["stylized"])], (1, 3, "h", "w"), (1, 3, "h", "w")
        ),
        _model(tmp_path / "two.onnx", [node("Add", ["frame", "second"], ["stylized"])], extra=[second]),
    ):
        with pytest.raises(StyleError, match=r"a style file must have one input `frame`|a model from another program"):
            Stylizer(Style.read(path), device)


def test_a_model_that_changes_the_size_is_refused(tmp_path, device):
    starts = helper.make_node("Constant", [], ["b"], value_ints=[1])
    ends = helper.make_node("Constant", [], ["e"], value_ints=[33])
    crop = helper.make_node("Slice", ["frame", "b", "e", "b"], ["stylized"])
    path = _model(tmp_path / "crop.onnx", [starts, ends, crop], out_shape=(1, "x", "y", 3))
    with pytest.raises(StyleError, match="must have one input"):
        Stylizer(Style.read(path), device)


def test_a_model_that_yields_nan_is_refused(tmp_path, device):
    to_float = helper.make_node("Cast", ["frame"], ["x"], to=TensorProto.FLOAT)
    root = helper.make_node("Sub", ["x", "x"], ["zero"])
    nan = helper.make_node("Div", ["zero", "zero"], ["nan"])
    back = helper.make_node("Cast", ["nan"], ["stylized"], to=TensorProto.UINT8)
    path = _model(tmp_path / "nan.onnx", [to_float, root, nan, back])
    with pytest.raises(StyleError, match="one flat colour"):
        Stylizer(Style.read(path), device)


def test_a_graph_that_cannot_run_is_refused(tmp_path, device):
    path = _model(tmp_path / "unknown.onnx", [helper.make_node("NoSuchOp", ["frame"], ["stylized"])])
    with pytest.raises(StyleError, match="cannot be loaded") as error:
        Stylizer(Style.read(path), device)
    assert "\n" not in str(error.value)


def test_a_device_that_is_not_here_is_an_error_and_never_the_cpu(tiny_style, monkeypatch):
    monkeypatch.setattr("stylecam.realtime.painting.engines.onnx_runtime.nvidia_gpus", lambda: 0)
    style = Style.read(tiny_style)
    with pytest.raises(OptionsError, match="cuda"):
        Stylizer(style, "cuda")
    with pytest.raises(OptionsError, match="coreml"):
        Stylizer(style, "coreml")
    with pytest.raises(OptionsError, match="unknown device"):
        Stylizer(style, "abacus")
    assert Stylizer(style, "cpu").provider == "ONNX Runtime CPU float32"
    assert default_tier("auto") == "fast"


@pytest.fixture
def driver_alone(monkeypatch):
    """A machine with a driver of NVIDIA's, and no CUDA libraries."""
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime was built without CUDA")
    if onnx_runtime.nvidia_gpus():
        pytest.skip("CUDA may start here")
    monkeypatch.setattr("stylecam.realtime.painting.engines.onnx_runtime.nvidia_gpus", lambda: 1)
    monkeypatch.setattr("stylecam.realtime.painting.engines.choosing._not_started", {})


def test_a_gpu_that_does_not_start_is_said_in_one_sentence(driver_alone, tiny_style, capfd):
    for _ in range(2):
        stylizer = Stylizer(Style.read(tiny_style), "auto")
        assert stylizer.on_cpu
        assert "CUDAExecutionProvider could not start" in stylizer.fallback
    with pytest.raises(OptionsError, match="could not start"):
        Stylizer(Style.read(tiny_style), "cuda")
    assert capfd.readouterr() == ("", "")


def test_where_the_gpu_does_not_start_the_tier_is_that_of_a_cpu(driver_alone, tiny_style, tmp_path):
    style = Style.read(tiny_style)
    for tier in ("fast", "full"):
        (tmp_path / f"negative-{tier}.onnx").write_bytes(style.with_metadata(tier=tier).data)
    catalog = StyleCatalog([tmp_path])
    assert default_tier("auto") == "full"
    for _ in range(2):
        stylizer = Stylizer.load("negative", catalog=catalog)
        assert stylizer.style.tier == "fast"
        assert "could not start" in stylizer.fallback
    assert Stylizer.load("negative", tier="full", catalog=catalog).style.tier == "full"
