"""The resize in the graph against Pillow's bilinear filter, and raw pixels as features."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from handful.encoders.pixels import Pixels, write_resize
from handful.encoders.runtimes import open_session
from handful.graphs import Graph
from handful.pictures import Picture
from made_photos import packaged

ONE_LEVEL = 1.01  # Pillow rounds twice, half a level an axis; the rest is float32


@cache
def session(size_px):
    graph = Graph("resize")
    samples = graph.input("pixels", np.uint8, ["n", "height", "width", 3])
    graph.output(write_resize(graph, samples, size_px), "out", np.float32, ["n", 3, "h", "w"])
    return open_session(graph.model().SerializeToString(), threads=1)


def resize(pixels, size_px):
    """By the graph, as float32 (height, width, 3)."""
    return session(size_px).run(None, {"pixels": pixels[None]})[0][0].transpose(1, 2, 0)


def by_pillow(pixels, size_px):
    small = Image.fromarray(pixels).resize((size_px, size_px), Image.Resampling.BILINEAR)
    return np.asarray(small, np.float32)


@pytest.mark.parametrize("size_px", [16, 224, 380])
@pytest.mark.parametrize("name", ["china", "cat", "rocket"])
def test_photos_equal_pillow_within_one_grey_level(name, size_px):
    pixels = np.asarray(packaged(name))
    assert np.abs(resize(pixels, size_px) - by_pillow(pixels, size_px)).max() <= ONE_LEVEL


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.sampled_from([1, 7, 16, 33]), st.integers(0, 99))
def test_noise_of_any_shape_equals_pillow_within_one_grey_level(height, width, size_px, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    assert np.abs(resize(pixels, size_px) - by_pillow(pixels, size_px)).max() <= ONE_LEVEL


def test_one_grey_level_everywhere_stays_it():
    found = resize(np.full((31, 77, 3), 200, np.uint8), 16)
    assert found == pytest.approx(np.full((16, 16, 3), 200.0), abs=1e-3)


def test_features_are_the_small_pictures_pixels():
    pixels = np.asarray(packaged("coffee"))
    encoder = Pixels(8)
    features = encoder.transform([Picture(pixels, None, ""), Picture(255 - pixels, None, "")])
    expected = by_pillow(pixels, 8).transpose(2, 0, 1).ravel() / 255
    assert features.shape == (2, encoder.width)
    assert np.abs(features[0] - expected).max() <= 1 / 255
    assert np.abs(features[0] + features[1] - 1).max() < 1e-5
    assert encoder.exact() is encoder


def test_photos_of_several_sizes_go_together():
    shapes = [(10, 20), (3, 3), (64, 1)]
    pictures = [Picture(np.full((*shape, 3), 51, np.uint8), None, "") for shape in shapes]
    assert Pixels().transform(pictures) == pytest.approx(np.full((3, 768), 0.2), abs=1e-5)


def test_the_key_tells_sizes_apart():
    assert Pixels(8).key != Pixels(16).key
