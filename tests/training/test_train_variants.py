"""Training: recipes, schedules, other networks and starts, each by what it does to a run."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from stylecam.export.onnx_export import export_style
from stylecam.models.catalog import BUNDLED, Style
from stylecam.models.checkpoint import load_checkpoint
from stylecam.models.detail_path import DetailPath
from stylecam.models.doubled import doubled
from stylecam.models.errors import OptionsError, StyleError
from stylecam.realtime.painting.mixing import mix_styles
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.training.losses.objective import Objective
from stylecam.training.recipes import PUBLISHED
from stylecam.training.schedule import learning_rate_at
from stylecam.training.state import new_state
from stylecam.training.tensors import to_picture, to_tensor
from stylecam.training.train import train

from ..training_runs import TEXTURE, rows, stop_after


def test_learning_rate_warms_up_and_falls_to_a_hundredth():
    rates = [learning_rate_at(step, 1000, 1.0) for step in range(1000)]
    assert rates[0] == pytest.approx(1 / 50)
    assert max(rates) == rates[49] == 1.0
    assert rates[50:] == sorted(rates[50:], reverse=True)
    assert rates[-1] == pytest.approx(0.01, abs=1e-4)
    assert learning_rate_at(0, 1, 1.0) == 1.0


def test_a_constant_learning_rate():
    assert {learning_rate_at(step, 400, 2e-3, "constant") for step in (0, 10, 399)} == {2e-3}


def test_a_rate_that_falls_without_an_end():
    falling = [learning_rate_at(step, 1, 2e-3, "inverse-sqrt") for step in range(400)]
    assert falling[0] == 2e-3
    assert falling == sorted(falling, reverse=True)
    assert falling[399] == pytest.approx(falling[99] / 2, rel=0.15)  # four times as far, half as fast


def test_a_fast_network_paints_frames_larger_than_what_the_vgg_sees(options):
    assert options.frame == 2 * options.size  # twice the size is the default
    johnson = {"tier": "full", "light": False}
    assert replace(options, frame=None, **johnson, channels=None, blocks=None).frame == options.size
    painted, seen = [], []

    class Loss:
        painting_variance = torch.tensor(0.1)
        vgg = torch.nn.Identity()

        def with_vgg(self, vgg):
            return self

        def content_target(self, photos):
            return photos

        def features(self, stylized):
            return stylized

        def content(self, stylized, target):
            seen.append((stylized.shape[-2:], torch.equal(stylized, target)))
            return torch.zeros(2)

        def style(self, stylized):
            return torch.zeros(2)

        def swd(self, stylized, generator):
            return torch.zeros(2)

    def network(photos):
        painted.append(photos.shape[-2:])
        return photos

    photos = torch.rand(2, 3, 96, 96)
    Objective(options, [Loss()])(network, photos, 0, 0)
    assert painted == [(96, 96), (72, 72)]  # the second is the part that the stability loss moves
    assert seen == [((64, 64), True)]  # the same part of the photo and its painting


def test_epochs_are_passes_over_the_photographs(options):
    # One in 32, at least one, of the eight is held out: seven are left.
    records = []
    train(replace(options, epochs=2), records.append)
    assert [r.step for r in records] == list(range(1, 8))
    assert records[-1].steps == 7


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_recipes_lower_their_own_loss_and_are_measured_like_all_others(options, shared, name):
    """With the real VGG: the weights were made for it."""
    recipe = {k: v for k, v in PUBLISHED[name].items() if k not in ("epochs", "preview_every")}
    weights = shared / "vgg" / "vgg16_features.safetensors"
    records = []
    chosen = {**recipe, "steps": 12, "batch": 2, "vgg_weights": weights, "painting": shared / "styles" / "scream.jpg"}
    checkpoint = train(replace(options, **chosen), records.append)
    assert np.mean([r.total for r in records[-3:]]) < 0.8 * records[0].total
    last = records[-1]
    weighted = recipe["content_weight"] * last.content + recipe["style_weight"] * last.style
    assert last.total == pytest.approx(weighted, rel=1e-4)
    # Photo and painting both count: published weights fit the features' sizes that they were chosen for.
    assert 0.01 < recipe["content_weight"] * last.content / (recipe["style_weight"] * last.style) < 10
    metrics = load_checkpoint(checkpoint).training["metrics"]
    assert 0 < metrics["style"] < 50  # relative distances, whatever was minimised
    assert 0 < metrics["content"] < 50


@pytest.mark.parametrize(
    "changes",
    [{"tier": "full"}, {"tier": "full", "light": False}, {"tier": "fast"}, TEXTURE],
    ids=["full", "johnson", "fast", "texture"],
)
def test_bfloat16_computes_but_the_weights_stay_float32(options, changes):
    records = []
    options = replace(options, **changes, steps=3)
    checkpoint = load_checkpoint(train(replace(options, precision="bf16"), records.append))
    assert {v.dtype for v in checkpoint.network.state_dict().values()} == {torch.float32}
    exact = []
    train(replace(options, precision="float32", output=options.output / "exact"), exact.append)
    assert records[0].total == pytest.approx(exact[0].total, rel=0.05)
    assert records[0].total != exact[0].total


def test_a_run_can_start_from_another_ones_network_and_says_so(options, tmp_path):
    first = train(options)
    again = replace(options, output=tmp_path / "second", start_from=first, steps=2, ramp=0.0, zoom=1.0, seed=3)
    records = []
    second = load_checkpoint(train(again, records.append))
    assert records[0].style_weight == options.style_weight
    assert second.training["start_from"]["recipe"] == options.recipe()
    assert second.training["start_from"]["step"] == 6
    before = dict(load_checkpoint(first).network.named_parameters())
    changed = [(v - before[k]).abs().max().item() for k, v in second.network.named_parameters()]
    assert 0 < max(changed) < 0.05  # trained on, not started anew


def test_a_mix_can_be_trained_on_and_is_remembered(options, tmp_path):
    mixed = mix_styles([(Style.read(BUNDLED / f"{name}-fast.onnx"), 1) for name in ("hokusai", "scream")])
    file = tmp_path / "mix-fast.onnx"
    file.write_bytes(mixed.with_metadata(name="mix").data)
    state = new_state(replace(options, start_from=file, channels=None, blocks=None))
    history = state.training["start_from"]
    assert [part["name"] for part in history["mix"]] == ["hokusai", "scream"]
    assert history["start_from"]["recipe"]["name"] == "base"
    frame = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    with torch.no_grad():
        again = to_picture(state.network.eval()(to_tensor(frame[..., ::-1])))[..., ::-1]
    assert np.abs(again - Stylizer(mixed, "cpu")(frame).astype(float)).mean() < 0.02


def test_a_run_that_began_elsewhere_is_not_resumed(options, tmp_path):
    first = train(replace(options, steps=1))
    other = train(replace(options, steps=1, seed=9, output=tmp_path / "other"))
    second = replace(options, steps=1, ramp=0.0, output=tmp_path / "second", start_from=first)
    train(second)
    train(replace(second, resume=True))
    train(replace(second, resume=True, start_from=None))
    for start in (other, tmp_path / "second" / "checkpoint.safetensors"):
        with pytest.raises(OptionsError, match=f"was not started from {start}"):
            train(replace(second, resume=True, start_from=start))
    with pytest.raises(OptionsError, match="was not started from"):
        train(replace(options, steps=1, resume=True, start_from=other))


@pytest.mark.parametrize("named", [True, False], ids=["name", "file"])
def test_a_run_can_start_from_a_style(options, tmp_path, monkeypatch, named):
    first = train(replace(options, name="first"))
    file = tmp_path / "styles" / "first-fast.onnx"
    file.parent.mkdir()
    export_style(first, file)
    monkeypatch.setenv("STYLECAM_STYLES", str(file.parent))
    starts = {"style": Path("first") if named else file, "checkpoint": first}
    records = {}
    for name, start in starts.items():
        again = replace(options, output=tmp_path / name, start_from=start, steps=1, ramp=0.0)
        path = train(again, records.setdefault(name, []).append)
        assert load_checkpoint(path).training["start_from"] == {
            "recipe": replace(options, name="first").recipe(),
            "step": 6,
            "start_from": None,
        }
    assert records["style"][0].total == pytest.approx(records["checkpoint"][0].total, rel=0.01)  # weights in 16 bits


def test_events_for_tensorboard_tell_what_the_table_tells(options):
    options = replace(options, tensorboard=True)
    train(options, should_stop=stop_after(3))
    train(replace(options, resume=True))
    events = EventAccumulator(str(options.output / "events")).Reload()
    told = {name: {e.step: e.value for e in events.Scalars(name)} for name in events.Tags()["scalars"]}
    table = rows(options)
    assert set(told) == set(table[0]) - {"step"}
    for name, values in told.items():
        assert values == pytest.approx({int(row["step"]): float(row[name]) for row in table}, rel=1e-4)
    assert [image.step for image in events.Images("preview")] == [3, 6]


def test_a_start_from_an_unknown_style_is_refused(options):
    with pytest.raises(StyleError, match="there is no style 'hokusay'; did you mean 'hokusai'"):
        train(replace(options, start_from=Path("hokusay")))


@pytest.mark.parametrize("asked", [{"norm": "batch"}, {"channels": (8, 8, 24)}, {"blocks": 2}, {"trunk": 4}])
def test_a_network_is_trained_on_as_it_is(options, tmp_path, asked):
    """Else the recipe in the checkpoint would tell of a network that was never trained."""
    first = train(replace(options, steps=1))
    (name,) = asked
    with pytest.raises(OptionsError, match=f"holds a network with {name} .*, not .*: use its own value"):
        train(replace(options, output=tmp_path / "second", start_from=first, **asked))


def test_a_start_of_tier_fast_is_doubled_for_tier_full(options, tmp_path):
    first = train(replace(options, steps=1))
    full = replace(options, tier="full", steps=1, keep_start=1.0, start_from=first, output=tmp_path / "full")
    made = load_checkpoint(train(full))
    start = made.training["start_from"]
    assert (start["recipe"]["tier"], made.training["recipe"]["tier"]) == ("fast", "full")
    wanted = doubled(load_checkpoint(first).network)
    assert made.network.config == wanted.config
    for name, value in made.network.state_dict().items():  # the start alone is kept
        assert torch.allclose(value, wanted.state_dict()[name], atol=1e-6)
    train(replace(full, resume=True))  # and it is known again


def test_gradients_are_clipped_only_where_it_is_asked(options):
    """A recipe without clipping goes further on one huge loss: with plain SGD-like steps of Adam the first is equal."""
    weights = []
    for clip in (1e-9, 0.0, 10.0):
        chosen = replace(
            options, clip=clip, optimizer="adam", steps=2, style_weight=1e6, output=options.output / str(clip)
        )
        weights.append(next(load_checkpoint(train(chosen)).network.parameters()))
    assert not torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[1], weights[2])


def test_a_texture_is_learnt_from_a_painting_alone(options):
    texture = replace(options, **TEXTURE, content=None, steps=12, preview_every=12, workers=1, learning_rate=0.01)
    records = []
    training = load_checkpoint(train(texture, records.append)).training
    assert records[-1].style < records[0].style / 2
    assert {(r.content, r.stability, r.unreadable) for r in records} == {(0, 0, 0)}
    assert (training["recipe"]["content_weight"], training["recipe"]["stability_weight"]) == (0, 0)
    assert set(training["metrics"]) == {"style", "textures"}
    assert training["metrics"]["style"] < records[0].style / 2
    assert cv2.imread(str(texture.output / "previews" / "step-000012.png")).shape == (64, 64, 3)
    assert cv2.imread(str(texture.output / "loss.png")) is not None


def test_pictures_are_learnt_by_a_texture_network_too(options):
    records = []
    training = load_checkpoint(train(replace(options, **TEXTURE), records.append)).training
    assert records[-1].total < records[0].total
    assert min(records[-1].content, records[-1].stability) > 0
    assert set(training["metrics"]) == {"content", "style", "swd", "sharp", "photos"}


def test_each_step_of_a_training_has_noise_of_its_own(options):
    still = replace(options, **TEXTURE, content=None, steps=3, learning_rate=1e-8, optimizer="adam")
    records = []
    train(still, records.append)
    assert len({round(r.style, 5) for r in records}) == 3  # the network and its pictures stay the same


def test_a_network_is_trained_on_with_what_it_was_fed_with(options, tmp_path):
    texture = replace(options, **TEXTURE, content=None, steps=1)
    further = replace(texture, output=tmp_path / "further", start_from=train(texture))
    with pytest.raises(OptionsError, match="paints textures: give no --content"):
        train(replace(further, content=options.content))
    with pytest.raises(OptionsError, match="another kind: train it with --network texture"):
        train(replace(options, output=tmp_path / "further", start_from=further.start_from))
    assert load_checkpoint(train(further)).training["start_from"]["step"] == 1


@pytest.mark.parametrize("chroma", [0.12, 0.0])
def test_the_photos_colours_show_through_as_much_as_is_asked(options, chroma):
    train(replace(options, chroma=chroma), should_stop=stop_after(2))
    detail = load_checkpoint(train(replace(options, chroma=chroma, resume=True))).network.detail
    assert detail.chroma.tolist() == pytest.approx([chroma] * 3)
    assert (detail.fine - DetailPath(2).fine).abs().min() > 0  # which is learnt


def test_how_much_of_the_photos_colours_shows_can_be_learnt(options):
    detail = load_checkpoint(train(replace(options, chroma=None))).network.detail
    assert (detail.chroma - DetailPath(2).chroma).abs().min() > 0


def test_a_network_without_a_detail_path_needs_no_chroma(options):
    assert load_checkpoint(train(replace(options, detail=False, steps=1))).network.detail is None
    with pytest.raises(
        OptionsError, match="--chroma works only with one painting and a network with a detail path: leave it"
    ):
        train(replace(options, detail=False, chroma=0.3, output=options.output / "other"))
