"""MFCC, and length and loudness: against NumPy and SciPy, and what must not change them."""

import numpy as np
import pytest
from scipy.fft import dct

from handful.encoders.loudness import Loudness
from handful.encoders.mfcc import Mfcc
from handful.encoders.spectra import FLOOR, mel_bands

RATE_HZ = 8000


def noise(seconds=0.7, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * RATE_HZ)).astype(np.float32)


def coefficients(wave):
    """MFCC by NumPy and SciPy, (n_frames, 20)."""
    level = wave - wave.mean()
    level = np.pad(level / np.abs(level).max(), 128)
    frames = np.lib.stride_tricks.sliding_window_view(level, 256)[::80]
    window = np.hanning(257)[:-1]
    power = np.abs(np.fft.rfft(frames * window / window.sum())) ** 2
    bands = mel_bands(rate_hz=RATE_HZ, length=256, n_mels=40)
    return dct(10 * np.log10(power @ bands.T + FLOOR), norm="ortho")[:, :20]


def test_statistics_are_numpys():
    wave = noise()
    expected = coefficients(wave)
    found = Mfcc(RATE_HZ).transform([wave])[0][:160].reshape(8, 20)
    assert found[0] == pytest.approx(expected.mean(axis=0), abs=0.01)
    assert found[1] == pytest.approx(expected.std(axis=0), abs=0.01)
    assert found[2] == pytest.approx(np.diff(expected, axis=0).std(axis=0), abs=0.01)
    quantiles = np.quantile(expected, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0, method="nearest")
    assert found[3:] == pytest.approx(quantiles, abs=0.01)


def test_the_course_tells_the_order_that_statistics_cannot():
    low, high = (np.sin(2 * np.pi * hz * np.arange(4000) / RATE_HZ) for hz in (300, 2500))
    there, back = (np.concatenate(p).astype(np.float32) for p in ((low, high), (high, low)))
    encoder = Mfcc(RATE_HZ)
    one, other = encoder.transform([there, back])
    statistics, course = encoder.views["statistics"], encoder.views["course"]
    assert np.abs(one[statistics] - other[statistics]).mean() < 1
    assert np.abs(one[course] - other[course]).mean() > 5
    steps = one[course].reshape(12, 13), other[course].reshape(12, 13)
    assert steps[0] == pytest.approx(steps[1][::-1], abs=3)


def test_the_course_begins_where_the_sound_does():
    word = noise(0.4) * np.hanning(int(0.4 * RATE_HZ)).astype(np.float32)
    hush = np.zeros(int(0.6 * RATE_HZ), np.float32)
    encoder = Mfcc(RATE_HZ)
    some = [word, np.concatenate([hush, word]), np.concatenate([word, hush])]
    courses = [row[encoder.views["course"]] for row in encoder.transform(some)]
    spread = np.std(courses[0])
    assert np.abs(courses[1] - courses[0]).mean() < 0.1 * spread
    assert np.abs(courses[2] - courses[0]).mean() < 0.1 * spread


@pytest.mark.parametrize("gain", [0.01, 3.0])
def test_mfcc_do_not_depend_on_loudness(gain):
    one, other = Mfcc(RATE_HZ).transform([noise(), gain * noise()])
    assert one == pytest.approx(other, abs=0.05)


@pytest.mark.parametrize("wave", [np.zeros(400), np.full(4000, 0.5), np.eye(1, 9000)[0]])
@pytest.mark.parametrize("encoder", [Mfcc(RATE_HZ), Loudness(RATE_HZ)])
def test_silence_offsets_and_clicks_give_numbers(wave, encoder):
    features = encoder.transform([wave.astype(np.float32)])
    assert features.shape == (1, encoder.width)
    assert np.isfinite(features).all()


def test_length_and_loudness_in_closed_form():
    wave = 0.5 * np.sin(2 * np.pi * 100 * np.arange(2 * RATE_HZ) / RATE_HZ + 0.1)
    found = Loudness(RATE_HZ).transform([wave.astype(np.float32)])[0]
    decibels = 20 * np.log10([0.5 / np.sqrt(2), 0.5])
    evenness = 2 * np.sqrt(2) / np.pi  # mean of |sin| beside its root mean square
    expected = [np.log(2), *decibels, 2 * 100 / RATE_HZ, evenness]
    assert found == pytest.approx(expected, abs=0.01)


def test_keys_tell_rates_apart():
    keys = {make(rate).key for make in (Mfcc, Loudness) for rate in (8000, 16_000)}
    assert len(keys) == 4
