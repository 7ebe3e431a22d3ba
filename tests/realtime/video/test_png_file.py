"""Pictures written as PNG: exact, and whole or not at all."""

import os

import numpy as np
import pytest

from stylecam.models.errors import RecordError
from stylecam.realtime.video.libraries import cv2
from stylecam.realtime.video.png_file import save_png


def _picture(value, size=(64, 48)):
    picture = np.full((size[1], size[0], 3), value, np.uint8)
    picture[: size[1] // 2] = 255 - value
    return picture


def test_png_is_exact(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (33, 45, 3), np.uint8)
    save_png(tmp_path / "a.png", picture)
    assert (cv2.imread(os.fspath(tmp_path / "a.png")) == picture).all()


def test_an_interrupted_png_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(source, target):
        assert list(tmp_path.iterdir()) == [source]
        raise KeyboardInterrupt

    monkeypatch.setattr("stylecam.realtime.common.whole_files.os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save_png(tmp_path / "a.png", _picture(1))
    assert list(tmp_path.iterdir()) == []


def test_png_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(RecordError, match="cannot save"):
        save_png(tmp_path / "none" / "a.png", _picture(1))
