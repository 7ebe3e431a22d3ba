"""Fixtures for the tests of training."""

import pytest

from stylecam.training.options import TrainOptions


@pytest.fixture
def options(painting_file, content_folder, vgg_file, tmp_path):
    """A training of six steps of a tiny network."""
    return TrainOptions(
        painting_file,
        content_folder,
        tmp_path / "run",
        name="tiny",
        channels=(8, 8, 16),
        blocks=1,
        steps=6,
        batch=2,
        size=64,
        style_size=64,
        vgg_weights=vgg_file,
        workers=0,
        device="cpu",
        checkpoint_every=2,
        preview_every=3,
    )
