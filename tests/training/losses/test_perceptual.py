"""The forms of the perceptual loss, against the formulas computed with numpy in float64."""

import numpy as np
import pytest
import torch

from stylecam.models.errors import OptionsError
from stylecam.training.losses.content_loss import CONTENT_FORMS
from stylecam.training.losses.forms import LossForms
from stylecam.training.losses.perceptual import PerceptualLoss
from stylecam.training.losses.vgg import VGGFeatures

LAYERS = ("relu1_2", "relu2_1")


@pytest.fixture(scope="module")
def vgg(vgg_file):
    return VGGFeatures(("relu2_2",), vgg_file)


@pytest.fixture(scope="module")
def pictures():
    generator = torch.Generator().manual_seed(1)
    return [torch.rand(1, 3, height, 24, generator=generator) for height in (16, 16, 20)]


def _gram(features):
    flat = features.double().numpy()[0].reshape(features.shape[1], -1)
    return flat @ flat.T / flat.size  # over C H W


@pytest.mark.parametrize(
    ("form", "distance", "expected"),
    [
        ("mean", "l2", lambda g, a: np.mean((g - a) ** 2)),
        ("sum", "l2", lambda g, a: np.sum((g - a) ** 2)),
        ("mean", "l1", lambda g, a: np.mean(np.abs(g - a))),
        ("sum", "l1", lambda g, a: np.sum(np.abs(g - a))),
        ("relative", "l1", lambda g, a: np.sum(np.abs(g - a)) / np.sum(np.abs(a)) / len(LAYERS)),
        ("relative", "l2", lambda g, a: np.sum((g - a) ** 2) / np.sum(a**2) / len(LAYERS)),
    ],
)
def test_style_forms(vgg, pictures, form, distance, expected):
    picture, photo, painting = pictures
    loss = PerceptualLoss(vgg, painting, LossForms("relu2_2", LAYERS, style_form=form, style_distance=distance))
    _, style = loss(picture, loss.content_target(photo))
    mine, other = vgg(picture, LAYERS), vgg(painting, LAYERS)
    wanted = sum(expected(_gram(mine[name]), _gram(other[name])) for name in LAYERS)
    assert style.item() == pytest.approx(wanted, rel=1e-4)


def test_the_mean_content_form(vgg, pictures):
    picture, photo, painting = pictures
    loss = PerceptualLoss(vgg, painting, LossForms("relu2_2", LAYERS, content_form="mean"))
    content, _ = loss(picture, loss.content_target(photo))
    mine, other = (vgg(x, ("relu2_2",))["relu2_2"].double().numpy() for x in (picture, photo))
    assert content.item() == pytest.approx(np.mean((mine - other) ** 2), rel=1e-4)


def test_the_detail_content_form_frees_what_is_plain():
    """A stroke in the sky costs a small part of what the same stroke costs on a face, and the scene keeps its size."""
    photo = torch.rand(1, 8, 48, 64, generator=torch.Generator().manual_seed(4))
    photo[..., :32] = 0.5
    sky, face = photo.clone(), photo.clone()
    sky[..., 20:28, 4:12] += 0.3
    face[..., 20:28, 52:60] += 0.3
    detail, relative = CONTENT_FORMS["detail"], CONTENT_FORMS["relative"]
    assert relative(sky, photo).item() == pytest.approx(relative(face, photo).item(), rel=1e-4)
    assert detail(sky, photo).item() < 0.1 * detail(face, photo).item()
    assert detail(0.5 * photo, photo).item() == pytest.approx(0.25, rel=1e-4)
    assert detail(photo, photo).item() == 0


def test_the_detail_content_form_of_a_plain_photo_is_a_number():
    photo = torch.full((1, 4, 20, 20), 0.5, requires_grad=True)
    lost = CONTENT_FORMS["detail"](photo, photo.detach())
    lost.sum().backward()
    assert lost.item() == 0
    assert torch.isfinite(photo.grad).all()


def test_published_activations_do_not_depend_on_the_weights_size(vgg_file, pictures):
    """A VGG whose first layer is twice as loud gives the same losses: that is what they are for."""
    forms = LossForms("relu2_2", LAYERS, "mean", "sum", activations="published")
    losses = []
    for factor in (1.0, 2.0):
        vgg = VGGFeatures(("relu2_2",), vgg_file)
        with torch.no_grad():
            for name, parameter in vgg.features[0].named_parameters():
                assert name in ("weight", "bias")
                parameter.mul_(factor)
            for module in list(vgg.features)[1:]:  # else the later biases would weigh less
                if hasattr(module, "bias"):
                    module.bias.mul_(factor)
        loss = PerceptualLoss(vgg, pictures[2], forms)
        losses.append([float(x) for x in loss(pictures[0], loss.content_target(pictures[1]))])
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


FORMS = [("relative", "relative"), ("mean", "mean"), ("detail", "sum")]


@pytest.mark.parametrize("distance", ["l2", "l1"])
@pytest.mark.parametrize(("content_form", "style_form"), FORMS)
def test_gradients(vgg_file, content_form, style_form, distance):
    vgg = VGGFeatures(("relu2_1",), vgg_file).double()
    generator = torch.Generator().manual_seed(2)
    picture, photo, painting = (torch.rand(1, 3, 6, 6, generator=generator, dtype=torch.float64) for _ in range(3))
    forms = LossForms("relu2_1", LAYERS, content_form, style_form, distance)
    loss = PerceptualLoss(vgg, painting, forms)
    target = loss.content_target(photo)
    assert torch.autograd.gradcheck(lambda x: loss(x, target), (picture.requires_grad_(),), atol=1e-4)


@pytest.mark.parametrize("form", ["relative", "mean", "sum"])
@pytest.mark.parametrize("distance", ["l2", "l1"])
def test_the_painting_itself_has_style_zero_and_everything_else_more(vgg, pictures, form, distance):
    picture, photo, painting = pictures
    loss = PerceptualLoss(vgg, painting, LossForms("relu2_2", LAYERS, style_form=form, style_distance=distance))
    target = loss.content_target(painting)
    assert loss(painting, target)[1].item() == pytest.approx(0, abs=1e-6)
    pixels = picture.clone().requires_grad_()
    style = loss(pixels, loss.content_target(photo))[1]
    style.backward()
    assert style.item() > 0
    assert torch.isfinite(pixels.grad).all()
    assert pixels.grad.abs().max() > 0


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"content_layer": "relu9_1"}, "--content-layer: VGG-16 has no layer 'relu9_1'"),
        ({"style_layers": ("relu1_1", "relu1_1")}, "--style-layers: give at least one layer"),
        ({"style_layers": ()}, "--style-layers"),
        ({"content_form": "sum"}, "--content-form is one of relative, mean"),
        ({"style_form": "gatys"}, "--style-form"),
        ({"style_distance": "l3"}, "--style-distance"),
        ({"activations": "unit"}, "--activations"),
    ],
)
def test_what_does_not_exist_is_said_in_the_commands_spelling(changes, text):
    with pytest.raises(OptionsError, match=text):
        LossForms(**changes)
