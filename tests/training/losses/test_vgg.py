"""VGG features are torchvision's, and bad weights are refused with a sentence."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from stylecam.models.errors import VGGWeightsError
from stylecam.training.losses.vgg import VGGFeatures, layer_names

LAYERS = ("relu1_2", "relu3_3")


@pytest.mark.parametrize(("depth", "column"), [(16, "D"), (19, "E")])
@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_activations_are_those_of_torchvision(tmp_path, depth, column, suffix):
    vgg = pytest.importorskip("torchvision.models.vgg")
    torch.manual_seed(0)
    reference = vgg.make_layers(vgg.cfgs[column], batch_norm=False).eval()  # what vgg16(...).features is
    # As in vgg16(...).state_dict(), which has its classifier too.
    state = {f"features.{k}": v for k, v in reference.state_dict().items()} | {"classifier.0.bias": torch.zeros(4096)}
    path = tmp_path / f"weights{suffix}"
    (save_file if suffix == ".safetensors" else torch.save)(state, path)

    x = torch.rand(1, 3, 48, 40)
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    with torch.no_grad():
        expected, found = (x - mean) / std, VGGFeatures(LAYERS, path, depth)(x, LAYERS)
        for name, module in zip(layer_names(depth), reference, strict=True):
            expected = module(expected)
            if name in LAYERS:
                assert torch.allclose(found[name], expected, atol=1e-6)
    assert set(found) == set(LAYERS)


def test_layer_names_index_torchvisions_features():
    names = layer_names(16)
    assert len(names) == 31
    assert (names[0], names[3], names[15], names[22], names[30]) == (
        "conv1_1",
        "relu1_2",
        "relu3_3",
        "relu4_3",
        "pool5",
    )


def test_only_what_is_needed_is_loaded_and_nothing_learns(vgg_file):
    vgg = VGGFeatures(("relu2_2",), vgg_file)
    assert sum(isinstance(m, torch.nn.Conv2d) for m in vgg.modules()) == 4
    assert not any(p.requires_grad for p in vgg.parameters())
    assert not vgg.training


def test_a_convolutions_own_output_is_not_changed_by_its_relu(vgg_file):
    vgg = VGGFeatures(("conv1_1", "relu1_1"), vgg_file)
    found = vgg(torch.rand(1, 3, 16, 16), ("conv1_1", "relu1_1"))
    assert found["conv1_1"].min() < 0
    assert torch.equal(found["conv1_1"].relu(), found["relu1_1"])


def test_an_unknown_layer_is_refused(vgg_file):
    with pytest.raises(ValueError, match="no layer relu3_4"):
        VGGFeatures(("relu3_4",), vgg_file)


def _refused(path, match):
    with pytest.raises(VGGWeightsError, match=match) as error:
        VGGFeatures(LAYERS, path)
    assert "\n" not in str(error.value)
    assert path.name in str(error.value)


def test_files_that_are_no_weights_are_refused(tmp_path):
    _refused(tmp_path / "none.pth", "no VGG weights file")
    _refused(tmp_path, "cannot be read")
    for name in ("a.pth", "a.safetensors"):
        for content in (b"", b"text", bytes(range(256)) * 8):
            (tmp_path / name).write_bytes(content)
            _refused(tmp_path / name, r"cannot be read|not a plain file")


def test_a_pickle_with_code_is_refused_and_never_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (tmp_path.joinpath("ran").touch, ())

    torch.save({"features.0.weight": Bomb()}, tmp_path / "bomb.pth")
    _refused(tmp_path / "bomb.pth", "never runs code")
    assert not (tmp_path / "ran").exists()


def test_weights_of_another_network_are_refused(tmp_path, vgg_file):
    state = load_file(vgg_file)
    for name, changed in (
        ("names", {k.replace("features", "layers"): v for k, v in state.items()}),
        ("shape", {**state, "features.5.weight": torch.zeros(64, 64, 3, 3)}),
        ("nan", {**state, "features.5.bias": torch.full((128,), float("nan"))}),
    ):
        path = tmp_path / f"{name}.safetensors"
        save_file(changed, path)
        _refused(path, {"names": "features.0.weight is missing", "shape": "another network", "nan": "finite"}[name])
    for name, content in (
        ("list.pth", [1, 2]),
        ("tensor.pth", torch.zeros(3)),
        ("values.pth", {"features.0.weight": 1}),
    ):
        torch.save(content, tmp_path / name)
        _refused(tmp_path / name, "features.0.weight is missing")


@pytest.mark.parametrize("convention", ["imagenet", "caffe"])
def test_the_conventions_of_the_input(vgg_file, convention):
    x = torch.rand(1, 3, 16, 16)
    if convention == "caffe":  # BGR in 0..255 less the mean pixel
        prepared = x.flip(1) * 255 - torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)
    else:
        mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
        prepared = (x - mean) / std
    vgg = VGGFeatures(("conv1_1",), vgg_file, preprocessing=convention)
    found = vgg(x, ("conv1_1",))["conv1_1"]
    assert torch.allclose(found, vgg.features[0](prepared), rtol=1e-4, atol=1e-3)


def test_average_pooling_takes_the_mean_of_four(vgg_file):
    found = VGGFeatures(("relu1_2", "pool1"), vgg_file, pooling="avg")(torch.rand(1, 3, 8, 6), ("relu1_2", "pool1"))
    before = found["relu1_2"]
    four = [before[..., i::2, j::2] for i in (0, 1) for j in (0, 1)]
    assert torch.allclose(found["pool1"], torch.stack(four).mean(0), atol=1e-6)


def test_unknown_conventions_are_refused(vgg_file):
    for wrong in ({"pooling": "sum"}, {"preprocessing": "bgr"}):
        with pytest.raises(ValueError, match="there is no"):
            VGGFeatures(LAYERS, vgg_file, **wrong)


def test_the_other_networks_weights_are_told_apart(vgg_file, tmp_path):
    with pytest.raises(VGGWeightsError, match="another network: VGG-16's, not VGG-19's"):
        VGGFeatures(("relu1_1",), vgg_file, 19)  # even where the layers asked for are the same in both
    save_file({**load_file(vgg_file), "features.16.weight": torch.zeros(256, 256, 3, 3)}, tmp_path / "19.safetensors")
    with pytest.raises(VGGWeightsError, match="another network: VGG-19's, not VGG-16's"):
        VGGFeatures(("relu1_1",), tmp_path / "19.safetensors", 16)
