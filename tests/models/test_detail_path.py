"""What goes around a network: edges and colours of the photo, and nothing of its light and shade."""

import pytest
import torch
import torch.nn.functional as F

from stylecam.models.detail_path import LUMA, DetailPath, gains_of

SCALES = (1, 2)  # of the heads of tiers full and fast


def _path(scale, fine=1.0, chroma=0.0):
    path = DetailPath(scale, reflect=scale == 1)
    with torch.no_grad():
        path.fine.fill_(fine)
        path.chroma.fill_(chroma)
    return path


@torch.no_grad()
def _added(path, x):
    return F.pixel_shuffle(path(x), path.scale)


def _luma(x):
    return (x * torch.tensor(LUMA).view(3, 1, 1)).sum(1, keepdim=True)


@pytest.mark.parametrize("scale", SCALES)
def test_an_edge_of_one_pixel_comes_back_at_its_place(scale):
    x = torch.zeros(1, 3, 48, 48)
    x[..., 21] = 1
    added = _added(_path(scale), x)[0, :, 24]
    assert (added[:, 21] > 0.7).all()  # of the line's 1, less the line's share in the mean around it
    assert (added[:, [*range(4, 16), *range(27, 40)]].abs() < 1e-5).all()


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("fine", [0.0, 1.0])
def test_light_and_shade_do_not_pass(scale, fine):
    """It cannot become the identity: a slope of grey, all of a photo that is coarse, is left to the network."""
    slope = torch.linspace(0, 1, 96).expand(1, 3, 96, 96)
    added = _added(_path(scale, fine, chroma=1.0), slope)[..., 16:-16, 16:-16]
    assert added.abs().max() < 0.01


@pytest.mark.parametrize("scale", SCALES)
def test_colours_come_as_they_differ_from_the_pictures_mean_and_with_no_light(scale):
    x = torch.full((1, 3, 64, 64), 0.5)
    x[:, 0, :, 32:] = 0.9
    added = _added(_path(scale, fine=0.0, chroma=1.0), x)
    red = added[0, :, 30, 50] - added[0, :, 30, 14]
    assert torch.allclose(red, torch.tensor([1.0, 0, 0]) * 0.4 - 0.4 * LUMA[0], atol=1e-4)
    assert _luma(added).abs().max() < 1e-4
    assert added.mean((2, 3)).abs().max() < 0.05


@pytest.mark.parametrize("scale", SCALES)
def test_each_colour_has_its_own_gains(scale):
    path = _path(scale, fine=0.0)
    with torch.no_grad():
        path.fine[2] = 1.0
    added = _added(path, torch.rand(1, 3, 48, 48))
    assert added[:, :2].abs().max() == 0
    assert added[:, 2].abs().max() > 0.1


@pytest.mark.parametrize("scale", SCALES)
def test_the_gains_can_be_read_from_the_kernel(scale):
    path = DetailPath(scale)
    with torch.no_grad():
        path.fine.copy_(torch.tensor([0.1, 0.2, 0.3]))
        path.chroma.copy_(torch.tensor([0.4, -0.5, 0.6]))
        fine, chroma = gains_of(path.kernel().half().float(), scale)  # as a file in 16 bits holds it
    assert torch.allclose(fine, path.fine, atol=1e-3)
    assert torch.allclose(chroma, path.chroma, atol=1e-3)
