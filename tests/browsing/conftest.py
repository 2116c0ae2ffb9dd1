"""A studio on drawn photos."""

import shutil

import pytest
from open_studios import open_studio


@pytest.fixture
def photos(more_shapes, tmp_path):
    """12 circles, 12 squares, 12 triangles, to be changed at will."""
    return shutil.copytree(more_shapes, tmp_path / "photos")


@pytest.fixture
def studio(photos, tmp_path):
    """A studio open on them; there is no model yet."""
    with open_studio(photos, tmp_path / "model") as opened:
        yield opened
