"""What every engine must do, whichever library computes: the same pictures, any size, and plain refusals."""

import gc
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from stylecam.models.catalog import REFERENCE, StyleCatalog
from stylecam.realtime.painting.engines import openvino
from stylecam.realtime.painting.engines.engine import EngineMissingError, TensorInfo, trim_memory
from stylecam.realtime.painting.engines.onnx_runtime import OnnxRuntimeEngine
from stylecam.realtime.painting.engines.openvino import OpenVinoEngine

ENGINES = {
    "ONNX Runtime": lambda model, **options: OnnxRuntimeEngine(model, **options),
    "OpenVINO": lambda model, **options: OpenVinoEngine(model, **options),
    "OpenVINO in 32 bits": lambda model, **options: OpenVinoEngine(model, precision="f32", **options),
    "OpenVINO, one size at a time": lambda model, **options: OpenVinoEngine(model, **options),
}


@pytest.fixture(params=ENGINES)
def make(request, monkeypatch):
    """Makes the engine of this name; what NPUs alone need is tried on the processor."""
    if "OpenVINO" in request.param:
        try:
            openvino.openvino_devices()
        except EngineMissingError as error:
            pytest.skip(str(error))
    if "one size" in request.param:
        monkeypatch.setattr(openvino, "_FIXED", ("CPU",))
    return ENGINES[request.param]


def _frame(height, width, seed=0):
    smooth = np.random.default_rng(seed).normal(128, 40, (height, width, 3)).cumsum(0) / np.sqrt(height)
    return (128 + smooth - smooth.mean()).clip(0, 255).astype(np.uint8)[None]


def _plain(frame):
    """What the model below paints."""
    return (255 - frame).astype(np.uint8)


def _model(nodes=None, shape=(1, "h", "w", 3), constants=(), **names):
    kind = TensorProto.UINT8
    nodes = nodes or [helper.make_node("BitwiseNot", ["frame"], ["stylized"])]
    ends = [helper.make_tensor_value_info(name, kind, shape) for name in ("frame", "stylized")]
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10).SerializeToString()


def test_it_tells_what_the_model_takes_and_what_computes(make):
    engine = make(_model())
    assert engine.inputs == (TensorInfo("frame", "uint8", (1, None, None, 3)),)
    assert [value.name for value in engine.outputs] == ["stylized"]
    library, device, precision = engine.provider.rsplit(" ", 2)
    assert library in ("ONNX Runtime", "OpenVINO")
    assert (device, precision in ("float32", "bfloat16", "float16"), engine.on_cpu) == ("CPU", True, True)


def test_any_size_and_a_size_that_changes(make):
    engine = make(_model())
    for height, width in ((32, 32), (33, 47), (480, 640), (33, 47), (1, 1), (480, 640)):
        frame = _frame(height, width)
        before = frame.copy()
        assert np.array_equal(engine.run(frame), _plain(frame))
        assert np.array_equal(frame, before)


def test_what_it_returned_stays_as_it_was(make):
    engine = make(_model())
    first = engine.run(_frame(40, 40))
    engine.run(_frame(40, 40, seed=1))
    assert np.array_equal(first, _plain(_frame(40, 40)))
    first[:] = 0  # and is the caller's to write


@pytest.mark.parametrize("threads", [0, 1, 2])
def test_several_threads_may_call_at_once(make, threads):
    engine = make(_model(), threads=threads)
    frames = [_frame(40 + n % 5, 50, seed=n) for n in range(40)]
    with ThreadPoolExecutor(4) as pool:
        for frame, painted in zip(frames, pool.map(engine.run, frames), strict=True):
            assert np.array_equal(painted, _plain(frame))


@pytest.mark.skipif(sys.platform != "linux", reason="reads the process's memory from /proc")
def test_at_rest_it_gives_its_memory_back_and_paints_on(make):
    gc.collect()
    trim_memory()  # of the tests before, which a process goes on to use
    engine, frame = make(StyleCatalog().find("hokusai").data), _frame(720, 1280)
    painted = engine.run(frame)
    full = _resident_mb()
    engine.rest()
    assert _resident_mb() < full - 15
    assert np.array_equal(engine.run(frame), painted)


