"""Fixtures for all tests. This file imports no torch: the tests of `realtime` must run without it."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from onnx import TensorProto, checker, helper

from .browsers import chromium  # noqa: F401 (a fixture)

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the paintings, photographs, clips and VGG weights."""
    folder = Path(os.environ.get("STYLECAM_SHARED", REPOSITORY.parent / "shared"))
    if not folder.is_dir() and os.environ.get("STYLECAM_CI"):
        pytest.fail(f"STYLECAM_SHARED: there is no folder {folder}, and CI may skip nothing for want of it")
    if not folder.is_dir():
        pytest.skip(f"STYLECAM_SHARED: there is no folder {folder}")
    return folder


# With the number of times that the frame is an input: XOR with itself is 0.
_OPERATIONS = {"negative": ("BitwiseNot", 1), "identity": ("Identity", 1), "flat": ("BitwiseXor", 2)}


def _make_style(path: Path, name: str = "negative", op: str = "negative", **metadata: str) -> Path:
    """A style file whose result is known exactly, written to `path`: `op` is negative (255 - frame), identity or flat.

    `metadata` replaces single ``stylecam.`` properties.
    """
    signature = [1, "height", "width", 3]
    graph = helper.make_graph(
        [helper.make_node(_OPERATIONS[op][0], ["frame"] * _OPERATIONS[op][1], ["stylized"])],
        "stylecam",
        [helper.make_tensor_value_info("frame", TensorProto.UINT8, signature)],
        [helper.make_tensor_value_info("stylized", TensorProto.UINT8, signature)],
    )
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 20)])
    properties = {
        "schema": "1",
        "name": name,
        "title": f"The {name}",
        "artist": "Nobody",
        "year": "2024",
        "license": "CC0-1.0",
        "tier": "fast",
        "network": json.dumps({"tier": "fast"}),
        "training": json.dumps({"steps": 0}),
        "metrics": json.dumps({"style": 0.5, "content": 1.0}),
        "thumbnail": _THUMBNAIL,
        **metadata,
    }
    helper.set_model_props(model, {f"stylecam.{key}": value for key, value in properties.items()})
    checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())
    return path


# A PNG of one grey pixel.
_THUMBNAIL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="


@pytest.fixture(scope="session")
def make_style() -> Callable[..., Path]:
    """The factory ``make_style(path, name="negative", op="negative", **metadata) -> path``."""
    return _make_style


@pytest.fixture(scope="session")
def tiny_style(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The style file ``negative``: stylized = 255 - frame, exactly."""
    return _make_style(tmp_path_factory.mktemp("style") / "negative-fast.onnx")


@pytest.fixture
def style_folder(tmp_path: Path) -> Path:
    """A folder of two styles: ``negative`` (255 - frame) and ``same`` (the frame itself)."""
    folder = tmp_path / "styles"
    folder.mkdir()
    _make_style(folder / "negative-fast.onnx")
    _make_style(folder / "same-fast.onnx", "same", "identity")
    return folder


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fails a test that leaves a thread which would keep the program from ending."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 2
    for thread in threading.enumerate():
        if thread not in before and not thread.daemon:
            thread.join(max(0.0, deadline - time.monotonic()))
    leaked = [t.name for t in threading.enumerate() if t not in before and not t.daemon]
    assert not leaked, f"threads that were never joined: {leaked}"


@pytest.fixture(autouse=True)
def usual_priority() -> Iterator[None]:
    """Fails a test that leaves this thread another priority: what later tests start would have it too."""
    told = getattr(os, "sched_getscheduler", lambda _: None)
    before = told(0)
    yield
    assert told(0) == before


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """A shell's background jobs ignore Ctrl-C, and so would all that they start; the tests press it."""
    before = signal.getsignal(signal.SIGINT)
    if before == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """The networks here are too small for several threads, which only wait for each other on a busy machine."""
    torch = sys.modules.get("torch")  # not imported here: most tests have nothing to do with it
    if torch is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _picture(seed: int, height: int, width: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    picture = np.zeros((height, width, 3), np.float32)
    for octave in (2, 4, 8, 32):
        coarse = random.random((octave, octave, 3), np.float32)
        picture += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR) / 4
    return (picture * 255).round().astype(np.uint8)


@pytest.fixture(scope="session")
def painting_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up painting, 150x110."""
    path = tmp_path_factory.mktemp("painting") / "painting.png"
    stripes = _picture(99, 110, 150)
    stripes[::6] = 20
    cv2.imwrite(str(path), stripes)
    return path


@pytest.fixture(scope="session")
def content_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight made-up photographs of several sizes, in two folders, and one file that is no picture."""
    folder = tmp_path_factory.mktemp("content")
    (folder / "deeper").mkdir()
    for n in range(8):
        path = folder / ("deeper" if n % 2 else "") / f"photo{n}.png"
        cv2.imwrite(str(path), _picture(n, 80 + 7 * n, 120 - 5 * n))
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture(scope="session")
def vgg_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """VGG-16 with random weights, as safetensors in torchvision's layout."""
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    from stylecam.training.losses.vgg import layer_names

    generator = torch.Generator().manual_seed(3)
    state, inputs = {}, 3
    for index, name in enumerate(layer_names(16)):
        if name.startswith("conv"):
            outputs = (64, 128, 256, 512, 512)[int(name[4]) - 1]
            kernel = torch.randn(outputs, inputs, 3, 3, generator=generator) * (2 / (9 * inputs)) ** 0.5
            state[f"features.{index}.weight"] = kernel.half()
            state[f"features.{index}.bias"] = (torch.rand(outputs, generator=generator) / 10).half()
            inputs = outputs
    path = tmp_path_factory.mktemp("vgg") / "vgg16.safetensors"
    save_file(state, path)
    return path
