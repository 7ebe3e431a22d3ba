"""Export: what is in a style file, that it does what the network does, and that nothing else is ever written."""

import base64
import json

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from onnx import numpy_helper

from stylecam.export import onnx_export, verification
from stylecam.export.graph import style_graph
from stylecam.export.onnx_export import StyleInfo, export_style, verify_style
from stylecam.models.catalog import Style
from stylecam.models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from stylecam.models.errors import CheckpointError, ExportError, OptionsError
from stylecam.models.networks import build_network
from stylecam.models.texture_net import TextureConfig
from stylecam.models.transform_net import NetworkConfig
from stylecam.training.train import train

from ..training_runs import tiny_options


@pytest.fixture(scope="module")
def checkpoint(painting_file, content_folder, vgg_file, tmp_path_factory):
    """The fast tier's network after a few real training steps."""
    output = tmp_path_factory.mktemp("run")
    about = {
        "channels": None,
        "blocks": None,
        "title": "A Tiny Painting",
        "artist": "Ünknown",
        "year": "c. 1900",
        "license": "CC0",
    }
    return train(tiny_options(painting_file, content_folder, output, vgg_file, steps=3, **about))


@pytest.fixture(scope="module")
def exported(checkpoint, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "tiny-fast.onnx"
    told = []
    return path, export_style(checkpoint, path, on_progress=told.append), told


def test_the_file_runs_alone_and_paints_as_torch_does(checkpoint, exported):
    network = load_checkpoint(checkpoint).network
    session = ort.InferenceSession(exported[0].read_bytes(), providers=["CPUExecutionProvider"])
    for height, width in ((32, 32), (45, 71), (100, 64)):
        frame = np.random.default_rng(height).integers(0, 256, (height, width, 3), np.uint8)
        (result,) = session.run(None, {"frame": frame[None]})
        rgb = torch.from_numpy(frame[..., ::-1].copy()).permute(2, 0, 1)[None].float() / 255
        with torch.no_grad():
            expected = (network(rgb)[0].permute(1, 2, 0) * 255).clamp(0, 255).round().numpy()[..., ::-1]
        assert result.shape == (1, height, width, 3)
        assert result.dtype == np.uint8
        assert np.abs(result[0] - expected).max() <= 1


def test_the_report_is_of_several_sizes_and_within_the_limits(exported):
    path, report, told = exported
    assert {(c.height, c.width) for c in report.comparisons} >= {(32, 32), (33, 47), (121, 163), (256, 256), (240, 321)}
    assert report.max_difference <= 2
    assert report.mean_difference < 0.2
    assert report.file_bytes == path.stat().st_size < 2_000_000
    assert json.loads(json.dumps(report.to_dict()))["max_difference"] == report.max_difference
    assert len(told) == 3


def test_the_file_says_everything_about_itself(checkpoint, exported):
    style = Style.read(exported[0])
    assert (style.name, style.title, style.artist) == ("tiny", "A Tiny Painting", "Ünknown")
    assert (style.year, style.license, style.tier) == ("c. 1900", "CC0", "fast")
    training = load_checkpoint(checkpoint).training
    assert style.metadata["schema"] == "1"
    assert style.record("training") == {
        **training["recipe"],
        "step": 3,
        "contrast": training["contrast"],
        "start_from": None,
        "vgg": training["data"]["vgg"],
    }
    assert style.record("metrics") == training["metrics"]
    assert NetworkConfig.from_dict(style.record("network")) == NetworkConfig.for_tier("fast")
    assert style.thumbnail() == base64.b64decode(training["painting_thumbnail"])
    assert style.thumbnail().startswith(b"\x89PNG")


def test_the_file_is_clean(exported):
    data = exported[0].read_bytes()
    for path in (b"/work", b"site-packages", b".py\x00", b"torch"):
        assert path not in data
    graph = onnx.load_from_string(data).graph
    used = {name for node in graph.node for name in node.input}
    assert {tensor.name for tensor in graph.initializer} <= used
    assert not any(node.doc_string or node.metadata_props for node in graph.node)
    assert not any(t.data_location == onnx.TensorProto.EXTERNAL for t in graph.initializer)


def test_texts_can_be_replaced(checkpoint, tmp_path):
    path = tmp_path / "other.onnx"
    export_style(checkpoint, path, StyleInfo(name="other", title="Another", license=""))
    style = Style.read(path)
    assert (style.name, style.title, style.artist, style.license) == ("other", "Another", "Ünknown", "")
    assert style.record("training")["name"] == "other"
    with pytest.raises(OptionsError, match="one word"):
        StyleInfo(name="../x")


def test_nothing_is_printed(checkpoint, tmp_path, capfd):
    export_style(checkpoint, tmp_path / "x.onnx")
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


@pytest.mark.parametrize(
    "config",
    [
        NetworkConfig.for_tier("full", channels=(8, 8, 16), blocks=1),
        NetworkConfig.for_tier("full", light=False, channels=(8, 8, 16), blocks=1),
        NetworkConfig.for_tier("full", light=False, channels=(8, 8, 16), blocks=1, norm="batch"),
        NetworkConfig.for_tier("fast", channels=(8, 8, 16), blocks=1, output="tanh"),
        NetworkConfig.for_tier("fast", trunk=4, channels=(8, 8, 16), blocks=1),
        NetworkConfig.for_tier("fast", channels=(8, 8, 16), blocks=1, norm="batch", margin=5),
        TextureConfig(photo=True),
        TextureConfig(photo=True, scales=3, width=4, norm="batch"),
        TextureConfig(photo=False, scales=2, width=4),
    ],
    ids=lambda config: "-".join(str(v) for v in config.to_dict().values() if isinstance(v, str | bool)),
)
def test_every_kind_of_network_is_verified(config):
    torch.manual_seed(0)
    network = build_network(config.to_dict())
    network(torch.rand(4, 3, 64, 64))  # batch norm's running statistics
    network.eval()
    with torch.no_grad():
        network.head.weight.mul_(20 if isinstance(config, NetworkConfig) else 2)  # untrained, it would hardly vary
    model = style_graph(network)
    report = verify_style(model.SerializeToString(), network)
    assert report.max_difference <= 2
    used = {name for node in model.graph.node for name in node.input}
    assert {tensor.name for tensor in model.graph.initializer} <= used


@pytest.fixture
def output(tmp_path):
    """Where a failing export must leave nothing."""
    folder = tmp_path / "styles"
    folder.mkdir()
    yield folder / "style.onnx"
    assert list(folder.iterdir()) == []


def _saved(path, network):
    save_checkpoint(path, Checkpoint(network, {"step": 1, "recipe": {"name": "x"}}))
    return path


def test_weights_that_are_not_finite_are_refused(checkpoint, output, tmp_path):
    network = load_checkpoint(checkpoint).network
    with torch.no_grad():
        network.residuals[0].first[0].weight[0] = float("nan")
    with pytest.raises(CheckpointError, match="not finite"):
        export_style(_saved(tmp_path / "nan.safetensors", network), output)
    with pytest.raises(ExportError, match="not finite"):
        verify_style(style_graph(network).SerializeToString(), network)


def test_a_network_that_overflows_is_refused(checkpoint, output, tmp_path):
    network = load_checkpoint(checkpoint).network
    with torch.no_grad():
        network.head.weight.fill_(3e38)
    with pytest.raises(ExportError, match="not finite"):
        export_style(_saved(tmp_path / "big.safetensors", network), output)


def test_a_network_that_paints_one_colour_is_refused(checkpoint, output, tmp_path):
    network = load_checkpoint(checkpoint).network
    with torch.no_grad():
        network.head.weight.zero_()
    with pytest.raises(ExportError, match="one flat colour"):
        export_style(_saved(tmp_path / "flat.safetensors", network), output)


def test_a_graph_that_differs_from_torch_is_refused(checkpoint, output, monkeypatch):
    def broken(network):
        model = style_graph(network)
        bias = next(t for t in model.graph.initializer if t.name.endswith("head.bias"))
        bias.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(bias) + np.float32(3), bias.name))
        return model

    monkeypatch.setattr(onnx_export, "style_graph", broken)
    with pytest.raises(ExportError, match="differ by up to 3 levels"):
        export_style(checkpoint, output)


