"""Checkpoints come back as they went, and what is none is refused with a sentence."""

import json
import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file

from stylecam.models.checkpoint import Checkpoint, check_style_name, load_checkpoint, save_checkpoint
from stylecam.models.errors import CheckpointError, OptionsError
from stylecam.models.networks import build_network
from stylecam.models.texture_net import TextureConfig
from stylecam.models.transform_net import NetworkConfig, TransformNet

CONFIG = NetworkConfig.for_tier("fast", channels=(8, 8, 8), blocks=1, norm="batch")
TRAINING = {"step": 7, "recipe": {"name": "x", "channels": [8, 8, 8]}, "metrics": {"style": 0.25}}


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "checkpoint.safetensors"
    save_checkpoint(path, Checkpoint(TransformNet(CONFIG), TRAINING, {"0.step": torch.tensor(7.0)}))
    return path


def _edit(path, **metadata):
    """The same file with other metadata."""
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        values = {**file.metadata(), **metadata}
    save_file(load_file(path), path, {k: v for k, v in values.items() if v is not None})


@pytest.mark.parametrize("config", [CONFIG, TextureConfig(width=4, norm="batch"), TextureConfig(False, scales=2)])
def test_round_trip(tmp_path, config):
    network = build_network(config.to_dict())
    network(torch.rand(2, 3, 32, 32))  # moves batch norm's running statistics
    state = {"0.step": torch.tensor(3.0), "0.exp_avg": torch.rand(8, 3, 3, 3)}
    path = tmp_path / "c.safetensors"
    save_checkpoint(path, Checkpoint(network, TRAINING, state))
    loaded = load_checkpoint(path)
    assert loaded.network.config == config
    assert not loaded.network.training
    assert loaded.training == TRAINING
    assert loaded.optimizer.keys() == state.keys()
    assert all(torch.equal(loaded.optimizer[k], v) for k, v in state.items())
    assert all(torch.equal(loaded.network.state_dict()[k], v) for k, v in network.state_dict().items())
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_pickle_is_refused_and_never_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (tmp_path.joinpath("ran").touch, ())

    for name, write in (("p.safetensors", pickle.dump), ("t.pt", lambda o, f: torch.save(o, f))):
        path = tmp_path / name
        with path.open("wb") as file:
            write(Bomb(), file)
        with pytest.raises(CheckpointError, match="not a safetensors checkpoint"):
            load_checkpoint(path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"hello", bytes(range(256)) * 40], ids=["empty", "text", "bytes"])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "c.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"c\.safetensors"):
        load_checkpoint(path)


def test_truncation_anywhere_is_refused(saved):
    data = saved.read_bytes()
    for part in (0.001, 0.1, 0.5, 0.99, 0.9999):
        saved.write_bytes(data[: int(len(data) * part)])
        with pytest.raises(CheckpointError):
            load_checkpoint(saved)


def test_missing_files_and_folders_are_refused(tmp_path):
    with pytest.raises(CheckpointError, match="no checkpoint"):
        load_checkpoint(tmp_path / "none.safetensors")
    with pytest.raises(CheckpointError):
        load_checkpoint(tmp_path)


def test_other_safetensors_files_are_refused(tmp_path):
    path = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(3)}, path)
    with pytest.raises(CheckpointError, match="not a stylecam checkpoint"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (json.dumps(NetworkConfig.for_tier("full").to_dict()), "do not fit its network"),
        (json.dumps({**CONFIG.to_dict(), "blocks": 2}), "do not fit its network"),
        (json.dumps({**CONFIG.to_dict(), "tier": "turbo"}), "does not know"),
        (json.dumps({**CONFIG.to_dict(), "channels": ["a", "b", "c"]}), "does not know"),
        (json.dumps({**CONFIG.to_dict(), "shape": 1}), "does not know"),
        (json.dumps(TextureConfig().to_dict()), "do not fit its network"),
        (json.dumps({**TextureConfig().to_dict(), "width": 10**9}), "does not know"),
        (json.dumps({**TextureConfig().to_dict(), "kind": "gan"}), "does not know"),
        (json.dumps([1, 2]), "does not know"),
        ("no json", "does not know"),
        (None, "does not know"),
    ],
)
def test_another_network_is_refused(saved, network, reason):
    _edit(saved, network=network)
    with pytest.raises(CheckpointError, match=reason):
        load_checkpoint(saved)


@pytest.mark.parametrize("training", ["[]", "no json", None])
def test_a_damaged_record_of_the_training_is_refused(saved, training):
    _edit(saved, training=training)
    with pytest.raises(CheckpointError, match="damaged"):
        load_checkpoint(saved)


def test_weights_that_are_not_finite_are_refused(tmp_path):
    network = TransformNet(CONFIG)
    with torch.no_grad():
        network.head.weight[0, 0, 0, 0] = float("nan")
    save_checkpoint(tmp_path / "nan.safetensors", Checkpoint(network, TRAINING))
    with pytest.raises(CheckpointError, match="not finite"):
        load_checkpoint(tmp_path / "nan.safetensors")


def test_a_failed_save_leaves_the_old_checkpoint(saved, monkeypatch):
    before = saved.read_bytes()

    def full_disk(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("stylecam.models.checkpoint.os.replace", full_disk)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(saved, Checkpoint(TransformNet(CONFIG), TRAINING))
    assert saved.read_bytes() == before
    assert [p.name for p in saved.parent.iterdir()] == [saved.name]


@pytest.mark.parametrize("name", ["hokusai", "starry-night", "a_1", "ünlü"])
def test_names_that_can_be_typed(name):
    check_style_name(name)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "..", "a.onnx", "-x", "a\n", "a:b", "x" * 65])
def test_names_that_cannot(name):
    with pytest.raises(OptionsError, match="one word"):
        check_style_name(name)
