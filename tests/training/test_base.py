"""A base: many paintings in one training, and what is learnt from it."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from stylecam.export.onnx_export import export_style
from stylecam.models import catalog
from stylecam.models.checkpoint import load_checkpoint
from stylecam.models.errors import OptionsError, StyleError
from stylecam.models.networks import one_painter
from stylecam.models.painters_net import PaintersNet
from stylecam.models.style_network import network_of
from stylecam.training.losses.objective import painter_at
from stylecam.training.train import train

from ..training_runs import rows, stop_after


@pytest.fixture
def base_options(options, tmp_path):
    """A training of six steps on three paintings of noise, each of a colour of its own."""
    folder = tmp_path / "paintings"
    folder.mkdir()
    for number in range(3):
        painting = np.random.default_rng(number).integers(0, 80, (80, 80, 3), np.uint8)
        painting[..., number] += 150
        cv2.imwrite(str(folder / f"{number}.png"), painting)
    return replace(options, painting=folder, name="base")


def test_every_painter_has_a_turn_in_each_round_in_changing_orders():
    rounds = [[painter_at(step, 5, seed=3) for step in range(first, first + 5)] for first in range(0, 50, 5)]
    assert all(sorted(turns) == list(range(5)) for turns in rounds)
    assert len(set(map(tuple, rounds))) > 5
    assert painter_at(7, 1, seed=0) == 0


def test_a_folder_of_paintings_is_learnt_together(base_options):
    finishing = []
    checkpoint = load_checkpoint(train(base_options, on_finish=lambda: finishing.append(True)))
    assert not finishing  # it is not measured
    network = checkpoint.network
    assert isinstance(network, PaintersNet)
    assert network.config.painters == 3
    each = len(network.names)
    numbers = [torch.cat([n.flatten() for n in network.numbers[k * each : (k + 1) * each]]) for k in range(3)]
    assert all((numbers[a] - numbers[b]).abs().max() > 1e-4 for a, b in ((0, 1), (0, 2), (1, 2)))
    assert checkpoint.training["metrics"] == {"paintings": 3}
    assert all(float(row["swd"]) > 0 for row in rows(base_options))


def test_a_base_goes_on_after_a_stop_as_if_there_had_been_none(base_options, tmp_path):
    whole = load_checkpoint(train(replace(base_options, output=tmp_path / "whole")))
    train(base_options, should_stop=stop_after(2))  # before every painter had a turn
    resumed = load_checkpoint(train(replace(base_options, resume=True)))
    one, other = whole.network.state_dict(), resumed.network.state_dict()
    assert one.keys() == other.keys()
    assert all(torch.allclose(one[name], other[name], atol=1e-6) for name in one)


def test_a_style_starts_as_the_average_of_the_base(base_options, options, tmp_path):
    base = train(base_options)
    average = one_painter(load_checkpoint(base).network)
    train(replace(options, output=tmp_path / "style", start_from=base, steps=1, learning_rate=1e-8, chroma=None))
    started = load_checkpoint(tmp_path / "style" / "checkpoint.safetensors").network
    for one, other in zip(average.state_dict().values(), started.state_dict().values(), strict=True):
        assert torch.allclose(one, other, atol=1e-4)


def test_the_bundled_base_is_known_by_its_name(base_options, options, tmp_path, monkeypatch):
    base = train(base_options)
    export_style(base, tmp_path / "base-fast.onnx")
    monkeypatch.setattr(catalog, "BASES", tmp_path)
    style = catalog.base_style("fast")
    average = one_painter(load_checkpoint(base).network)
    for one, other in zip(average.state_dict().values(), network_of(style).state_dict().values(), strict=True):
        assert torch.allclose(one, other, atol=2e-3)  # 16 bits
    from_base = replace(options, output=tmp_path / "style", start_from=Path("base"), steps=1)
    history = load_checkpoint(train(from_base)).training["start_from"]
    assert history["recipe"]["name"] == "base"
    doubled = load_checkpoint(train(replace(from_base, output=tmp_path / "full", tier="full")))
    assert (doubled.network.config.tier, doubled.training["start_from"]["recipe"]["tier"]) == ("full", "fast")
    with pytest.raises(StyleError, match="no base of tier full"):
        catalog.base_style("full")


def test_a_folder_of_one_painting_gives_a_style_with_its_figures(base_options):
    for number in (1, 2):
        (base_options.painting / f"{number}.png").unlink()
    training = load_checkpoint(train(replace(base_options, steps=1))).training
    assert {"content", "style", "swd", "sharp"} <= set(training["metrics"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"network": "texture", "tier": "full", "channels": None, "blocks": None}, "--network transform"),
        ({"norm": "batch"}, "--norm instance"),
        ({"start_from": Path("hokusai")}, "leave out --start-from"),
    ],
)
def test_what_a_base_cannot_be_is_refused(base_options, changes, message):
    with pytest.raises(OptionsError, match=message):
        train(replace(base_options, **changes))


def test_another_number_of_paintings_is_not_resumed(base_options):
    train(base_options, should_stop=stop_after(2))
    (base_options.painting / "2.png").unlink()
    with pytest.raises(OptionsError, match="other painting"):
        train(replace(base_options, resume=True))
