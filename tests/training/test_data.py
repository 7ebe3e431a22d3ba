"""Content pictures: found anywhere, drawn repeatably, unreadable ones skipped and counted."""

import itertools
import os

import cv2
import numpy as np
import pytest
import torch

from stylecam.models.errors import PictureError
from stylecam.training.data import (
    ContentCrops,
    content_loader,
    find_pictures,
    read_picture,
    resize_short_side,
    split,
)
from stylecam.training.shielded import shielded_from_interrupts


def test_pictures_are_found_in_the_whole_tree(content_folder):
    found = find_pictures(content_folder)
    assert [p.name for p in found if p.parent.name == "deeper"] == [f"photo{n}.png" for n in (1, 3, 5, 7)]
    assert len(found) == 8


def test_a_folder_without_pictures_is_an_error(tmp_path):
    (tmp_path / "notes.txt").write_text("none")
    with pytest.raises(PictureError, match="has no pictures"):
        find_pictures(tmp_path)
    with pytest.raises(PictureError, match="there is no folder"):
        find_pictures(tmp_path / "missing")
    with pytest.raises(PictureError, match="there is no folder"):
        find_pictures(tmp_path / "notes.txt")


@pytest.mark.parametrize("name", ["._one.jpg", "__MACOSX/one.jpg", ".trash/one.jpg", "deep/@eaDir/one.jpg"])
def test_hidden_files_are_no_photos(tmp_path, name):
    for path in (tmp_path / ".photos" / "one.jpg", tmp_path / ".photos" / name):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert [path.name for path in find_pictures(tmp_path / ".photos")] == ["one.jpg"]  # asked for, though hidden itself


def test_split_is_by_name_and_leaves_nothing_out(tmp_path):
    pictures = [tmp_path / f"{n}.jpg" for n in range(200)]
    training, validation = split(pictures)
    assert len(validation) == 200 // 32
    assert sorted(training + validation) == sorted(pictures)
    assert split(pictures[::-1]) == (training, validation)
    assert split(pictures[:1]) == (pictures[:1], pictures[:1])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_split_takes_names_that_are_no_text(tmp_path):
    assert split([tmp_path / os.fsdecode(b"\xff\xfe.jpg")])


def test_read_picture_gives_rgb(tmp_path):
    path = tmp_path / "red.png"
    cv2.imwrite(str(path), np.full((4, 5, 3), (0, 0, 255), np.uint8))
    assert (read_picture(path) == (255, 0, 0)).all()


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xd8\xff\xe0nothing"])
def test_what_is_no_picture_is_an_error(tmp_path, content):
    path = tmp_path / "x.jpg"
    path.write_bytes(content)
    with pytest.raises(PictureError, match=r"x\.jpg"):
        read_picture(path)
    with pytest.raises(PictureError, match="cannot read"):
        read_picture(tmp_path / "none.jpg")
    with pytest.raises(PictureError, match="cannot read"):
        read_picture(tmp_path)


@pytest.mark.parametrize(("shape", "expected"), [((10, 20), (32, 64)), ((200, 100), (64, 32)), ((33, 33), (32, 32))])
def test_resize_short_side(shape, expected):
    assert resize_short_side(np.zeros((*shape, 3), np.uint8), 32).shape == (*expected, 3)


def test_samples_are_a_pure_function_of_seed_and_number(content_folder):
    pictures = find_pictures(content_folder)
    first, second, other = (ContentCrops(pictures, 64, seed) for seed in (5, 5, 6))
    for n in (0, 3, 11, 1000):
        assert torch.equal(first[n][0], second[n][0])
        assert first[n][0].shape == (3, 64, 64)
        assert first[n][0].dtype == torch.uint8
    assert any(not torch.equal(first[n][0], other[n][0]) for n in range(4))
    assert not torch.equal(first[0][0], first[8][0])  # the next epoch


