"""Raw small pixels as features."""

import numpy as np
import pytest
from PIL import Image

from handful.encoders.pixels import Pixels
from handful.pictures import Picture
from made_photos import packaged


def test_features_are_the_small_pictures_pixels():
    pixels = np.asarray(packaged("coffee"))
    encoder = Pixels(8)
    features = encoder.transform([Picture(pixels, None, ""), Picture(255 - pixels, None, "")])
    small = Image.fromarray(pixels).resize((8, 8), Image.Resampling.BILINEAR)
    expected = np.asarray(small, np.float32).transpose(2, 0, 1).ravel() / 255
    assert features.shape == (2, encoder.width)
    assert np.abs(features[0] - expected).max() <= 1.01 / 255
    assert np.abs(features[0] + features[1] - 1).max() < 1e-5
    assert encoder.exact() is encoder


def test_photos_of_several_sizes_go_together():
    shapes = [(10, 20), (3, 3), (64, 1)]
    pictures = [Picture(np.full((*shape, 3), 51, np.uint8), None, "") for shape in shapes]
    assert Pixels().transform(pictures) == pytest.approx(np.full((3, 768), 0.2), abs=1e-5)


def test_one_view_of_all_pixels_and_no_weights():
    encoder = Pixels(4)
    assert dict(encoder.views) == {"pixels": slice(0, 48)}
    assert encoder.likeness == slice(0, 48)
    assert encoder.weight_cards() == ()


def test_the_key_tells_sizes_apart():
    assert Pixels(8).key != Pixels(16).key
