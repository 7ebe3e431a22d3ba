"""Both VGGs are fetched in one way: checked, kept, and refused with a sentence."""

import hashlib
import http.server
import io
import threading

import pytest
import torch

from stylecam.models.errors import VGGWeightsError
from stylecam.training.losses.vgg import VGGFeatures

models = pytest.importorskip("torchvision.models")
LAYER = ("conv1_1",)
WEIGHTS = {16: models.VGG16_Weights.IMAGENET1K_V1, 19: models.VGG19_Weights.IMAGENET1K_V1}
both = pytest.mark.parametrize("depth", [16, 19])


class _Server(http.server.ThreadingHTTPServer):
    """Answers every request with `body`, or that there is nothing where it is None; counts them."""

    body, requests = None, 0


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests += 1
        self.send_response(404 if self.server.body is None else 200)
        self.send_header("Content-Length", str(len(self.server.body or b"")))
        self.end_headers()
        self.wfile.write(self.server.body or b"")

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    """torchvision's server, on this machine."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with _Server(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _first_layer(zipped=True):
    """Weights as torchvision's, as far as the first layer; `zipped`: as torch saves them today."""
    state = {"features.0.weight": torch.rand(64, 3, 3, 3), "features.0.bias": torch.rand(64)}
    file = io.BytesIO()
    torch.save(state, file, _use_new_zipfile_serialization=zipped)
    return state, file.getvalue()


def _offer(monkeypatch, server, depth, body, told=None):
    """Has `body` on the server, under a name that tells the hash of `told`, else its own."""
    server.body = body
    digest = hashlib.sha256(body if told is None else told).hexdigest()[:8] if body is not None else "0" * 8
    url = f"http://127.0.0.1:{server.server_address[1]}/vgg{depth}-{digest}.pth"
    monkeypatch.setattr(WEIGHTS[depth].value, "url", url)
    return url.rpartition("/")[2]


def _kept(tmp_path):
    return [path for path in (tmp_path / "torch").rglob("*") if path.is_file()]


@both
@pytest.mark.parametrize("zipped", [True, False])
def test_weights_are_fetched_once(server, monkeypatch, tmp_path, capsys, depth, zipped):
    state, body = _first_layer(zipped)
    name = _offer(monkeypatch, server, depth, body)
    for _ in range(2):
        vgg = VGGFeatures(LAYER, None, depth)
        assert torch.equal(vgg.features[0].weight, state["features.0.weight"])
    assert server.requests == 1
    out, err = capsys.readouterr()
    assert (out, err.count("Downloading")) == ("", 1)  # stdout is for --json
    assert [path.name for path in _kept(tmp_path)] == [name]


def _refused(depth, match):
    with pytest.raises(VGGWeightsError, match=match) as error:
        VGGFeatures(LAYER, None, depth)
    assert "\n" not in str(error.value)


@both
def test_another_file_than_the_one_that_was_meant_is_not_used(server, monkeypatch, tmp_path, depth):
    _offer(monkeypatch, server, depth, _first_layer()[1], told=b"another")
    _refused(depth, rf"VGG-{depth}'s weights could not be downloaded \(invalid hash value.*--vgg-weights FILE")
    assert _kept(tmp_path) == []


@both
def test_a_server_that_has_nothing_and_one_that_is_not_there(server, monkeypatch, tmp_path, depth):
    _offer(monkeypatch, server, depth, None)
    _refused(depth, rf"VGG-{depth}'s weights could not be downloaded \(HTTP Error 404.*--vgg-weights FILE")
    monkeypatch.setattr(WEIGHTS[depth].value, "url", "http://127.0.0.1:1/vgg-00000000.pth")
    _refused(depth, rf"VGG-{depth}'s weights could not be downloaded \(.*refused")
    assert _kept(tmp_path) == []


@both
@pytest.mark.parametrize("damage", [lambda body: b"", lambda body: b"text", lambda body: body[:-100]])
def test_a_kept_file_that_was_damaged_is_named(server, monkeypatch, tmp_path, depth, damage):
    body = _first_layer()[1]
    _offer(monkeypatch, server, depth, body)
    VGGFeatures(LAYER, None, depth)
    (kept,) = _kept(tmp_path)
    kept.write_bytes(damage(body))
    _refused(depth, rf"VGG-{depth}'s weights, downloaded to {kept}, cannot be read .*: delete that file")
    kept.unlink()
    VGGFeatures(LAYER, None, depth)


@both
def test_a_kept_file_never_runs_code(server, monkeypatch, tmp_path, depth):
    class Bomb:
        def __reduce__(self):
            return (tmp_path.joinpath("ran").touch, ())

    file = io.BytesIO()
    torch.save({"features.0.weight": Bomb()}, file)
    _offer(monkeypatch, server, depth, file.getvalue())
    _refused(depth, "cannot be read")
    assert not (tmp_path / "ran").exists()
