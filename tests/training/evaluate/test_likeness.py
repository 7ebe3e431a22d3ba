"""The likeness of pictures whose distance from painting and photo is known."""

import dataclasses
import functools
import json
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest
import torch

from stylecam.models.checkpoint import load_checkpoint
from stylecam.realtime.commands.evaluate import evaluate_command
from stylecam.training.data import find_pictures, split
from stylecam.training.evaluate import evaluation_data
from stylecam.training.evaluate.evaluation_data import LINES, load_vgg, read_photos
from stylecam.training.evaluate.likeness import Likeness, Target, sharpness
from stylecam.training.evaluate.validation import validate, validate_texture
from stylecam.training.train import train

from ...commands import invoke
from ...conftest import REPOSITORY


@pytest.fixture(scope="module")
def target(vgg_file, painting_file):
    return Target.read(load_vgg(vgg_file, "cpu"), painting_file)


@pytest.fixture
def photo(target):
    """Of the painting's size."""
    coarse = np.random.default_rng(5).uniform(0, 255, (8, 10, 3)).astype(np.float32)
    size = target.scan.shape[1::-1]
    return np.clip(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), 0, 255).astype(np.uint8)


def test_the_painting_is_like_itself_and_the_photo_keeps_its_content(target, photo):
    painting = target.likeness(target.scan, photo)
    assert painting[1:] == pytest.approx((0, 0, 1), abs=1e-6)
    assert painting.content > 0
    same = target.likeness(photo, photo)
    assert same.content == 0
    assert min(same.style, same.swd) > 0


def test_the_order_of_the_pixels_is_no_matter_of_style(target, photo):
    """A mirrored painting has other features at its edges alone, and as sharp lines."""
    mirrored = target.likeness(np.ascontiguousarray(target.scan[:, ::-1]), photo)
    other = target.likeness(photo, photo)
    assert mirrored.sharp == pytest.approx(1, abs=1e-6)
    assert mirrored.swd < 0.2 * other.swd


def test_a_rare_colour_is_missed_by_swd(target):
    """A picture of one colour, the painting's mean, has no stroke at all."""
    flat = np.empty_like(target.scan)
    flat[:] = target.scan.mean((0, 1)).round()
    found = target.likeness(flat, target.scan)
    assert found.swd > 0.1
    assert found.sharp == 0


def test_sharpness_is_the_variance_of_the_laplacian():
    checks = np.indices((40, 40)).sum(0)[..., None].repeat(3, -1) % 2
    # At every pixel the four neighbours differ by all of the contrast: +-4 times it.
    assert sharpness((100 * checks).astype(np.uint8)) == pytest.approx(400**2)
    assert sharpness((50 + 50 * checks).astype(np.uint8)) == pytest.approx(200**2)
    assert sharpness(np.full((40, 40, 3), 7, np.uint8)) == 0


def test_a_blurred_painting_is_not_sharp(target):
    assert target.likeness(cv2.GaussianBlur(target.scan, (0, 0), 2), target.scan).sharp < 0.1


def test_a_painting_of_one_colour_can_be_compared_with(target, photo):
    flat = Target(target.vgg, np.full_like(photo, 90))
    assert all(np.isfinite(flat.likeness(photo, photo)))


def test_the_mean_is_over_the_photos(target, photo):
    photos = [photo, photo[:40, :60]]
    each = [target.likeness(255 - p, p) for p in photos]
    assert target.mean_likeness(lambda p: 255 - p, photos) == pytest.approx(np.mean(each, axis=0))
    with pytest.raises(ValueError, match="of one size"):
        target.likeness(*photos)


class _Negative(torch.nn.Module):
    """A network of which it is known what it paints, a little beyond 0..1."""

    def __init__(self):
        super().__init__()
        self.slope = torch.nn.Parameter(torch.tensor(-1.0))

    def forward(self, x, seed=0):
        return 1 + self.slope * x


