"""Fixtures for the tests of training."""

import pytest
import torch

from stylecam.training.perceptual import LossForms, PerceptualLoss
from stylecam.training.vgg import VGGFeatures

from ..training_runs import tiny_options


@pytest.fixture
def options(painting_file, content_folder, vgg_file, tmp_path):
    """A training of six steps of a tiny network."""
    output = tmp_path / "run"
    return tiny_options(painting_file, content_folder, output, vgg_file, steps=6, checkpoint_every=2, preview_every=3)


@pytest.fixture
def perceptual_loss(vgg_file):
    """The distances to a painting of noise."""
    return PerceptualLoss(VGGFeatures(LossForms().layers, vgg_file), torch.rand(1, 3, 64, 64))
