"""Fixtures of the tests that paint."""

import shutil

import pytest

from stylecam.models.catalog import BUNDLED


@pytest.fixture
def scream_without_full(tmp_path, monkeypatch):
    """The catalog has three painters: hokusai and udnie in both tiers, scream in tier fast alone."""
    for name in ("hokusai-fast", "hokusai-full", "udnie-fast", "udnie-full", "scream-fast"):
        shutil.copy(BUNDLED / f"{name}.onnx", tmp_path)
    monkeypatch.setattr("stylecam.models.catalog.BUNDLED", tmp_path)