def test_a_network_is_measured_as_a_style_file_is(target, content_folder):
    files = [content_folder / "notes.txt", *find_pictures(content_folder)]
    found = validate(_Negative(), target, files, count=2, lines=96)
    photos, skipped = read_photos(files, 2, 96)
    assert skipped == files[:1]
    expected = target.mean_likeness(lambda photo: 255 - photo, photos)
    assert found == {**{k: pytest.approx(v, abs=1e-4) for k, v in expected._asdict().items()}, "photos": 2}
    assert list(found) == [*Likeness._fields, "photos"]


def test_a_texture_has_a_style_alone(target):
    white = validate_texture(_Negative(), target, 64)
    assert white == {
        "style": pytest.approx(target.style(np.full((64, 64, 3), 255, np.uint8)), abs=1e-4),
        "textures": 16,
    }


def test_a_training_measures_against_the_scan_whatever_it_learnt_from(options):
    """One step of the same network at next to no learning rate: the same figures, however the painting is prepared."""
    found = []
    for number, setting in enumerate(({}, {"style_size": 200, "crop": 0.1, "flatten": 60})):
        output = options.output / str(number)
        chosen = dataclasses.replace(options, steps=1, learning_rate=1e-8, output=output, **setting)
        found.append(load_checkpoint(train(chosen)).training["metrics"])
    assert found[0] == pytest.approx(found[1], rel=1e-3)


# Runs the judge's command and prints the exact figures behind the ones that it rounds for people. Its picture of
# reference is a small one here: what it says of that is not compared. It would sort the painting anew for each picture.
_JUDGE = """
import functools, json, pathlib, re, sys
looks, stand_in = map(pathlib.Path, sys.argv[1:3])
judge = {"__file__": str(looks), "__name__": "judge"}
exec(compile(re.sub(r"(?m)^main\\(\\)$", "", looks.read_text()), str(looks), "exec"), judge)
judge["SHARED"], found = stand_in, []
judge["quantiles"] = functools.cache(judge["quantiles"])
compare = judge["Painting"].compare
def recorded(*args):
    found.append(compare(*args))
    return found[-1]
judge["Painting"].compare = recorded
sys.argv[1:] = sys.argv[3:]
judge["main"]()
print(json.dumps(sum(found[1:]).tolist()), len(found) - 1)
"""


def test_the_measures_are_those_of_the_judge(shared, tmp_path, monkeypatch):
    """The scan as it is; the photos in a fraction of the lines, the same for both: they would take most of the time."""
    judge, lines = shared / "tools" / "looks.py", 160
    assert f'"--lines", type=int, default={LINES}' in judge.read_text("utf-8")
    monkeypatch.setattr(evaluation_data, "read_photos", functools.partial(read_photos, lines=lines))
    style, painting = REPOSITORY / "models" / "styles" / "hokusai-fast.onnx", shared / "styles" / "hokusai.jpg"
    photos, stand_in = tmp_path / "photos", tmp_path / "reference"
    photos.mkdir()
    stand_in.mkdir()
    cv2.imwrite(str(stand_in / "chicago.jpg"), np.zeros((64, 64, 3), np.uint8))
    for path in split(find_pictures(shared / "photos"))[1][:3]:
        shutil.copy(path, photos)
    chosen = ("--photos", photos, "--count", 3, "--painting", painting)
    command = [sys.executable, "-c", _JUDGE, judge, tmp_path, style, *chosen, "--lines", lines]
    done = subprocess.run([str(a) for a in command], capture_output=True, text=True, check=True)
    total, count = done.stdout.splitlines()[-1].rsplit(" ", 1)
    assert count == "3"
    weights = shared / "vgg" / "vgg16_features.safetensors"
    given = ("--vgg-weights", weights, "--device", "cpu", "--only", "content,style,swd,sharp", "--json")
    (found,) = json.loads(invoke(evaluate_command, style, *chosen, *given)[1])["styles"]
    assert found["photos"] == 3
    judged = dict(zip(Likeness._fields, np.array(json.loads(total)) / 3, strict=True))
    assert {name: found[name] for name in judged} == pytest.approx(judged, rel=0.02)
