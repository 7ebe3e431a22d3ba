"""Training: what a run leaves behind, and that it resumes exactly."""

import base64
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from stylecam.models.checkpoint import load_checkpoint, save_checkpoint
from stylecam.models.errors import CheckpointError, OptionsError
from stylecam.training.device import make_fabric
from stylecam.training.train import train

from ..training_runs import TEXTURE, rows, stop_after


def test_a_run_leaves_checkpoint_metrics_plot_and_previews(options):
    records = []
    checkpoint = train(options, records.append)
    assert [r.step for r in records] == [1, 2, 3, 4, 5, 6]
    assert all(np.isfinite((r.total, r.content, r.style, r.tv, r.stability)).all() for r in records)
    last = records[-1]
    assert last.seconds_left == 0
    assert last.pictures_per_second > 0
    weighted = last.content + last.style_weight * last.style + options.stability_weight * last.stability
    weighted += options.grid_weight * last.grid + options.swd_weight * last.swd
    assert last.total == pytest.approx(weighted, rel=1e-4)

    table = rows(options)
    assert [int(row["step"]) for row in table] == [1, 2, 3, 4, 5, 6]
    assert float(table[2]["style"]) == pytest.approx(records[2].style, rel=1e-4)
    left = sorted(str(p.relative_to(options.output)) for p in options.output.rglob("*") if p.is_file())
    previews = ["previews/step-000003.png", "previews/step-000006.png"]
    assert left == ["checkpoint.safetensors", "loss.png", "metrics.csv", *previews]
    assert cv2.imread(str(options.output / "loss.png")) is not None
    assert cv2.imread(str(options.output / previews[0])).shape[0] == 2 * options.size  # photos above, paintings below

    training = load_checkpoint(checkpoint).training
    assert training["step"] == 6
    assert training["recipe"] == options.recipe()
    assert set(training["metrics"]) == {"content", "style", "swd", "sharp", "photos"}
    thumbnail = cv2.imdecode(np.frombuffer(base64.b64decode(training["painting_thumbnail"]), np.uint8), 1)
    assert max(thumbnail.shape) == 160


def test_the_painting_is_learnt_as_the_recipe_prepares_it(options):
    distances = []
    for setting in ({}, {"style_size": 80}, {"crop": 0.1}, {"speckle": 3}, {"spots": 9}, {"flatten": 200}):
        output = options.output / "-".join(("run", *setting))
        train(replace(options, steps=1, output=output, **setting), lambda record: distances.append(record.style))
    assert len(set(distances)) == 6


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
    train(broken, should_stop=stop_after(3))
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
    for one, other in zip(rows(straight), rows(broken), strict=True):
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
    assert [int(row["step"]) for row in rows(options)] == [1, 2, 3, 4, 5, 6]


def test_resuming_a_finished_run_does_nothing(options):
    checkpoint = train(replace(options, steps=1))
    before = checkpoint.read_bytes()
    records = []
    assert train(replace(options, steps=1, resume=True), records.append) == checkpoint
    assert records == []
    assert checkpoint.read_bytes() == before


def test_only_the_same_run_can_be_resumed(options, content_folder, shared_painting):
    train(options, should_stop=stop_after(1))
    resumed = replace(options, resume=True)
    with pytest.raises(OptionsError, match="--resume"):
        train(options)
    with pytest.raises(OptionsError, match=r"style_weight = 4.0, not 9.0"):
        train(replace(resumed, style_weight=9.0))
    with pytest.raises(OptionsError, match="other painting"):
        train(replace(resumed, painting=shared_painting))
    with pytest.raises(OptionsError, match="other content pictures"):
        train(replace(resumed, content=content_folder / "deeper"))
    with pytest.raises(CheckpointError, match="no checkpoint"):
        train(replace(resumed, output=options.output / "elsewhere"))
    with pytest.raises(OptionsError, match="another kind: train it with --network transform"):
        train(replace(resumed, **TEXTURE))


def test_a_run_is_not_resumed_with_another_vgg(options, vgg_file, tmp_path):
    path = train(options, should_stop=stop_after(1))
    weights = load_file(vgg_file)
    save_file({name: value * 1.1 for name, value in weights.items()}, tmp_path / "other.safetensors")
    with pytest.raises(OptionsError, match="other VGG weights: give the same --vgg-weights"):
        train(replace(options, resume=True, vgg_weights=tmp_path / "other.safetensors"))
    train(replace(options, resume=True))
    assert load_checkpoint(path).training["data"]["vgg"] > 0
    with pytest.raises(OptionsError, match="other VGG weights"):  # finished, there is nothing more to do
        train(replace(options, resume=True, vgg_weights=tmp_path / "other.safetensors"))


def test_a_setting_that_did_not_exist_yet_counts_as_what_was_done(options):
    options = replace(options, frame=options.size, stability_unit="painting")
    path = train(options, should_stop=stop_after(1))
    checkpoint = load_checkpoint(path)
    for setting in ("frame", "clip", "stability_unit"):
        del checkpoint.training["recipe"][setting]
    save_checkpoint(path, checkpoint)
    others = (
        ({"frame": 2 * options.size}, f"frame = {options.size}"),
        ({"clip": 1.0}, r"clip = 10\.0"),
        ({"stability_unit": "picture"}, "stability_unit = painting"),
    )
    for changes, was in others:
        with pytest.raises(OptionsError, match=f"was trained with {was}, not"):
            train(replace(options, resume=True, **changes))
    assert load_checkpoint(train(replace(options, resume=True))).training["step"] == options.steps


def test_the_vgg_is_where_the_painting_is(options, monkeypatch):
    """On a GPU too, which no test has: a device without numbers stands for it."""
    met = []

    def note(vgg, painting, forms, *, swd):
        met.append({vgg.mean.device.type, painting.device.type, *(p.device.type for p in vgg.parameters())})
        raise KeyboardInterrupt

    fabric = make_fabric("cpu")
    monkeypatch.setattr(type(fabric), "device", property(lambda self: torch.device("meta")))
    monkeypatch.setattr(fabric, "setup", lambda *objects: objects)
    monkeypatch.setattr("stylecam.training.train.make_fabric", lambda device: fabric)
    monkeypatch.setattr("stylecam.training.train.PerceptualLoss", note)
    with pytest.raises(KeyboardInterrupt):
        train(options)
    assert met == [{"meta"}]


@pytest.fixture
def shared_painting(tmp_path):
    path = tmp_path / "another.png"
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 256, (70, 70, 3), np.uint8))
    return path


def test_a_checkpoint_without_the_optimizer_cannot_be_resumed(options):
    path = train(options, should_stop=stop_after(1))
    checkpoint = load_checkpoint(path)
    checkpoint.optimizer.clear()
    save_checkpoint(path, checkpoint)
    with pytest.raises(CheckpointError, match="cannot be resumed"):
        train(replace(options, resume=True))


def test_the_same_seed_gives_the_same_network_and_leaves_the_callers_random_state(options):
    state = torch.get_rng_state()
    paths = [train(replace(options, steps=1, seed=s, output=options.output / str(n))) for n, s in enumerate((1, 1, 2))]
    assert torch.equal(torch.get_rng_state(), state)
    a, b, c = (load_checkpoint(path).network.state_dict() for path in paths)
    assert all(torch.equal(a[k], b[k]) for k in a)
    assert any(not torch.equal(a[k], c[k]) for k in a)


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


def test_a_stopped_run_leaves_its_last_picture(options):
    train(replace(options, preview_every=100), should_stop=stop_after(2))
    assert [path.name for path in (options.output / "previews").iterdir()] == ["step-000002.png"]
