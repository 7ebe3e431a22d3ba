"""Fixtures for the tests of training."""

import functools

import pytest
import torch

from stylecam.training import finish, run_folder
from stylecam.training.loss_curves import loss_curves
from stylecam.training.losses.forms import LossForms
from stylecam.training.losses.perceptual import PerceptualLoss
from stylecam.training.losses.vgg import VGGFeatures

from ..training_runs import tiny_options


@pytest.fixture(autouse=True)
def quickly_measured(monkeypatch):
    """Tiny networks are measured at 64 lines in place of 480 when their training ends: most tests are not of that."""
    monkeypatch.setattr(finish, "validate", functools.partial(finish.validate, lines=64))


@functools.cache
def _drawn(title, suffix):
    row = dict.fromkeys(run_folder.COLUMNS, 1.0) | {"step": 1}
    return loss_curves([row], {"content": 1.0, "style": 1.0}, title, suffix)


@pytest.fixture(autouse=True)
def quickly_drawn(monkeypatch):
    """Loss plots of one row, each drawn once: drawing takes two fifths of the time. test_figures.py draws others."""
    monkeypatch.setattr(run_folder, "loss_curves", lambda rows, weights, title, suffix: _drawn(title, suffix))


@pytest.fixture
def options(painting_file, content_folder, vgg_file, tmp_path):
    """A training of six steps of a tiny network."""
    output = tmp_path / "run"
    return tiny_options(painting_file, content_folder, output, vgg_file, steps=6, checkpoint_every=2, preview_every=3)


@pytest.fixture
def perceptual_loss(vgg_file):
    """The distances to a painting of noise."""
    return PerceptualLoss(VGGFeatures(LossForms().layers, vgg_file), torch.rand(1, 3, 64, 64), swd=True)
