"""VGG's weights are fetched once, go on where they broke off, are checked, and only what is needed is kept."""

import io
import subprocess
import sys
import threading

import cv2
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from stylecam.models.errors import VGGWeightsError
from stylecam.training.data import find_pictures, read_picture
from stylecam.training.losses.forms import LossForms
from stylecam.training.losses.perceptual import PerceptualLoss
from stylecam.training.losses.vgg import VGGFeatures
from stylecam.training.tensors import to_tensor
from stylecam.training.vgg_store import kept_path, kept_weights

from ..full_disk import no_file_larger_than
from ..weights_server import WeightsServer, first_layer

pytest.importorskip("torchvision")
LAYER = ("conv1_1",)
both = pytest.mark.parametrize("depth", [16, 19])


@pytest.fixture
def server(tmp_path, monkeypatch):
    with WeightsServer(monkeypatch, tmp_path) as server:
        yield server


def _refused(match, depth=16):
    with pytest.raises(VGGWeightsError, match=match) as error:
        kept_weights(depth)
    assert "\n" not in str(error.value)
    assert "--vgg-weights FILE" in str(error.value)


@both
@pytest.mark.parametrize("zipped", [True, False])
def test_weights_are_fetched_once_and_the_convolutions_kept(server, capsys, depth, zipped):
    state, body = first_layer(zipped)
    name = server.offer(depth, body)
    for _ in range(2):
        vgg = VGGFeatures(LAYER, None, depth)
        assert torch.equal(vgg.features[0].weight, state["features.0.weight"].half().float())
    assert server.ranges == [None]
    assert server.kept() == [f"vgg{depth}.safetensors"]
    with safe_open(kept_path(depth), "pt") as kept:
        assert kept.metadata() == {"source": name}
        assert set(kept.keys()) == {"features.0.weight", "features.0.bias"}
        assert kept.get_tensor("features.0.bias").dtype == torch.float16
    assert capsys.readouterr() == ("", "")


def test_progress_rises_to_the_whole(server):
    body = first_layer()[1]
    server.offer(16, body)
    told = []
    kept_weights(16, lambda *numbers: told.append(numbers))
    assert told == sorted(set(told))
    assert told[-1] == (len(body), len(body))
    assert len(told) >= 3
    kept_weights(16, lambda *numbers: told.append(None))
    assert None not in told  # nothing comes


def test_it_goes_on_where_the_connection_broke_off(server):
    body = first_layer()[1]
    name = server.offer(16, body)
    server.cut = 1_000_000
    _refused(
        r"VGG-16's weights could not be downloaded \(the connection broke off at 1 of 3 MB\): the same command goes"
    )
    assert (server.cache / f"{name}.partial").read_bytes() == body[:1_000_000]
    server.cut = None
    told = []
    kept_weights(16, lambda *numbers: told.append(numbers))
    assert server.ranges == [None, "bytes=1000000-"]
    assert min(told) > (1_000_000, len(body))
    assert server.kept() == ["vgg16.safetensors"]


