"""Pictures painted by their pixels: targets, starts, sizes, and every preset on the real VGG."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from stylecam.models.errors import OptionsError, PictureError, StylecamError
from stylecam.training.optimize.methods import METHODS, method_of
from stylecam.training.optimize.optimize import OptimizeOptions, load_features, optimize, read_pair, start
from stylecam.training.optimize.picture_objective import PictureObjective
from stylecam.training.optimize.pixel_losses import content_loss, correlation, style_loss

SMALL = {"vgg": 16, "content_layers": "relu2_2", "style_layers": "relu1_1:0.5,relu2_1", "iterations": 4}


@pytest.fixture(scope="module")
def pair():
    generator = torch.Generator().manual_seed(1)
    return torch.rand(1, 3, 32, 40, generator=generator), torch.rand(1, 3, 36, 48, generator=generator) ** 3


def test_the_objective_is_the_sum_of_its_weighted_parts(vgg_file, pair):
    method = method_of("gatys", {**SMALL, "activations": "own", "style_weight": "3", "content_weight": "0.25"})
    vgg = load_features(method, vgg_file)
    objective = PictureObjective(vgg, method, *pair)
    pixels = torch.rand(1, 3, 32, 40)
    total = float(objective(pixels))
    found, photo, painting = (vgg(x, method.layers()) for x in (pixels, *pair))
    content = 0.25 * content_loss(found["relu2_2"], photo["relu2_2"])
    style = 3 * sum(
        weight * style_loss(correlation(found[name]), correlation(painting[name]))
        for name, weight in (("relu1_1", 0.5), ("relu2_1", 1.0))
    )
    assert objective.parts == pytest.approx({"content": float(content), "style": float(style), "tv": 0.0})
    assert total == pytest.approx(sum(objective.parts.values()))


def test_the_photo_has_no_content_loss_and_the_painting_no_style_loss(vgg_file, pair):
    for chain in (False, True):
        method = method_of("gatys", {**SMALL, "chain": chain, "gram_shift": "-1"})
        objective = PictureObjective(load_features(method, vgg_file), method, *pair)
        objective(pair[0])
        assert objective.parts["content"] == pytest.approx(0, abs=1e-6)
        assert objective.parts["style"] > 0
        same = PictureObjective(load_features(method, vgg_file), method, pair[1], pair[1])
        assert float(same(pair[1])) == pytest.approx(0, abs=1e-6)


def test_unit_activations_make_weights_serve_a_louder_network(vgg_file, pair):
    method = method_of("gatys", SMALL)
    vgg = load_features(method, vgg_file)
    before = float(PictureObjective(vgg, method, *pair)(torch.zeros(1, 3, 32, 40)))
    vgg.features[0].weight.mul_(8)  # its ReLU is, but for the biases, 8 times as large from here on
    vgg.features[0].bias.mul_(8)
    for index in (2, 5, 7):
        vgg.features[index].bias.mul_(8)
    after = float(PictureObjective(vgg, method, *pair)(torch.zeros(1, 3, 32, 40)))
    assert after == pytest.approx(before, rel=1e-3)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
@pytest.mark.parametrize("distance", ["l2", "l1"])
def test_it_yields_the_start_and_every_iteration(vgg_file, pair, optimizer, distance):
    given = {**SMALL, "optimizer": optimizer, "style_distance": distance, "style_weight": "1e4", "tv_weight": "1e-4"}
    method = method_of("gatys", given)
    records = list(optimize(method, load_features(method, vgg_file), *pair, seed=3))
    assert [record.iteration for record in records] == [0, 1, 2, 3, 4]
    assert torch.equal(records[0].picture, start("noise", *pair, seed=3))
    assert records[-1].objective < records[0].objective
    objective = PictureObjective(load_features(method, vgg_file), method, *pair)
    for record in records:  # the figures are those of the picture that comes with them
        assert record.objective == pytest.approx(float(objective(record.picture)), rel=1e-5)
        assert record.content + record.style + record.tv == pytest.approx(record.objective)
        assert record.tv > 0
    assert not any(torch.equal(a.picture, b.picture) for a, b in pairwise(records))


def test_starts(pair):
    content, painting = pair
    noise = start("noise", content, painting, seed=1)
    assert noise.shape == content.shape
    assert torch.equal(noise, start("noise", content, painting, seed=1))
    assert not torch.equal(noise, start("noise", content, painting, seed=2))
    assert torch.equal(start("content", content, painting), content)
    assert start("painting", content, painting).shape == content.shape
    mixed = start("noisy-content", content, painting)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    assert (mixed - 0.4 * content - 0.6 * mean).abs().max() <= 0.6 * 20 / 255 + 1e-6


def test_a_picture_too_small_for_a_layer_is_refused(vgg_file, pair):
    method = method_of("gatys", {"vgg": 16})
    vgg = load_features(method, vgg_file)
    tiny, painting = torch.rand(1, 3, 12, 40), pair[1]
    with pytest.raises(OptionsError, match=r"picture of 40x12 px is too small for the layer relu5_1, .* 16 px.*--size"):
        next(optimize(method, vgg, tiny, painting))
    with pytest.raises(OptionsError, match=r"painting of 40x12 px.*--style-size"):
        next(optimize(method, vgg, painting, tiny))


def test_an_objective_that_is_no_number_ends_it_with_a_sentence(vgg_file, pair):
    method = method_of("gatys", {**SMALL, "optimizer": "adam"})
    vgg = load_features(method, vgg_file)
    with pytest.raises(OptionsError, match="not a finite number at iteration 0"):
        list(optimize(method, vgg, pair[0] * float("nan"), pair[1]))


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: 9 bytes")])
def test_too_little_memory_is_a_sentence(vgg_file, pair, monkeypatch, error):
    method = method_of("gatys", SMALL)
    vgg = load_features(method, vgg_file)
    monkeypatch.setattr(vgg, "forward", lambda *_: (_ for _ in ()).throw(error))
    with pytest.raises(StylecamError, match="not enough memory for 40x32 px: lower --size"):
        next(optimize(method, vgg, *pair))


def test_what_cannot_fit_is_refused_before_the_work(vgg_file):
    method = method_of("gatys", SMALL)
    huge = torch.zeros(1, 3, 1, 1).expand(1, 3, 10**5, 10**5)
    with pytest.raises(StylecamError, match=r"needs about \d+ GB of memory, but only \d+ are free: lower --size"):
        next(optimize(method, load_features(method, vgg_file), huge, huge))


def test_pictures_are_read_at_their_sizes(painting_file, tmp_path):
    options = OptimizeOptions(painting_file, painting_file, METHODS["gatys"], size=55, style_size=80)
    content, painting = read_pair(options)
    assert (content.shape, painting.shape) == ((1, 3, 55, 75), (1, 3, 80, 109))
    with pytest.raises(PictureError, match="cannot read"):
        read_pair(replace(options, content=tmp_path / "none.png"))
    for wrong in ({"size": 8}, {"seed": -1}):
        with pytest.raises(OptionsError, match="--" + next(iter(wrong))):
            replace(options, **wrong)


@pytest.mark.parametrize("name", METHODS)
def test_every_preset_lowers_its_objective_tenfold_on_the_real_vgg(name, shared):
    iterations = ITERATIONS[name]
    assert iterations <= METHODS[name].iterations
    method = replace(METHODS[name], vgg=16, iterations=iterations)
    vgg = load_features(method, shared / "vgg" / "vgg16_features.safetensors")
    photo = sorted((shared / "content").glob("*.jpg"))[2]
    options = OptimizeOptions(photo, shared / "styles" / "starry-night.jpg", method, size=64)
    objectives = [record.objective for record in optimize(method, vgg, *read_pair(options))]
    assert np.isfinite(objectives).all()
    assert objectives[0] >= 10 * objectives[-1]


ITERATIONS = {"gatys": 30, "cs20": 60, "keras": 12, "improved": 20, "novak": 12}  # less than the presets' own
