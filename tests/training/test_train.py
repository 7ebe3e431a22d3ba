"""Training: what a run leaves behind, that it resumes exactly, and how it fails."""

import base64
import csv
import itertools
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from stylecam.models.checkpoint import load_checkpoint, save_checkpoint
from stylecam.models.errors import CheckpointError, OptionsError, PictureError, StylecamError, VGGWeightsError
from stylecam.training.options import TrainOptions
from stylecam.training.recipes import PUBLISHED
from stylecam.training.train import learning_rate_at, train


@pytest.fixture
def options(painting_file, content_folder, vgg_file, tmp_path):
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


TEXTURE = {"network": "texture", "tier": "full", "channels": None, "blocks": None}  # changes of `options`


def _stop_after(steps):
    count = itertools.count(1)
    return lambda: next(count) >= steps


def _rows(options):
    with (options.output / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_run_leaves_checkpoint_metrics_plot_and_previews(options):
    records = []
    checkpoint = train(options, records.append)
    assert [r.step for r in records] == [1, 2, 3, 4, 5, 6]
    assert all(np.isfinite((r.total, r.content, r.style, r.tv, r.stability)).all() for r in records)
    last = records[-1]
    assert last.seconds_left == 0
    assert last.pictures_per_second > 0
    weighted = last.content + last.style_weight * last.style + options.stability_weight * last.stability
    weighted += options.grid_weight * last.grid
    assert last.total == pytest.approx(weighted, rel=1e-4)

    rows = _rows(options)
    assert [int(row["step"]) for row in rows] == [1, 2, 3, 4, 5, 6]
    assert float(rows[2]["style"]) == pytest.approx(records[2].style, rel=1e-4)
    left = sorted(str(p.relative_to(options.output)) for p in options.output.rglob("*") if p.is_file())
    previews = ["previews/step-000003.png", "previews/step-000006.png"]
    assert left == ["checkpoint.safetensors", "loss.png", "metrics.csv", *previews]
    assert cv2.imread(str(options.output / "loss.png")) is not None
    assert cv2.imread(str(options.output / previews[0])).shape[0] == 2 * options.size  # photos above, paintings below

    training = load_checkpoint(checkpoint).training
    assert training["step"] == 6
    assert training["recipe"] == options.recipe()
    assert set(training["metrics"]) == {"style", "content", "photos"}
    thumbnail = cv2.imdecode(np.frombuffer(base64.b64decode(training["painting_thumbnail"]), np.uint8), 1)
    assert max(thumbnail.shape) == 160


@pytest.mark.parametrize(
    ("workers", "changes"),
    [
        (0, {"norm": "instance"}),
        (1, {"norm": "batch"}),
        (0, TEXTURE),
        (0, {**TEXTURE, "content": None, "norm": "batch"}),
    ],
    ids=["instance", "batch", "picture", "texture"],
)
def test_an_interrupted_run_resumes_exactly(options, workers, changes):
    straight = replace(options, **changes, output=options.output / "straight")
    broken = replace(options, **changes, output=options.output / "broken", workers=workers)
    train(straight)
    train(broken, should_stop=_stop_after(3))
    halfway = load_checkpoint(broken.output / "checkpoint.safetensors")
    assert halfway.training["step"] == 3
    assert "metrics" not in halfway.training

    records = []
    train(replace(broken, resume=True), records.append)
    assert [r.step for r in records] == [4, 5, 6]
    a, b = (load_checkpoint(o.output / "checkpoint.safetensors") for o in (straight, broken))
    assert all(torch.equal(v, b.network.state_dict()[k]) for k, v in a.network.state_dict().items())
    assert all(torch.equal(v, b.optimizer[k]) for k, v in a.optimizer.items())
    assert a.training == b.training
    unmeasured = {"pictures_per_second"}
    for one, other in zip(_rows(straight), _rows(broken), strict=True):
        assert {k: v for k, v in one.items() if k not in unmeasured} == {
            k: other[k] for k in one if k not in unmeasured
        }


def test_a_killed_run_resumes_from_its_last_checkpoint(options):
    def killed(record):
        if record.step == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(options, killed)
    assert load_checkpoint(options.output / "checkpoint.safetensors").training["step"] == 4
    with (options.output / "metrics.csv").open("a") as file:
        file.write("6,0.1")  # half a line, as a kill leaves it
    train(replace(options, resume=True))
    assert [int(row["step"]) for row in _rows(options)] == [1, 2, 3, 4, 5, 6]


def test_resuming_a_finished_run_does_nothing(options):
    checkpoint = train(replace(options, steps=1))
    before = checkpoint.read_bytes()
    records = []
    assert train(replace(options, steps=1, resume=True), records.append) == checkpoint
    assert records == []
    assert checkpoint.read_bytes() == before


def test_a_run_that_ends_before_its_first_step_leaves_nothing(options, monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("stylecam.training.train.content_loader", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(options)
    assert not options.output.exists()


def test_only_the_same_run_can_be_resumed(options, content_folder, shared_painting):
    train(options, should_stop=_stop_after(1))
    resumed = replace(options, resume=True)
    with pytest.raises(OptionsError, match="--resume"):
        train(options)
    with pytest.raises(OptionsError, match=r"style_weight = 6.0, not 9.0"):
        train(replace(resumed, style_weight=9.0))
    with pytest.raises(OptionsError, match="other painting"):
        train(replace(resumed, painting=shared_painting))
    with pytest.raises(OptionsError, match="other content pictures"):
        train(replace(resumed, content=content_folder / "deeper"))
    with pytest.raises(CheckpointError, match="there is no checkpoint"):
        train(replace(resumed, output=options.output / "elsewhere"))
    with pytest.raises(OptionsError, match="another kind: train it with --network transform"):
        train(replace(resumed, **TEXTURE))


@pytest.fixture
def shared_painting(tmp_path):
    path = tmp_path / "another.png"
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 256, (70, 70, 3), np.uint8))
    return path


def test_a_checkpoint_without_the_optimizer_cannot_be_resumed(options):
    path = train(options, should_stop=_stop_after(1))
    checkpoint = load_checkpoint(path)
    checkpoint.optimizer.clear()
    save_checkpoint(path, checkpoint)
    with pytest.raises(CheckpointError, match="cannot be resumed"):
        train(replace(options, resume=True))


def test_broken_pictures_are_skipped_and_counted(options, tmp_path):
    folder = tmp_path / "content"
    folder.mkdir()
    for n in range(5):
        cv2.imwrite(str(folder / f"{n}.png"), np.full((70, 80, 3), 50 * n, np.uint8))
    for n in range(2):
        (folder / f"broken{n}.jpg").write_bytes(b"nothing")
    records = []
    checkpoint = train(replace(options, content=folder), records.append)
    assert records[-1].unreadable in (1, 2)  # one of the seven validates, maybe a broken one
    assert len(load_checkpoint(checkpoint).training["unreadable"]) == records[-1].unreadable


@pytest.mark.parametrize("workers", [0, 1])
def test_only_broken_pictures_are_one_sentence(options, tmp_path, workers):
    folder = tmp_path / "content"
    folder.mkdir()
    for n in range(3):
        (folder / f"{n}.jpg").write_bytes(b"nothing")
    with pytest.raises(PictureError, match="none of the pictures in") as error:
        train(replace(options, content=folder, workers=workers))
    assert "\n" not in str(error.value)
    assert not options.output.exists()


def test_an_unreadable_validation_photo_does_not_cost_the_training(options, monkeypatch):
    def none(*args):
        raise PictureError("none")

    monkeypatch.setattr("stylecam.training.train.validate", none)
    assert load_checkpoint(train(replace(options, steps=1))).training["metrics"] == {}


def test_paintings_that_cannot_be_learnt_from(options, tmp_path):
    path = tmp_path / "p.png"
    path.write_text("no picture")
    with pytest.raises(PictureError, match="no picture"):
        train(replace(options, painting=path))
    cv2.imwrite(str(path), np.zeros((3000, 20, 3), np.uint8))
    with pytest.raises(PictureError, match="20x3000"):
        train(replace(options, painting=path))
    cv2.imwrite(str(path), np.zeros((60, 60, 3), np.uint8))
    with pytest.raises(PictureError, match="after --crop"):
        train(replace(options, painting=path, crop=0.3))
    assert not options.output.exists()


def test_bad_vgg_weights_leave_nothing(options, tmp_path):
    with pytest.raises(VGGWeightsError, match="there is no"):
        train(replace(options, vgg_weights=tmp_path / "none.pth"))
    assert not options.output.exists()


def test_an_impossible_network_and_a_missing_device_are_said(options):
    with pytest.raises(OptionsError, match="three stages"):
        train(replace(options, channels=(8, 8)))
    if not torch.cuda.is_available():
        with pytest.raises(OptionsError, match="--device cpu"):
            train(replace(options, device="cuda"))


def test_a_place_that_is_no_folder_is_said_before_the_work(options):
    options.output.write_text("a file")
    with pytest.raises(StylecamError, match="cannot write the run's folder"):
        train(options)
    with pytest.raises(StylecamError, match="cannot write the run's folder"):
        train(replace(options, output=options.output / "below"))


def test_a_full_disk_is_one_sentence_and_keeps_the_last_checkpoint(options, monkeypatch):
    def fill(record):
        if record.step == 3:
            monkeypatch.setattr("stylecam.training.run_folder.save_checkpoint", full_disk)

    def full_disk(*args):
        raise OSError(28, "No space left on device")

    with pytest.raises(StylecamError, match=r"cannot write the run's folder .*: No space left on device"):
        train(options, fill)
    assert load_checkpoint(options.output / "checkpoint.safetensors").training["step"] == 2


def test_previews_that_cannot_be_written_are_one_sentence(options):
    options.output.mkdir()
    (options.output / "previews").write_text("in the way")
    with pytest.raises(StylecamError, match="cannot write the run's folder"):
        train(options)
    assert load_checkpoint(options.output / "checkpoint.safetensors").training["step"] == 2


def test_a_loss_that_explodes_stops_and_keeps_the_last_checkpoint(options, monkeypatch):
    def exploding(record):
        if record.step == 2:
            monkeypatch.setattr("stylecam.training.objective.total_variation", lambda x: x.sum() * float("nan"))

    with pytest.raises(OptionsError, match="step 3: lower --learning-rate"):
        train(replace(options, tv_weight=1.0), exploding)
    assert load_checkpoint(options.output / "checkpoint.safetensors").training["step"] == 2


def test_the_same_seed_gives_the_same_network_and_leaves_the_callers_random_state(options):
    state = torch.get_rng_state()
    paths = [train(replace(options, steps=1, seed=s, output=options.output / str(n))) for n, s in enumerate((1, 1, 2))]
    assert torch.equal(torch.get_rng_state(), state)
    a, b, c = (load_checkpoint(path).network.state_dict() for path in paths)
    assert all(torch.equal(a[k], b[k]) for k in a)
    assert any(not torch.equal(a[k], c[k]) for k in a)


def test_learning_rate_warms_up_and_falls_to_a_hundredth():
    rates = [learning_rate_at(step, 1000, 1.0) for step in range(1000)]
    assert rates[0] == pytest.approx(1 / 50)
    assert max(rates) == rates[49] == 1.0
    assert rates[50:] == sorted(rates[50:], reverse=True)
    assert rates[-1] == pytest.approx(0.01, abs=1e-4)
    assert learning_rate_at(0, 1, 1.0) == 1.0


def test_a_constant_learning_rate():
    assert {learning_rate_at(step, 400, 2e-3, "constant") for step in (0, 10, 399)} == {2e-3}


def test_the_stability_loss_is_that_of_the_batch_as_one_picture(options):
    """Its size is that of the batch, so that what is far from every edge counts too."""
    seen = {}
    for mosaic in (True, False):
        records = []
        train(replace(options, mosaic=mosaic, steps=1, output=options.output / str(mosaic)), records.append)
        seen[mosaic] = records[0]
    assert seen[True].stability != seen[False].stability
    assert (seen[True].content, seen[True].style) == (seen[False].content, seen[False].style)


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


@pytest.mark.parametrize("changes", [{"tier": "full"}, {"tier": "fast"}, TEXTURE], ids=["full", "fast", "texture"])
def test_bfloat16_computes_but_the_weights_stay_float32(options, changes):
    records = []
    options = replace(options, **changes, steps=3)
    checkpoint = load_checkpoint(train(replace(options, precision="bf16"), records.append))
    assert {v.dtype for v in checkpoint.network.state_dict().values()} == {torch.float32}
    exact = []
    train(replace(options, precision="float32", output=options.output / "exact"), exact.append)
    assert records[0].total == pytest.approx(exact[0].total, rel=0.05)
    assert records[0].total != exact[0].total


def test_with_the_real_vgg_a_few_steps_lower_the_loss(options, shared):
    records = []
    real = replace(
        options,
        painting=shared / "styles" / "hokusai.jpg",
        content=shared / "content",
        vgg_weights=shared / "vgg" / "vgg16_features.safetensors",
        steps=6,
        learning_rate=5e-3,
        stability_weight=0.0,
    )
    train(real, records.append)
    # The style weight rises meanwhile: compare the losses themselves.
    assert records[-1].content + records[-1].style < records[0].content + records[0].style


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


@pytest.mark.parametrize("asked", [{"norm": "batch"}, {"tier": "full"}, {"channels": (8, 8, 24)}, {"blocks": 2}])
def test_a_network_is_trained_on_as_it_is(options, tmp_path, asked):
    """Else the recipe in the checkpoint would tell of a network that was never trained."""
    first = train(replace(options, steps=1))
    (name,) = asked
    with pytest.raises(OptionsError, match=f"holds a network with {name} .*, not .*: train it on with its own"):
        train(replace(options, output=tmp_path / "second", start_from=first, **asked))


def test_a_stopped_run_leaves_its_last_picture(options):
    train(replace(options, preview_every=100), should_stop=_stop_after(2))
    assert [path.name for path in (options.output / "previews").iterdir()] == ["step-000002.png"]


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


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")]
)
def test_too_little_memory_is_a_sentence(options, monkeypatch, error):
    monkeypatch.setattr("stylecam.training.train.Objective.__call__", lambda *_: (_ for _ in ()).throw(error))
    with pytest.raises(StylecamError, match="not enough memory for this training: lower --batch, --size or"):
        train(options)


def test_what_cannot_fit_is_refused_before_the_work(options):
    with pytest.raises(StylecamError, match=r"needs about \d+ GB of memory, \d+ are free: lower --batch"):
        train(replace(options, batch=1024, size=2048))
    assert not options.output.exists()


def test_a_start_from_nothing_is_refused(options, tmp_path):
    with pytest.raises(CheckpointError, match="no checkpoint"):
        train(replace(options, start_from=tmp_path / "none.safetensors"))


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
    assert set(training["metrics"]) == {"style", "content", "photos"}


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
