"""Fingerprints of photos: the hash against SciPy's cosine transform, and when and by what."""

import numpy as np
import pytest
from PIL import Image
from scipy.fft import dctn

from handful.encoders.fingerprint import N_BITS, PhotoFingerprint
from handful.pictures import Picture
from made_photos import PACKAGED, mirrored, noisy, packaged, saved_again

FINGERPRINT = PhotoFingerprint()


def prints(*images):
    return FINGERPRINT.transform([Picture(np.asarray(image), None, "") for image in images])


def bits(*images):
    return FINGERPRINT.hash_bits(prints(*images))


@pytest.mark.parametrize("name", ["china", "cat", "rocket"])
def test_the_hash_is_the_signs_of_the_lowest_frequencies(name):
    """scipy's DCT differs by a factor for each row and column, which the first row shares."""
    grey = packaged(name).convert("L").resize((32, 32), Image.Resampling.BOX)
    low = dctn(np.asarray(grey, float), type=2)[:8, :8].ravel()[1:]
    assert bits(packaged(name))[0].tolist() == (low > np.median(low)).tolist()
    assert len(low) == N_BITS


def test_copies_differ_in_few_bits_and_other_photos_in_many():
    photos = [packaged(name) for name in PACKAGED if "aside" not in name]
    own = bits(*photos)
    for copied in (saved_again, noisy, lambda image: image.reduce(2)):
        assert np.abs(bits(*map(copied, photos)) - own).sum(axis=1).max() <= 6
    apart = np.abs(own[:, None] - own).sum(axis=2)[np.triu_indices(len(photos), 1)]
    assert apart.min() > 10
    assert 26 < apart.mean() < 36  # chance gives 31.5


def test_the_mirrored_hash_is_nearly_that_of_the_mirrored_photo():
    photos = [packaged(name) for name in PACKAGED]
    expected = bits(*map(mirrored, photos))
    found = FINGERPRINT.mirrored_bits(prints(*photos))
    assert np.abs(found - expected).sum(axis=1).max() <= 10
    assert np.abs(bits(*photos) - expected).sum(axis=1).mean() > 20


def test_time_and_camera_survive():
    """The second of 2026-11-23 12:34:56.78 to a hundredth, though float32 holds 24 bits."""
    taken_s = 1795523696.78
    pixels = np.zeros((4, 4, 3), np.uint8)
    same, later, other, unknown = FINGERPRINT.transform([
        Picture(pixels, taken_s, "Maker One"), Picture(pixels, taken_s + 2.5, "Maker One"),
        Picture(pixels, taken_s, "Maker Two"), Picture(pixels, None, ""),
    ])  # fmt: skip
    stacked = np.stack([same, later, other, unknown])
    times = FINGERPRINT.taken_s(stacked)
    assert times[0] == pytest.approx(taken_s, abs=0.01)
    assert times[1] - times[0] == pytest.approx(2.5, abs=0.02)
    assert np.isnan(times[3])
    devices = FINGERPRINT.devices(stacked)
    assert devices[0] == devices[1] != devices[2]
    assert devices[3] == 0


def test_a_photo_of_one_colour_has_a_hash_too():
    found = prints(Image.new("RGB", (50, 20), "red"), Image.new("RGB", (1, 1), "blue"))
    assert found.shape == (2, FINGERPRINT.width)
    assert np.isfinite(FINGERPRINT.hash_bits(found)).all()
