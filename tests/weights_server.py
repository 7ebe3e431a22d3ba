"""torchvision's server for VGG's weights, on 127.0.0.1: it can break off, change its file and know no ranges."""

import contextlib
import hashlib
import http.server
import io
import threading

import torch


class WeightsServer:
    """Offers `body` under a name that tells its hash. A context manager; all caches lie in `folder` from then on."""

    def __init__(self, monkeypatch, folder):
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        monkeypatch.setenv("TORCH_HOME", str(folder / "torch"))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        self.cache, self.hub = folder / "cache" / "stylecam", folder / "torch" / "hub" / "checkpoints"
        self.body, self.ranges, self.knows_ranges = None, [], True
        self.cut = None  # after so many bytes the connection breaks off
        self._monkeypatch = monkeypatch
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def offer(self, depth, body, told=None):
        """Has torchvision name `body`, by the hash of `told` where that is given; returns the file's name."""
        from torchvision import models

        self.body = body
        name = f"vgg{depth}-{hashlib.sha256(body if told is None else told).hexdigest()[:8]}.pth"
        weights = {16: models.VGG16_Weights, 19: models.VGG19_Weights}[depth].IMAGENET1K_V1
        self._monkeypatch.setattr(weights.value, "url", f"http://127.0.0.1:{self._server.server_address[1]}/{name}")
        return name

    def kept(self):
        """The names of all files that lie in the cache's folder."""
        return sorted(path.name for path in self.cache.glob("*"))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(server):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked = self.headers["Range"]
            server.ranges.append(asked)
            body, start = server.body, 0
            if body is None:
                return self.send_error(404)
            if asked and server.knows_ranges:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
                if start >= len(body):
                    return self.send_error(416)
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            with contextlib.suppress(OSError):  # the other side left
                self.wfile.write(body[start : server.cut])
            return None

        def log_message(self, *_):
            pass

    return Handler


def first_layer(zipped=True):
    """Weights as torchvision's, as far as the first layer, and a classifier; `zipped`: as torch saves them today."""
    random = torch.Generator().manual_seed(5)
    state = {
        "features.0.weight": torch.rand(64, 3, 3, 3, generator=random),
        "features.0.bias": torch.rand(64, generator=random),
        "classifier.0.weight": torch.rand(800, 800, generator=random),
    }
    file = io.BytesIO()
    torch.save(state, file, _use_new_zipfile_serialization=zipped)
    return state, file.getvalue()
