"""Training: what is wrong is said in a sentence, and what was learnt is kept."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from stylecam.models.checkpoint import load_checkpoint
from stylecam.models.errors import CheckpointError, OptionsError, PictureError, StylecamError, VGGWeightsError
from stylecam.training.train import train


def test_a_run_that_ends_before_its_first_step_leaves_nothing(options, monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("stylecam.training.train.content_loader", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(options)
    assert not options.output.exists()


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

    monkeypatch.setattr("stylecam.training.finish.validate", none)
    assert load_checkpoint(train(replace(options, steps=1))).training["metrics"] == {}


def test_paintings_that_cannot_be_learnt_from(options, tmp_path):
    path = tmp_path / "p.png"
    path.write_text("no picture")
    with pytest.raises(PictureError, match="cannot be decoded as a picture"):
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
            monkeypatch.setattr("stylecam.training.losses.tv_loss.total_variation", lambda x: x.sum() * float("nan"))

    with pytest.raises(OptionsError, match="step 3: lower --learning-rate"):
        train(replace(options, tv_weight=1.0), exploding)
    assert load_checkpoint(options.output / "checkpoint.safetensors").training["step"] == 2


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")]
)
def test_too_little_memory_is_a_sentence(options, monkeypatch, error):
    monkeypatch.setattr("stylecam.training.train.Objective.__call__", lambda *_: (_ for _ in ()).throw(error))
    with pytest.raises(StylecamError, match="not enough memory for this training: lower --batch, --size, --frame or"):
        train(options)


def test_what_cannot_fit_is_refused_before_the_work(options):
    with pytest.raises(StylecamError, match=r"needs about \d+ GB of memory, but only \d+ are free: lower --batch"):
        train(replace(options, batch=1024, size=2048, frame=2048))
    with pytest.raises(StylecamError, match=r"needs about \d+ GB of memory, but only \d+ are free: lower --batch"):
        train(replace(options, batch=1024, frame=2048))
    assert not options.output.exists()


def test_a_painting_that_is_too_large_for_the_memory_is_a_sentence(options, monkeypatch):
    monkeypatch.setattr("stylecam.training.memory._available", lambda: 200_000_000)
    train(replace(options, steps=1))
    with pytest.raises(StylecamError, match=r"1 GB of memory, but only 0 are free: lower .*--style-size"):
        train(replace(options, steps=1, style_size=1024, output=options.output / "large"))


def test_a_start_from_nothing_is_refused(options, tmp_path):
    with pytest.raises(CheckpointError, match="no checkpoint"):
        train(replace(options, start_from=tmp_path / "none.safetensors"))
