"""The colours that a training may move to its painting's at the end."""

import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from stylecam.models.catalog import base_style
from stylecam.models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from stylecam.models.errors import OptionsError
from stylecam.models.style_network import network_of
from stylecam.models.transform_net import NetworkConfig, SubPixelHead, TransformNet
from stylecam.training.data import evenly, find_pictures, read_picture, resize_short_side, split
from stylecam.training.palette import colour_map, match_palette
from stylecam.training.train import train


class Phases(nn.Module):
    """Paints a pale, brownish version of the photo, at half its size and back, as tier fast does."""

    def __init__(self):
        super().__init__()
        self.head = SubPixelHead(3, 2)
        with torch.no_grad():
            self.head.weight.zero_()
            for colour in range(3):
                self.head.weight[4 * colour : 4 * colour + 4, colour, 1, 1] = 0.45 - 0.05 * colour
            self.head.bias.copy_(torch.tensor([0.5, 0.4, 0.3]).repeat_interleave(4))

    def forward(self, x):
        return nn.functional.pixel_shuffle(self.head(x[..., ::2, ::2]), 2)


def _colours(seed, height=64, width=80, spread=25):
    random = np.random.default_rng(seed)
    mixed = random.normal(size=(height * width, 3)) @ random.normal(size=(3, 3))
    mixed = 128 + spread * mixed / np.abs(mixed).std()
    return np.clip(mixed, 40, 215).round().astype(np.uint8).reshape(height, width, 3)


@pytest.fixture
def photos():
    return [_colours(n) for n in range(3)]


def _moments(painter, photos):
    pictures = [torch.from_numpy(photo).permute(2, 0, 1)[None] / 255 for photo in photos]
    painted = torch.cat([painter(picture)[0].detach().flatten(1) for picture in pictures], 1).double()
    return painted.mean(1), painted.cov(correction=0)


def test_the_painted_colours_become_the_paintings(photos):
    painting = _colours(9, spread=10)
    wanted = torch.from_numpy(painting.reshape(-1, 3).T / 255.0)
    painter = Phases().eval()
    match_palette(painter, painting, photos, 1.0)
    mean, covariance = _moments(painter, photos)
    assert torch.allclose(mean, wanted.mean(1), atol=1e-5)
    assert torch.allclose(covariance, wanted.cov(correction=0), rtol=0.05, atol=1e-4)


def test_a_share_goes_so_far_and_nothing_of_it_nowhere(photos):
    painting, ends = _colours(9), {}
    for share in (0.0, 0.5, 1.0):
        painter = Phases().eval()
        match_palette(painter, painting, photos, share)
        ends[share] = painter.head.weight.detach(), painter.head.bias.detach()
    for none, half, whole in zip(*ends.values(), strict=True):
        assert torch.allclose(half, (none + whole) / 2, atol=1e-6)
    assert torch.allclose(ends[0.0][0], Phases().head.weight, atol=1e-6)
    assert torch.allclose(ends[0.0][1], Phases().head.bias, atol=1e-6)


def test_the_phases_keep_one_level_on_what_is_plain(photos):
    painter = Phases().eval()
    with torch.no_grad():
        painter.head.weight.add_(
            0.1 * torch.randn(painter.head.weight.shape, generator=torch.Generator().manual_seed(0))
        )
    match_palette(painter, _colours(9), photos, 1.0)
    inner = painter(torch.full((1, 3, 32, 32), 0.4))[0, :, 4:-4, 4:-4]
    assert torch.allclose(inner, inner[:, :1, :1].expand_as(inner), atol=1e-5)


def test_without_photos_nothing_changes():
    painter = Phases().eval()
    match_palette(painter, _colours(9), [], 1.0)
    assert torch.equal(painter.head.weight, Phases().head.weight)


def test_what_has_next_to_no_colours_is_not_spread_without_end(photos):
    painter = Phases().eval()
    with torch.no_grad():
        painter.head.weight.zero_()
    match_palette(painter, _colours(9), photos, 1.0)
    assert painter.head.weight.isfinite().all()
    nearly = Phases().eval()
    with torch.no_grad():
        nearly.head.weight.mul_(1e-3)
    before = nearly.head.weight.clone()
    match_palette(nearly, _colours(9), photos, 1.0)
    assert torch.linalg.matrix_norm(nearly.head.weight[::4, :, 1, 1], 2) <= 8.01 * torch.linalg.matrix_norm(
        before[::4, :, 1, 1], 2
    )
    grey = np.full((64, 80, 3), 90, np.uint8)
    match_palette(painter, grey, photos, 1.0)
    assert torch.allclose(_moments(painter, photos)[0], torch.full((3,), 90 / 255, dtype=torch.float64), atol=1e-4)


