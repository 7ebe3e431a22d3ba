"""The objective of a training step, as a network meets it."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from stylecam.training.losses.objective import Objective
from stylecam.training.losses.perceptual import PerceptualLoss
from stylecam.training.losses.table import LOSSES


class Contrast(nn.Module):
    """The photo with its contrast multiplied."""

    def __init__(self, contrast):
        super().__init__()
        self.contrast = nn.Parameter(torch.tensor(float(contrast)))

    def forward(self, x):
        return 0.5 + self.contrast * (x - 0.5)


@pytest.fixture
def photos():
    return torch.rand(2, 3, 160, 160, generator=torch.Generator().manual_seed(2))


@pytest.fixture
def flicker(options, perceptual_loss, photos):
    """(stability loss, its slope over the contrast) of a network, in a unit."""

    def measured(contrast, unit):
        chosen = replace(options, size=160, frame=160, stability_unit=unit)
        network = Contrast(contrast)
        loss = Objective(chosen, [perceptual_loss])(network, photos, 0, 3)[1]["stability"]
        loss.backward()
        return float(loss.detach()), float(network.contrast.grad)

    return measured


def test_a_pale_picture_is_no_steadier_in_units_of_its_own_contrast(flicker):
    full, slope = flicker(1.0, "picture")
    assert flicker(0.6, "picture")[0] == pytest.approx(full, rel=1e-3)
    assert slope == pytest.approx(0, abs=1e-3 * full)  # nothing is won by being pale


def test_in_the_paintings_units_it_is(flicker):
    full, slope = flicker(1.0, "painting")
    assert flicker(0.5, "painting")[0] == pytest.approx(full / 4, rel=1e-3)
    assert slope == pytest.approx(2 * full, rel=1e-3)


def test_a_picture_of_one_colour_is_divided_by_no_zero(flicker):
    assert flicker(0.0, "picture")[0] == pytest.approx(0, abs=1e-9)


def test_what_has_no_weight_is_not_computed(options, perceptual_loss, photos, monkeypatch):
    """Neither the VGG nor a second painting: only the loss that is asked for."""
    for method in ("features", "content_target"):
        monkeypatch.setattr(PerceptualLoss, method, None)  # called, it fails
    weights = {loss.setting: float(loss.name == "tv") for loss in LOSSES}
    network = Contrast(0.5)
    counted = []
    network.register_forward_hook(lambda *_: counted.append(1))
    total, parts = Objective(replace(options, size=160, frame=160, **weights), [perceptual_loss])(network, photos, 0, 3)
    total.backward()
    assert len(counted) == 1
    assert {name for name, value in parts.items() if value} == {"tv"}
    assert list(parts) == [loss.name for loss in LOSSES]
    assert network.contrast.grad > 0
