"""Fixtures for the tests of the camera, video and picture tools."""

import pytest
from PIL import Image

from stylecam.models.catalog import StyleCatalog
from stylecam.realtime.rack import StyleRack
from stylecam.realtime.stylizer import Stylizer

from ..pictures import smooth


@pytest.fixture
def photo():
    """A picture in which every corner differs."""
    return Image.fromarray(smooth())


@pytest.fixture
def rack(tmp_path, make_style):
    """Two exact styles, loaded: `negative`, the chosen one, and `same`."""
    folder = tmp_path / "styles"
    folder.mkdir()
    make_style(folder / "negative.onnx", name="negative")
    make_style(folder / "same.onnx", name="same", op="identity")
    catalog = StyleCatalog([folder])
    with StyleRack(catalog.names, "negative", lambda name: Stylizer.load(name, catalog=catalog)) as rack:
        assert rack.wait(30)
        yield rack