def test_a_graph_that_is_damaged_is_refused(checkpoint, output, monkeypatch):
    def broken(change):
        def graph(network):
            model = style_graph(network)
            change(model.graph)
            return model

        monkeypatch.setattr(onnx_export, "style_graph", graph)

    def rename(graph):
        graph.node[-1].output[0] = graph.output[0].name = "painted"

    def outside(graph):
        graph.initializer[0].data_location = onnx.TensorProto.EXTERNAL
        graph.initializer[0].external_data.add(key="location", value="/etc/passwd")

    for change, reason in (
        (lambda graph: graph.node.pop(3), "checker refuses"),
        (rename, "output must be stylized"),
        (outside, "another file|checker refuses"),
    ):
        broken(change)
        with pytest.raises(ExportError, match=reason):
            export_style(checkpoint, output)


def test_a_fast_file_that_is_too_large_is_refused(checkpoint, output, monkeypatch):
    monkeypatch.setattr(verification, "FAST_BYTES", 1000)
    with pytest.raises(ExportError, match="at most 1000"):
        export_style(checkpoint, output)


@pytest.mark.parametrize("moment", ["style_graph", "verify_style"])
def test_ctrl_c_leaves_nothing(checkpoint, output, monkeypatch, moment):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(onnx_export, moment, interrupted)
    with pytest.raises(KeyboardInterrupt):
        export_style(checkpoint, output)


