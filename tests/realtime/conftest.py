"""Fixtures for the tests of the camera, video and picture tools."""

import pytest
from PIL import Image

from ..pictures import smooth


@pytest.fixture
def photo():
    """A picture in which every corner differs."""
    return Image.fromarray(smooth())
