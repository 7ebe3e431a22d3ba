"""Photographs are told from paintings before they are learnt."""

import numpy as np
import pytest

from stylecam.training.data import read_picture
from stylecam.training.losses.vgg import VGGFeatures
from stylecam.training.photograph import LAYERS, is_photograph, statistics


@pytest.fixture(scope="module")
def vgg(shared):
    return VGGFeatures(LAYERS, shared / "vgg" / "vgg16_features.safetensors")


@pytest.mark.parametrize("name", ["hokusai", "van-gogh-straw-hat", "mada-primavesi", "water-lilies"])
def test_no_painting_is_taken_for_a_photograph(vgg, shared, name):
    assert not is_photograph(vgg, read_picture(shared / "styles" / f"{name}.jpg"))


@pytest.mark.parametrize("name", ["kodak-15", "u2net-bike", "webcam-sister"])
def test_photographs_are_found(vgg, shared, name):
    assert is_photograph(vgg, read_picture(shared / "photos" / f"{name}.jpg"))


@pytest.mark.parametrize("size", [(64, 64), (64, 900), (700, 90)])
def test_pictures_of_any_shape_have_statistics(vgg_file, size):
    picture = np.random.default_rng(0).integers(0, 255, (*size, 3), np.uint8)
    found = statistics(VGGFeatures(LAYERS, vgg_file), picture)
    assert found.shape == (1792,)
    assert np.isfinite(found).all()
