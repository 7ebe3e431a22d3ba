"""The twins of styles that the page paints with: the same pictures, of fewer multiplications."""

import importlib.util

import numpy as np
import onnx
import onnxruntime
import pytest

from stylecam.models.catalog import BUNDLED

from .conftest import WEB


@pytest.fixture(scope="module")
def twins():
    """The module web/twins.py, which is in no package."""
    spec = importlib.util.spec_from_file_location("twins", WEB / "twins.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _paint(data, frame):
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 3
    return onnxruntime.InferenceSession(data, settings).run(None, {"frame": frame})[0].astype(int)


@pytest.mark.parametrize("size", [(97, 131), (32, 32)])
def test_a_twin_paints_the_same(twins, size):
    data = (BUNDLED / "udnie-fast.onnx").read_bytes()
    frame = np.random.default_rng(1).integers(0, 256, (1, *size, 3), np.uint8)
    assert np.abs(_paint(twins.twin(data), frame) - _paint(data, frame)).max() <= 1


def test_a_twin_enlarges_nothing_before_a_convolution_and_says_the_same_of_itself(twins):
    data = (BUNDLED / "udnie-fast.onnx").read_bytes()
    model, before = onnx.load_from_string(twins.twin(data)), onnx.load_from_string(data)
    onnx.checker.check_model(model, full_check=True)
    assert "Resize" not in {node.op_type for node in model.graph.node}
    widest = max(tensor.dims[-1] for tensor in model.graph.initializer if len(tensor.dims) == 4)
    assert widest == 3  # and the detail path, of 6x6, is split
    assert model.metadata_props == before.metadata_props
    used = {name for node in model.graph.node for name in node.input}
    assert {tensor.name for tensor in model.graph.initializer} <= used


def test_a_style_without_anything_to_fold_stays_as_it_is(twins, tiny_style):
    assert twins.twin(tiny_style.read_bytes()) == tiny_style.read_bytes()


def test_a_twin_that_paints_something_else_is_refused(twins, monkeypatch):
    monkeypatch.setattr(twins, "APART", -1)
    with pytest.raises(ValueError, match="paints something else"):
        twins.twin((BUNDLED / "udnie-fast.onnx").read_bytes())
