"""Smooth scenes, and the grid that is looked for in them."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from stylecam.training.losses.objective import Objective
from stylecam.training.losses.smooth_scenes import smooth_scene


def scenes(count, side=96):
    generator = torch.Generator().manual_seed(1)
    return torch.cat([smooth_scene(side, generator) for _ in range(count)])


def test_smooth_scenes_are_smooth_whole_levels_of_many_colours():
    found = scenes(40)
    assert found.shape == (40, 3, 96, 96)
    levels = found * 255
    assert torch.equal(levels, levels.round())
    assert levels.min() >= 0
    assert levels.max() <= 255
    tiles = nn.functional.avg_pool2d(levels, 8)  # without the dither
    assert tiles.diff(dim=-1).abs().max() < 60
    spread = levels.flatten(2).std(-1)
    assert spread.max() > 40
    assert spread.min() < 2
    colours = levels.mean((2, 3))
    assert (colours.amax(0) - colours.amin(0)).min() > 120


def test_a_smooth_scene_has_no_grid_itself():
    tile = scenes(40).reshape(40, 3, 12, 8, 12, 8).mean((0, 2, 4)) * 255
    assert tile.std((1, 2)).max() < 0.3


class Lattice(nn.Module):
    """Leaves photos as they are, and paints a checkerboard of 4 px, 2 levels high, on what is plain."""

    def __init__(self):
        super().__init__()
        self.height = nn.Parameter(torch.tensor(2 / 255))

    def forward(self, x):
        plain = x.diff(dim=-1).abs().mean() < 0.1
        down, across = (torch.arange(side) // 2 % 2 for side in x.shape[-2:])
        return x + plain * self.height * ((down[:, None] ^ across) * 2 - 1)


@pytest.fixture
def photos():
    """Of strong contrast: not plain."""
    return (torch.rand(2, 3, 160, 160, generator=torch.Generator().manual_seed(2)) > 0.5).float()


def test_a_grid_in_plain_areas_alone_is_found_where_it_is_looked_for(options, perceptual_loss, photos):
    chosen = replace(options, size=160, frame=160, stability_weight=0.0)
    found = {}
    for where in ("photos", "smooth"):
        network = Lattice()
        total, parts = Objective(replace(chosen, grid_on=where), [perceptual_loss])(network, photos, 0, 3)
        total.backward()
        found[where] = float(parts["grid"].detach()), float(network.height.grad)
    amplitude = 2 / 255
    assert found["smooth"][0] - found["photos"][0] == pytest.approx(
        amplitude**2 / perceptual_loss.painting_variance, rel=0.2
    )
    assert found["photos"][1] == 0
    assert found["smooth"][1] > 0  # a step down lowers it


def test_nothing_is_painted_for_a_weight_of_none(options, perceptual_loss, photos):
    counted = []
    network = Lattice()
    network.register_forward_hook(lambda *_: counted.append(1))
    chosen = replace(options, size=160, frame=160, stability_weight=0.0, grid_on="smooth", grid_weight=0.0)
    Objective(chosen, [perceptual_loss])(network, photos, 0, 3)
    assert len(counted) == 1
