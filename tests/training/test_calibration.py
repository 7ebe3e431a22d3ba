"""The contrast that is chosen at the end of a training."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from stylecam.models.checkpoint import load_checkpoint
from stylecam.models.transform_net import SubPixelHead
from stylecam.training.calibration import LOUDEST, PALEST, calibrate
from stylecam.training.train import train


class Painter(nn.Module):
    """The photo at a contrast of its own, and a colour cast."""

    def __init__(self, contrast):
        super().__init__()
        self.head = nn.Conv2d(3, 3, 1)
        with torch.no_grad():
            self.head.weight.copy_(contrast * torch.eye(3)[..., None, None])
            self.head.bias.copy_(torch.tensor([0.5, 0.45, 0.55]) * (1 - contrast))

    def forward(self, x):
        return self.head(x)


class Likeness:
    """Stands for the distances: how far the contrast of a picture is from its photo's, and nothing else."""

    def content_target(self, photo):
        return photo

    def __call__(self, picture, photo):
        return (picture.std() - photo.std()).square()[None], torch.zeros(1)


@pytest.fixture
def photos(tmp_path):
    random = np.random.default_rng(0)
    paths = [tmp_path / f"{n}.png" for n in range(3)]
    for path in paths:
        cv2.imwrite(str(path), random.integers(80, 180, (64, 80, 3), dtype=np.uint8))
    return paths


@pytest.mark.parametrize(("learnt", "chosen"), [(0.8, 1.25), (1.0, 1.0), (1.25, 0.8), (0.2, LOUDEST), (5.0, PALEST)])
def test_a_pale_or_loud_painter_gets_the_best_contrast(photos, learnt, chosen):
    painter = Painter(learnt).eval()
    assert calibrate(painter, Likeness(), photos, 64, 1.0, 0.0) == pytest.approx(chosen)
    weights = painter.head.weight.detach().flatten(1)
    assert torch.allclose(weights, learnt * chosen * torch.eye(3))


def test_the_mean_colour_stays(photos):
    painter = Painter(0.8).eval()
    pictures = torch.stack([torch.from_numpy(cv2.imread(str(p))[..., ::-1].copy()) for p in photos])
    pictures = pictures.permute(0, 3, 1, 2).float() / 255
    before = painter(pictures).mean((0, 2, 3))
    calibrate(painter, Likeness(), photos, 64, 1.0, 0.0)
    assert torch.allclose(painter(pictures).mean((0, 2, 3)), before, atol=1e-5)


def test_the_phases_of_a_head_keep_one_level(photos):
    """Else the head would paint a grid on what is plain."""

    class Phases(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = SubPixelHead(3, 2)

        def forward(self, x):
            return nn.functional.pixel_shuffle(self.head(x), 2)

    painter = Phases().eval()
    with torch.no_grad():
        painter.head.weight.add_(torch.randn(painter.head.weight.shape, generator=torch.Generator().manual_seed(0)))
    assert calibrate(painter, Likeness(), photos, 64, 1.0, 0.0) != 1
    plain = painter(torch.full((1, 3, 16, 16), 0.4))[..., 8:-8, 8:-8]
    assert plain.std((2, 3)).max() < 1e-6


def test_of_a_banner_one_end_is_enough(photos, tmp_path):
    banner = tmp_path / "banner.png"
    cv2.imwrite(str(banner), np.full((40, 4000, 3), 128, np.uint8))
    sides = []
    painter = Painter(0.8).eval()
    painter.register_forward_hook(lambda _module, given, _output: sides.append(max(given[0].shape[-2:])))
    calibrate(painter, Likeness(), [*photos, banner], 64, 1.0, 0.0)
    assert max(sides) == 3 * 64


def test_photos_that_cannot_be_decoded_are_left_out(photos, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    assert calibrate(Painter(0.8).eval(), Likeness(), [broken, *photos], 64, 1.0, 0.0) == pytest.approx(1.25)
    painter = Painter(0.8).eval()
    assert calibrate(painter, Likeness(), [broken], 64, 1.0, 0.0) == 1.0
    assert torch.equal(painter.head.weight, Painter(0.8).head.weight)


def test_a_training_ends_with_it(options):
    as_learnt, calibrated = (
        load_checkpoint(train(replace(options, calibrate=count, output=options.output / str(count))))
        for count in (0, 2)
    )
    contrast = calibrated.training["contrast"]
    assert as_learnt.training["contrast"] == 1
    assert contrast != 1  # six steps teach no contrast
    was, now = (checkpoint.network.state_dict() for checkpoint in (as_learnt, calibrated))
    assert torch.allclose(now["head.weight"], contrast * was["head.weight"])
    assert all(torch.equal(now[name], was[name]) for name in was if not name.startswith("head."))


def test_photos_that_were_held_out_have_no_say(options, monkeypatch):
    met = []
    monkeypatch.setattr("stylecam.training.finish.calibrate", lambda *given: met.append(given) or 1.0)
    train(replace(options, steps=1, calibrate=3))
    _, _, photos, side, content_weight, style_weight = met[0]
    assert len(photos) == 3
    assert (side, content_weight, style_weight) == (options.size, options.content_weight, options.style_weight)
    from stylecam.training.data import find_pictures, split

    assert set(photos) <= set(split(find_pictures(options.content))[0])