@pytest.mark.parametrize("shape", [(1, "c", "h", "w"), ("n", "c", "h", "w"), None])
def test_a_model_of_free_axes_may_rest(make, shape):
    image, painted = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("image", "painted"))
    graph = helper.make_graph([helper.make_node("Neg", ["image"], ["painted"])], "g", [image], [painted])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    if shape is None:  # of which OpenVINO takes no model
        make = OnnxRuntimeEngine
    engine = make(model.SerializeToString())
    engine.rest()
    tensor = np.ones((1, 3, 40, 40), np.float32)
    assert (engine.run(tensor) == -1).all()
    engine.rest()
    assert (engine.run(tensor) == -1).all()


def _resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def test_bundled_styles_are_painted_alike(make):
    for style in (StyleCatalog().find("hokusai"), StyleCatalog().find("mondrian-vii")):
        reference, engine = OnnxRuntimeEngine(style.data), make(style.data)
        for height, width in ((96, 128), (131, 97)):
            frame = _frame(height, width)
            far = np.abs(engine.run(frame).astype(int) - reference.run(frame))
            most, mean = (1, 0.02) if engine.provider.endswith("float32") else (128, 4)
            assert far.max() <= most
            assert far.mean() <= mean


def test_the_same_frame_is_painted_the_same_again(make):
    style = StyleCatalog().find("hokusai")
    engine, frame = make(style.data), _frame(120, 160)
    painted = engine.run(frame)
    engine.run(_frame(100, 90))
    assert np.array_equal(engine.run(frame), painted)
    assert np.array_equal(make(style.data).run(frame), painted)


def test_what_is_no_number_does_not_stop_it(make):
    nan = numpy_helper.from_array(np.float32("nan"), "nan")
    nodes = [
        helper.make_node("Cast", ["frame"], ["x"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["x", "nan"], ["y"]),
        helper.make_node("Cast", ["y"], ["stylized"], to=TensorProto.UINT8),
    ]
    painted = make(_model(nodes, constants=[nan])).run(_frame(40, 40))
    assert painted.shape == (1, 40, 40, 3)
    assert np.ptp(painted) == 0  # by which a Stylizer knows it


@pytest.mark.parametrize("damage", ["empty", "text", "half", "unknown operation", "endless shape"])
def test_models_that_cannot_be_loaded_are_refused(make, damage):
    whole = _model()
    model = {
        "empty": b"",
        "text": b"no model at all",
        "half": StyleCatalog().find("hokusai").data[:300_000],
        "unknown operation": _model([helper.make_node("NoSuchOperation", ["frame"], ["stylized"])]),
        "endless shape": whole.replace(b"BitwiseNot", b"BitwiseNoT"),
    }[damage]
    with pytest.raises(Exception) as caught:  # noqa: PT011 (each library has its own)
        make(model)
    assert "src/" not in str(caught.value) or isinstance(caught.value, EngineMissingError)


def test_nothing_leaves_the_machine(tmp_path):
    """Both libraries would report to their makers, and leave an identity of the user in the home folder."""
    program = (
        "import sys; from stylecam import Stylizer\n"
        "for device in ('cpu', 'openvino'): Stylizer.load('hokusai', device=device)\n"
        "print([m for m in sys.modules if 'telemetry' in m or m.startswith('openvino.tools.ovc')])"
    )
    run = partial(subprocess.run, env={"HOME": str(tmp_path)}, capture_output=True, text=True, check=True)
    assert run([sys.executable, "-c", program]).stdout.strip() == "[]"
    run([sys.executable, "-m", "stylecam.realtime.cli", "doctor"])
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_library_that_is_missing_says_so_and_another_one_computes(tmp_path, monkeypatch):
    (tmp_path / "openvino.py").write_text('raise ImportError("libtbb.so.12: cannot open shared object file")')
    program = (
        "from stylecam import Stylizer; s = Stylizer.load('hokusai'); print(s.provider, s.fallback)\n"
        "from stylecam.models.errors import OptionsError\n"
        "try: Stylizer.load('hokusai', device='openvino')\n"
        "except OptionsError as error: print(error)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    first, second = done.stdout.splitlines()
    assert first == "ONNX Runtime CPU float32 None"
    assert second.startswith("--device openvino: OpenVINO does not load: libtbb.so.12")


def test_a_model_that_one_engine_refuses_is_computed_by_the_next(monkeypatch):
    from stylecam.realtime.painting.engines import choosing

    def refuse(*_):
        raise RuntimeError("Check failed")

    monkeypatch.setattr(choosing, "OpenVinoEngine", refuse)
    engine, told = choosing.open_engine(REFERENCE.read_bytes(), "auto")
    assert engine.provider == "ONNX Runtime CPU float32"
    assert told == "OpenVINO cannot run this model (Check failed): ONNX Runtime CPU float32 is used"