def test_an_epoch_shows_every_picture_once(tmp_path):
    for n in range(6):
        cv2.imwrite(str(tmp_path / f"{n}.png"), np.full((70, 70, 3), 40 * n, np.uint8))
    crops = ContentCrops(find_pictures(tmp_path), 64, 0)
    for epoch in range(3):
        assert sorted(int(crops[6 * epoch + n][0][0, 0, 0]) for n in range(6)) == [0, 40, 80, 120, 160, 200]


def test_unreadable_pictures_are_skipped_and_named(tmp_path):
    for n in range(5):
        cv2.imwrite(str(tmp_path / f"{n}.png"), np.full((70, 70, 3), 40 * n, np.uint8))
    (tmp_path / "3.png").write_bytes(b"broken")
    samples = [ContentCrops(find_pictures(tmp_path), 64, 0)[n] for n in range(5)]
    assert sorted(number for _, number in samples) == [-1, -1, -1, -1, 3]
    assert {int(crop[0, 0, 0]) for crop, _ in samples} == {0, 40, 80, 160}


def test_only_unreadable_pictures_are_an_error(tmp_path):
    (tmp_path / "a.png").write_bytes(b"broken")
    with pytest.raises(PictureError, match="none of the content pictures"):
        ContentCrops(find_pictures(tmp_path), 64, 0)[0]


def test_extreme_shapes_stay_small(tmp_path):
    cv2.imwrite(str(tmp_path / "banner.png"), np.zeros((2, 5000, 3), np.uint8))
    assert ContentCrops(find_pictures(tmp_path), 64, 0)[0][0].shape == (3, 64, 64)


def test_workers_change_nothing(content_folder):
    crops = ContentCrops(find_pictures(content_folder), 64, 1)
    with shielded_from_interrupts():
        with_worker = list(content_loader(crops, 2, range(2, 5), workers=1))
    for (a, skipped), (b, _) in zip(with_worker, content_loader(crops, 2, range(2, 5), workers=0), strict=True):
        assert a.shape == (2, 3, 64, 64)
        assert skipped.tolist() == [-1, -1]
        assert torch.equal(a, b)


def test_processes_share_the_samples(content_folder):
    crops = ContentCrops(find_pictures(content_folder), 64, 1)
    alone = [crop for batch, _ in content_loader(crops, 4, range(3), workers=0) for crop in batch]
    ranks = [content_loader(crops, 2, range(3), 0, rank, world=2) for rank in range(2)]
    shared = [crop for batches in zip(*ranks, strict=True) for batch, _ in batches for crop in batch]
    assert all(torch.equal(a, b) for a, b in itertools.zip_longest(alone, shared))


def test_crops_of_one_batch_have_one_size_and_batches_many(content_folder):
    pictures = find_pictures(content_folder)
    crops = ContentCrops(pictures, 64, 1, frame=128, together=3)
    sides = [crops[n][0].shape[1] for n in range(60)]
    assert all(len(set(sides[n : n + 3])) == 1 for n in range(0, 60, 3))
    assert len(set(sides)) > 4
    assert all(64 <= side <= 128 and side % 8 == 0 for side in sides)
    assert {min(sides), max(sides)} <= {64, 72, 120, 128}
    again = ContentCrops(pictures, 64, 1, frame=128, together=3)
    assert all(torch.equal(crops[n][0], again[n][0]) for n in (0, 7, 59))


def test_small_photos_are_continued_as_in_a_mirror_and_not_only_enlarged(tmp_path):
    def roughness(picture):
        return np.abs(np.diff(np.asarray(picture, float), axis=-1)).mean()

    noise = np.random.default_rng(0).integers(0, 256, (3, 64, 64), np.uint8)
    cv2.imwrite(str(tmp_path / "noise.png"), noise.transpose(1, 2, 0))
    crops = ContentCrops(find_pictures(tmp_path), 64, 1, zoom=1.0, frame=256)
    large = [crop for crop, _ in (crops[n] for n in range(40)) if crop.shape[1] > 160]
    assert max(roughness(crop) for crop in large) > 0.6 * roughness(noise) > 2 * min(roughness(c) for c in large)