@given(st.lists(st.floats(-1, 1), min_size=18, max_size=18))
def test_the_map_gives_the_wanted_covariance_and_turns_nothing(values):
    first, second = (torch.tensor(part, dtype=torch.float64).view(3, 3) for part in (values[:9], values[9:]))
    found, wanted = (m @ m.T + 0.01 * torch.eye(3, dtype=torch.float64) for m in (first, second))
    map_ = colour_map(found, wanted)
    assert torch.allclose(map_ @ found @ map_.T, wanted, atol=1e-6)
    assert torch.allclose(map_, map_.T, atol=1e-8)
    assert (torch.linalg.eigvalsh(map_) > 0).all()
    assert torch.allclose(colour_map(found, found), torch.eye(3, dtype=torch.float64), atol=1e-6)


def test_a_training_ends_with_it_where_it_is_asked_for(options):
    networks = [
        load_checkpoint(train(replace(options, palette=share, output=options.output / str(share)))).network.state_dict()
        for share in (0.0, 1.0)
    ]
    changed = {name for name in networks[0] if not torch.equal(networks[0][name], networks[1][name])}
    assert changed == {"head.weight", "head.bias"}


def test_photos_that_were_held_out_have_no_say(options, monkeypatch):
    met = []
    monkeypatch.setattr("stylecam.training.finish.match_palette", lambda *given: met.append(given))
    train(replace(options, steps=1, palette=0.5))
    _, painting, photos, share = met[0]
    trained_on, _ = split(find_pictures(options.content))
    assert [photo.tobytes() for photo in photos] == [
        resize_short_side(read_picture(path), options.size).tobytes() for path in evenly(trained_on, 16)
    ]
    assert (min(painting.shape[:2]), share) == (options.style_size, 0.5)


@pytest.mark.parametrize(("count", "wanted"), [(0, 3), (3, 16), (16, 16), (31, 16), (7, 6), (1000, 16)])
def test_some_are_from_all_over(count, wanted):
    some = evenly(range(count), wanted)
    assert len(some) == min(count, wanted)
    gaps = np.diff([*some, count])
    assert len(gaps) == 0 or (some[0] == 0 and gaps.max() - gaps.min() <= 1)


_TEXTURE = {"network": "texture", "tier": "full", "channels": None, "blocks": None}


@pytest.mark.parametrize(
    ("wrong", "said"), [({"palette": 1.5}, "--palette"), ({**_TEXTURE, "palette": 0.5}, "give --palette 0")]
)
def test_what_it_cannot_be_is_said(options, wrong, said):
    with pytest.raises(OptionsError, match=said):
        replace(options, **wrong)


@pytest.mark.parametrize(("output", "palette"), [("tanh", 0.5), ("tanh", 0.0), ("linear", 0.5)])
def test_a_network_that_ends_in_a_tanh_has_none(options, tmp_path, output, palette):
    start = tmp_path / "start.safetensors"
    config = NetworkConfig.for_tier("full", channels=(8, 8, 16), blocks=1, output=output)
    save_checkpoint(start, Checkpoint(TransformNet(config), {"step": 1, "recipe": {}, "metrics": {}}))
    asked = replace(options, tier="full", start_from=start, steps=1, palette=palette, channels=None, blocks=None)
    if output == "tanh" and palette:
        with pytest.raises(OptionsError, match="ends in a tanh: give --palette 0"):
            train(asked)
    else:
        shares = (palette, 0.0) if palette else (0.0,)
        runs = [train(replace(asked, palette=share, output=tmp_path / str(share))) for share in shares]
        heads = [load_checkpoint(run).network.head.weight for run in runs]
        assert all(not torch.equal(heads[0], other) for other in heads[1:])


def test_a_base_of_many_painters_has_none(options, painting_file, tmp_path):
    paintings = tmp_path / "paintings"
    paintings.mkdir()
    for name in ("one", "two"):
        shutil.copy(painting_file, paintings / f"{name}.png")
    with pytest.raises(OptionsError, match="give --palette 0 with a folder"):
        train(replace(options, painting=paintings, palette=0.5))


def test_what_goes_around_the_network_stays_and_the_rest_comes_near():
    """The detail path of the real networks carries the scene, not the painter's colours."""
    photos = [cv2.GaussianBlur(_colours(n, 128, 160, 45), (0, 0), 2) for n in range(3)]
    network = network_of(base_style("fast"))
    around = network.detail.kernel().clone()
    painting = _colours(9, spread=12)
    apart = []
    for share in (0.0, 1.0):
        match_palette(network, painting, photos, share)
        apart.append(
            (_moments(network, photos)[0] - torch.from_numpy(painting.reshape(-1, 3).mean(0) / 255)).abs().max()
        )
    assert apart[1] < 0.01 < apart[0]
    assert torch.equal(network.detail.kernel(), around)