def test_a_failed_export_keeps_the_file_that_was_there(checkpoint, tmp_path, monkeypatch):
    path = tmp_path / "style.onnx"
    path.write_bytes(b"verified before")
    monkeypatch.setattr(verification, "MAX_DIFFERENCE", -1)
    with pytest.raises(ExportError):
        export_style(checkpoint, path)
    assert path.read_bytes() == b"verified before"
    assert [p.name for p in tmp_path.iterdir()] == ["style.onnx"]


def test_places_that_cannot_be_written(checkpoint, tmp_path, monkeypatch):
    (tmp_path / "folder.onnx").mkdir()
    with pytest.raises(ExportError, match="is a folder"):
        export_style(checkpoint, tmp_path / "folder.onnx")
    with pytest.raises(OptionsError, match=r"ends in \.onnx"):
        export_style(checkpoint, tmp_path / "style.pb")
    with pytest.raises(ExportError, match="there is no folder"):
        export_style(checkpoint, tmp_path / "none" / "style.onnx")
    monkeypatch.setattr(onnx_export.os, "access", lambda *args: False)
    with pytest.raises(ExportError, match="not writable"):
        export_style(checkpoint, tmp_path / "style.onnx")


def test_a_full_disk_is_one_sentence(checkpoint, output, monkeypatch):
    def full_disk(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(onnx_export.os, "replace", full_disk)
    with pytest.raises(ExportError, match="No space left on device"):
        export_style(checkpoint, output)


def test_what_is_no_checkpoint_is_refused(output, tmp_path):
    with pytest.raises(CheckpointError, match="no checkpoint"):
        export_style(tmp_path / "none.safetensors", output)
    (tmp_path / "pickle.pt").write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(CheckpointError, match="not a safetensors checkpoint"):
        export_style(tmp_path / "pickle.pt", output)


def test_weights_are_stored_in_16_bits_where_that_is_not_seen(exported):
    path, report, _ = exported
    types = {tensor.name: tensor.data_type for tensor in onnx.load(path).graph.initializer}
    large = {name: kind for name, kind in types.items() if name.endswith("0.weight")}
    assert large
    assert set(large.values()) == {onnx.TensorProto.FLOAT16}
    assert report.weight_bits == 16
    parameters = sum(weights.size for weights in map(numpy_helper.to_array, onnx.load(path).graph.initializer))
    assert path.stat().st_size < 2 * parameters + 60_000


def test_weights_are_stored_in_32_bits_where_rounding_them_would_be_seen(checkpoint, tmp_path, monkeypatch):
    def rounded_badly(model):
        coarse = onnx.ModelProto()
        coarse.CopyFrom(model)
        for tensor in coarse.graph.initializer:
            if tensor.name.endswith("0.weight"):
                tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).round(1), tensor.name))
        return coarse

    monkeypatch.setattr(onnx_export, "in_16_bits", rounded_badly)
    report = export_style(checkpoint, tmp_path / "x.onnx")
    assert report.weight_bits == 32
    assert report.max_difference <= 2
    Style.read(tmp_path / "x.onnx")
