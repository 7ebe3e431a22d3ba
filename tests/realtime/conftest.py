"""Fixtures for the tests of the camera, video and picture tools."""

import pytest
from PIL import Image

from stylecam.models.catalog import StyleCatalog
from stylecam.realtime.cli import main
from stylecam.realtime.painting.loaded_styles import LoadedStyles
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.sources.camera_option import open_source

from ..pictures import smooth
from ..virtual_cameras import fake_pyvirtualcam


@pytest.fixture
def photo():
    """A picture in which every corner differs."""
    return Image.fromarray(smooth())


@pytest.fixture
def styles(tmp_path, make_style):
    """Two exact styles, loaded: `negative`, the chosen one, and `same`."""
    folder = tmp_path / "styles"
    folder.mkdir()
    make_style(folder / "negative.onnx", name="negative")
    make_style(folder / "same.onnx", name="same", op="identity")
    catalog = StyleCatalog([folder])
    with LoadedStyles(catalog.names, "negative", lambda name: Stylizer.load(name, catalog=catalog)) as styles:
        assert styles.wait(30)
        yield styles


@pytest.fixture
def convert(style_folder, capsys):
    """convert(source, target, *options) -> (exit code, what was said on stderr)."""

    def run(source, target, *options, style="same"):
        if "/" not in style:
            style = ",".join(str(style_folder / f"{name}-fast.onnx") for name in style.split(","))
        code = main(["convert", str(source), "-o", str(target), "--style", style, *map(str, options)])
        return code, capsys.readouterr().err

    return run


@pytest.fixture
def source_of():
    """source_of(path): a film as the live command opens it."""
    return lambda path: open_source(str(path))


@pytest.fixture
def virtual_cameras(monkeypatch):
    """The virtual cameras that were opened, in the place of pyvirtualcam's."""
    return fake_pyvirtualcam(monkeypatch)