def test_ctrl_c_keeps_what_has_come(server):
    body = first_layer()[1]
    name = server.offer(16, body)

    def interrupted(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept_weights(16, interrupted)
    there = (server.cache / f"{name}.partial").stat().st_size
    assert 0 < there < len(body)
    kept_weights(16)
    assert server.ranges == [None, f"bytes={there}-"]


@pytest.mark.parametrize(
    ("there", "ranges"),
    [
        (lambda body: body[:9], ["bytes=9-"]),
        (lambda body: b"another's", ["bytes=9-", None]),  # of another file than the server has now
        (lambda body: body, ["bytes={}-"]),  # it ended between the download and the making
        (lambda body: body + b"more", ["bytes={}-", None]),
    ],
)
def test_any_beginning_comes_to_the_right_end(server, there, ranges):
    body = first_layer()[1]
    name = server.offer(16, body)
    server.cache.mkdir(parents=True)
    (server.cache / f"{name}.partial").write_bytes(there(body))
    kept_weights(16)
    assert server.ranges == [r and r.format(len(there(body))) for r in ranges]
    assert server.kept() == ["vgg16.safetensors"]


def test_a_server_without_ranges_sends_all_again(server):
    body = first_layer()[1]
    name = server.offer(16, body)
    server.knows_ranges = False
    server.cache.mkdir(parents=True)
    (server.cache / f"{name}.partial").write_bytes(b"another's")
    kept_weights(16)
    assert server.ranges == ["bytes=9-"]


@both
@pytest.mark.parametrize("there", [b"", b"some"])
def test_another_file_than_the_one_that_was_meant_is_not_used(server, depth, there):
    name = server.offer(depth, first_layer()[1], told=b"another")
    server.cache.mkdir(parents=True)
    (server.cache / f"{name}.partial").write_bytes(there)
    _refused(f"{name} has another hash than its name says, and was removed: try again later, or give", depth)
    assert server.kept() == [f"vgg{depth}.lock"]


def test_a_server_that_has_nothing_and_one_that_is_not_there(server, monkeypatch):
    name = server.offer(16, first_layer()[1])
    server.body = None
    _refused(r"VGG-16's weights could not be downloaded \(HTTP Error 404: Not Found\): try again later")
    weights = sys.modules["torchvision.models"].VGG16_Weights.IMAGENET1K_V1.value
    monkeypatch.setattr(weights, "url", f"http://127.0.0.1:1/{name}")
    _refused(r"VGG-16's weights could not be downloaded \(.*refused\): try again later")
    assert server.kept() == ["vgg16.lock"]


def test_a_full_disk(server):
    body = first_layer()[1]
    name = server.offer(16, body)
    with no_file_larger_than(1_000_000):
        _refused(rf"VGG-16's weights cannot be kept in {server.cache} \(File too large\): make room there and run it")
    assert (server.cache / f"{name}.partial").stat().st_size == 1_000_000
    kept_weights(16)
    assert server.ranges == [None, "bytes=1000000-"]


def test_a_folder_that_cannot_be_written(server):
    server.offer(16, first_layer()[1])
    server.cache.parent.write_text("no folder")
    _refused(rf"VGG-16's weights cannot be kept in {server.cache} \(.*\): make that folder writable, or give")
    assert server.ranges == []


def test_without_torchvision_the_remedy_is_said(server, monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", None)
    _refused(r"torchvision is missing: pip install 'stylecam\[train\]', or give")


@both
@pytest.mark.parametrize("damaged", [False, True])
def test_what_torch_has_downloaded_before_is_used(server, depth, damaged):
    state, body = first_layer()
    name = server.offer(depth, body)
    server.hub.mkdir(parents=True)
    (server.hub / name).write_bytes(body[:-1] if damaged else body)
    told = []
    kept = load_file(kept_weights(depth, lambda *numbers: told.append(numbers)))
    assert torch.equal(kept["features.0.bias"], state["features.0.bias"].half())
    assert (server.ranges, bool(told)) == (([None], True) if damaged else ([], False))
    assert (server.hub / name).exists()  # another program's


@pytest.mark.parametrize("damage", [lambda kept: b"", lambda kept: b"text", lambda kept: kept[:-100]])
def test_a_kept_file_that_was_damaged_is_named(server, damage):
    server.offer(16, first_layer()[1])
    kept = kept_weights(16)
    kept.write_bytes(damage(kept.read_bytes()))
    with pytest.raises(
        VGGWeightsError, match=f"{kept} cannot be read as VGG weights .*: delete that file to download them again"
    ):
        VGGFeatures(LAYER)
    kept.unlink()
    VGGFeatures(LAYER)


def test_a_downloaded_file_never_runs_code(server, tmp_path):
    class Bomb:
        def __reduce__(self):
            return (tmp_path.joinpath("ran").touch, ())

    file = io.BytesIO()
    torch.save({"features.0.weight": Bomb()}, file)
    name = server.offer(16, file.getvalue())
    _refused(rf"VGG-16's weights, downloaded to .*{name}.partial, cannot be read \(UnpicklingError\): remove that file")
    assert not (tmp_path / "ran").exists()


def test_two_threads_fetch_once(server):
    server.offer(16, first_layer()[1])
    gate, found = threading.Barrier(2), []

    def ask():
        gate.wait()
        found.append(load_file(kept_weights(16)))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(server.ranges) == 1
    assert server.kept() == ["vgg16.safetensors"]


def test_who_waits_is_told_how_far_the_other_is(server):
    body = first_layer()[1]
    server.offer(16, body)
    began, told = threading.Event(), threading.Event()

    def hold(done, total):
        began.set()
        assert told.wait(60)

    first = threading.Thread(target=kept_weights, args=(16, hold))
    first.start()
    assert began.wait(60)
    heard = []

    def hear(done, total):
        heard.append(total)
        told.set()

    kept_weights(16, hear)
    first.join()
    assert set(heard) == {0}
    assert len(server.ranges) == 1


ASK = """
import sys, types
models = types.ModuleType("torchvision.models")
for name in ("VGG16_Weights", "VGG19_Weights"):
    setattr(models, name, types.SimpleNamespace(IMAGENET1K_V1=types.SimpleNamespace(url=sys.argv[1])))
sys.modules["torchvision"] = types.ModuleType("torchvision")
sys.modules["torchvision"].models = sys.modules["torchvision.models"] = models
from stylecam.training.vgg_store import kept_weights
print(kept_weights(16))
"""


def test_two_processes_fetch_once(server):
    server.offer(16, first_layer()[1])
    url = sys.modules["torchvision.models"].VGG16_Weights.IMAGENET1K_V1.url
    command = [sys.executable, "-c", ASK, url]
    asking = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate(timeout=300)[0].strip() for process in asking] == [str(kept_path())] * 2
    assert len(server.ranges) == 1
    assert server.kept() == ["vgg16.safetensors"]


def test_a_kept_file_needs_no_torch(server):
    server.offer(16, first_layer()[1])
    kept_weights(16)
    program = "import sys; from stylecam.realtime.commands.vgg_progress import fetch_vgg; fetch_vgg(None); "
    program += "sys.exit('torch' in sys.modules or 'torchvision' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_half_precision_changes_no_loss(shared):
    # The shared weights are in float16 already: what is drawn here are floats that would be rounded to them.
    vgg = VGGFeatures(LossForms().layers, shared / "vgg" / "vgg16_features.safetensors")
    painting, photo, other = (
        to_tensor(cv2.resize(read_picture(path), (192, 128), interpolation=cv2.INTER_AREA))
        for path in (shared / "styles" / "hokusai.jpg", *find_pictures(shared / "photos")[:2])
    )

    def losses():
        loss = PerceptualLoss(vgg, painting)
        with torch.no_grad():
            return torch.stack(loss(other, loss.content_target(photo)))

    rounded = losses()
    random = torch.Generator().manual_seed(0)
    for weight in vgg.parameters():
        weight.mul_(1 + 2**-11 * (2 * torch.rand(weight.shape, generator=random) - 1))
    assert torch.allclose(losses(), rounded, rtol=3e-4)
