"""The resizes in the graph against Pillow's bilinear filter."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from handful.encoders.resizing import write_fitting_resize, write_resize
from handful.encoders.runtimes import open_session
from handful.graphs import Graph
from made_photos import packaged

ONE_LEVEL = 1.01  # Pillow rounds twice, half a level an axis; the rest is float32


@cache
def session(write, size_px):
    graph = Graph("resize")
    samples = graph.input("pixels", np.uint8, ["n", "height", "width", 3])
    graph.output(write(graph, samples, size_px), "out", np.float32, ["n", 3, "h", "w"])
    return open_session(graph.model().SerializeToString(), threads=1)


def resize(pixels, size_px, write=write_resize):
    """By the graph, as float32 (height, width, 3)."""
    return session(write, size_px).run(None, {"pixels": pixels[None]})[0][0].transpose(1, 2, 0)


def by_pillow(pixels, width_px, height_px):
    small = Image.fromarray(pixels).resize((width_px, height_px), Image.Resampling.BILINEAR)
    return np.asarray(small, np.float32)


@pytest.mark.parametrize("size_px", [16, 224, 380])
@pytest.mark.parametrize("name", ["china", "cat", "rocket"])
def test_photos_equal_pillow_within_one_grey_level(name, size_px):
    pixels = np.asarray(packaged(name))
    assert np.abs(resize(pixels, size_px) - by_pillow(pixels, size_px, size_px)).max() <= ONE_LEVEL


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.sampled_from([1, 7, 16, 33]), st.integers(0, 99))
def test_noise_of_any_shape_equals_pillow_within_one_grey_level(height, width, size_px, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    assert np.abs(resize(pixels, size_px) - by_pillow(pixels, size_px, size_px)).max() <= ONE_LEVEL


def test_one_grey_level_everywhere_stays_it():
    found = resize(np.full((31, 77, 3), 200, np.uint8), 16)
    assert found == pytest.approx(np.full((16, 16, 3), 200.0), abs=1e-3)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (640, 640, (224, 224)),
        (640, 480, (256, 192)),  # 224 x sqrt(4 / 3) = 258.7 = 8.1 steps of 32; 194 = 6.06
        (480, 640, (192, 256)),
        (1920, 1080, (288, 160)),  # 298.7 = 9.3 steps; 168 = 5.25
        (30, 20, (288, 192)),  # small photos are enlarged: 274 = 8.57 steps; 182.9 = 5.7
        (3000, 10, (448, 128)),  # at most four to one: 448 = 14 steps; 112 = 3.5, to even
        (1, 1, (224, 224)),
        (1, 5000, (128, 448)),
    ],
)
def test_the_shape_is_kept_in_steps_of_32(width, height, expected):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    found = resize(pixels, 224, write_fitting_resize)
    assert found.shape[1::-1] == expected
    assert np.abs(found - by_pillow(pixels, *expected)).max() <= ONE_LEVEL


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 400), st.integers(1, 400))
def test_no_shape_takes_much_more_or_less_than_its_share(width, height):
    found = resize(np.zeros((height, width, 3), np.uint8), 224, write_fitting_resize)
    sides = np.array(found.shape[:2])
    assert (sides % 32 == 0).all()
    assert (sides >= 96).all()
    assert 0.7 < sides.prod() / 224**2 < 1.3
    if max(width, height) <= 4 * min(width, height):
        assert abs(np.log(sides[1] / sides[0]) - np.log(width / height)) < 0.32
