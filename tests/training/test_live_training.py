"""A painting learnt in steps, with a style file at any time."""

import itertools
import multiprocessing
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from stylecam.models.catalog import Style, base_style
from stylecam.models.errors import StyleError
from stylecam.models.networks import build_network
from stylecam.models.style_network import network_of, with_network
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.training.frame_pool import FramePool
from stylecam.training.live_process import Failed, Finish, Frame, Progress, Said, StyleNow, Subject, Task, Until, work
from stylecam.training.live_training import LiveTraining
from stylecam.training.tensors import to_picture, to_tensor

SMALL = {"size": 64, "frame": 72, "batch": 1}


@pytest.fixture
def painting(painting_file):
    return np.ascontiguousarray(cv2.imread(str(painting_file))[..., ::-1])


@pytest.fixture
def frames():
    return list(np.random.default_rng(5).integers(0, 255, (3, 80, 96, 3), np.uint8))


@pytest.fixture
def training(painting, frames, vgg_file):
    subject = Subject(painting, "mine", "My Painting", "Me", "2026")
    return LiveTraining(subject, FramePool(frames), vgg_file, **SMALL)


def test_a_network_put_into_a_style_file_paints_there_as_in_torch():
    network = network_of(base_style("fast"))
    with torch.no_grad():
        for number, parameter in enumerate(network.parameters()):
            parameter.mul_(1 + 0.02 * (number % 3))
    style = with_network(base_style("fast"), network)
    picture = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (96, 128, 3), np.uint8), (0, 0), 2)
    painted = Stylizer(style, "cpu")(picture).astype(int)
    with torch.no_grad():
        expected = to_picture(network(to_tensor(picture[..., ::-1])))[..., ::-1].astype(int)
    assert np.abs(painted - expected).max() <= 2
    base = Stylizer(base_style("fast"), "cpu")(picture).astype(int)
    assert np.abs(painted - base).mean() > 1


def test_a_network_of_another_shape_is_refused():
    config = base_style("fast").record("network")
    for change in ({"blocks": 3}, {"blocks": 5}, {"channels": [16, 32, 32]}):
        with pytest.raises(StyleError, match="another shape"):
            with_network(base_style("fast"), build_network({**config, **change}))


def test_it_is_the_base_at_first_and_another_style_after_each_step(training):
    picture = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)

    def painted(style):
        return Stylizer(style, "cpu")(picture).astype(int)

    base = painted(base_style("fast"))
    assert (
        np.abs(painted(training.style()) - base).mean() < 15
    )  # but for how much of the photo's colours it lets through
    seen = [base]
    for _ in range(2):
        losses = training.step()
        assert losses["total"] > 0
        assert losses["style"] > 0
        seen.append(painted(training.style()))
    assert all(np.abs(a - b).mean() > 0.05 for a, b in itertools.pairwise(seen))
    assert training.steps == 2
    assert training.seconds > 0


def test_the_style_file_says_what_it_is_and_where_it_comes_from(training):
    training.step()
    style = Style.from_bytes(training.style().path, training.style(measured=True).data)
    assert (style.name, style.title, style.artist, style.year) == ("mine", "My Painting", "Me", "2026")
    assert style.tier == "fast"
    record = style.record("training")
    assert record["step"] == 1
    assert record["start_from"]["recipe"]["name"] == base_style("fast").record("training")["name"]
    assert set(style.record("metrics")) == {"content", "style", "swd", "sharp", "photos"}
    thumbnail = cv2.imdecode(np.frombuffer(style.thumbnail(), np.uint8), cv2.IMREAD_COLOR)
    assert max(thumbnail.shape) == 160


def _started(task):
    ours, theirs = multiprocessing.Pipe()
    thread = threading.Thread(target=work, args=(theirs, task), daemon=True)
    return ours, thread


@pytest.fixture
def here(monkeypatch):
    """The worker's thread is one of ours: what it does to its process stays out. Nothing is taken for a photograph."""
    monkeypatch.setattr("stylecam.training.live_training.is_photograph", lambda vgg, picture: False)
    monkeypatch.setattr("stylecam.training.live_process.signal.signal", lambda *_: None)
    monkeypatch.setattr("stylecam.training.live_process.os.nice", lambda *_: None)
    monkeypatch.setattr("stylecam.training.live_worker.cv2.setNumThreads", lambda *_: None)


def test_the_process_learns_until_its_time_goes_on_when_told_and_finishes(here, painting, frames, vgg_file):
    ours, thread = _started(Task(Subject(painting, "mine"), frames, 1e-6, vgg_file, 0, None, SMALL))
    thread.start()
    came = [ours.recv(), ours.recv()]
    assert isinstance(came[0], Progress)
    assert came[0].steps == 1
    assert isinstance(came[1], StyleNow)
    assert not came[1].last
    ours.send(Frame(frames[0]))
    ours.send(Until(came[0].seconds + 1e-6))
    progress = ours.recv()
    assert progress.steps == 2
    ours.send(Finish())
    last = next(message for message in iter(ours.recv, None) if isinstance(message, StyleNow) and message.last)
    assert Style.from_bytes(Path("mine"), last.data).record("metrics")["photos"] > 0
    thread.join(30)
    assert not thread.is_alive()


def test_a_photograph_is_said_to_be_one_and_learnt(here, painting, frames, vgg_file, monkeypatch):
    monkeypatch.setattr("stylecam.training.live_training.is_photograph", lambda vgg, picture: True)
    ours, thread = _started(Task(Subject(painting, "mine"), frames, 3600.0, vgg_file, settings=SMALL))
    thread.start()
    first = ours.recv()
    assert isinstance(first, Said)
    assert "photograph" in first.sentence
    assert isinstance(ours.recv(), Progress)
    ours.close()
    thread.join(30)
    assert not thread.is_alive()


def test_the_process_ends_when_nobody_listens(here, painting, frames, vgg_file):
    ours, thread = _started(Task(Subject(painting, "mine"), frames, 1e9, vgg_file, 0, None, SMALL))
    thread.start()
    assert isinstance(ours.recv(), Progress)
    ours.close()
    thread.join(60)
    assert not thread.is_alive()


def test_what_hinders_it_is_said(here, painting, frames, tmp_path):
    ours, thread = _started(Task(Subject(painting, "mine"), frames, 1.0, tmp_path / "none.pth", 0, None, SMALL))
    thread.start()
    failed = ours.recv()
    assert isinstance(failed, Failed)
    assert "none.pth" in failed.sentence
    thread.join(30)


def test_a_folder_of_photographs_takes_the_place_of_frames(here, painting, frames, vgg_file, content_folder, tmp_path):
    for content, expected in ((content_folder, Progress), (tmp_path / "empty", Failed)):
        ours, thread = _started(Task(Subject(painting, "mine"), frames, 1e-6, vgg_file, 0, content, SMALL))
        thread.start()
        assert isinstance(ours.recv(), expected)
        ours.close()
        thread.join(30)
