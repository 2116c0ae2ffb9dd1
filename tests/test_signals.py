"""Signals: every line of the standards' tables, and what independent libraries say."""

import math

import numpy as np
import pytest
from scipy import signal

from handful.signals import (
    FAST_S,
    SLOW_S,
    LevelHistogram,
    TimeWeighting,
    a_weighting_db,
    c_weighting_db,
    decibels,
    filter_spectrum,
    frames,
    hann,
    nominal_hz,
    power,
    quick_length,
    shares_of_bands,
    third_octaves_hz,
)

# IEC 61672-1:2013, table 3: nominal frequency, A, C, class 1 tolerance above and below.
INF = math.inf
TABLE = [
    (10, -70.4, -14.3, 3, INF), (12.5, -63.4, -11.2, 2.5, INF), (16, -56.7, -8.5, 2, 4),
    (20, -50.5, -6.2, 2, 2), (25, -44.7, -4.4, 2, 1.5), (31.5, -39.4, -3.0, 1.5, 1.5),
    (40, -34.6, -2.0, 1, 1), (50, -30.2, -1.3, 1, 1), (63, -26.2, -0.8, 1, 1),
    (80, -22.5, -0.5, 1, 1), (100, -19.1, -0.3, 1, 1), (125, -16.1, -0.2, 1, 1),
    (160, -13.4, -0.1, 1, 1), (200, -10.9, 0.0, 1, 1), (250, -8.6, 0.0, 1, 1),
    (315, -6.6, 0.0, 1, 1), (400, -4.8, 0.0, 1, 1), (500, -3.2, 0.0, 1, 1),
    (630, -1.9, 0.0, 1, 1), (800, -0.8, 0.0, 1, 1), (1000, 0.0, 0.0, 0.7, 0.7),
    (1250, 0.6, 0.0, 1, 1), (1600, 1.0, -0.1, 1, 1), (2000, 1.2, -0.2, 1, 1),
    (2500, 1.3, -0.3, 1, 1), (3150, 1.2, -0.5, 1, 1), (4000, 1.0, -0.8, 1, 1),
    (5000, 0.5, -1.3, 1.5, 1.5), (6300, -0.1, -2.0, 1.5, 2), (8000, -1.1, -3.0, 1.5, 2.5),
    (10000, -2.5, -4.4, 2, 3), (12500, -4.3, -6.2, 2, 5), (16000, -6.6, -8.5, 2.5, 16),
    (20000, -9.3, -11.2, 3, INF),
]  # fmt: skip
RATES_HZ = (8000, 16000, 22050, 44100, 48000, 96000)


def exact_hz(nominal):
    return 1000 * 10 ** (round(10 * math.log10(nominal / 1000)) / 10)


@pytest.mark.parametrize(("nominal", "a_db", "c_db", "above", "below"), TABLE)
def test_weightings_are_those_of_the_standard_to_its_last_digit(nominal, a_db, c_db, above, below):
    assert a_weighting_db(np.array(exact_hz(nominal))) == pytest.approx(a_db, abs=0.051)
    assert c_weighting_db(np.array(exact_hz(nominal))) == pytest.approx(c_db, abs=0.051)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_the_filter_weights_every_frequency_right_up_to_half_the_rate(rate_hz):
    """Far inside class 1: a bilinear filter would be off by 5.8 dB at 6.3 kHz and 16 kHz."""
    length = 2 * quick_length(rate_hz / 8)
    taps = np.fft.irfft(filter_spectrum(a_weighting_db, rate_hz=rate_hz, length=length))
    lines = [exact_hz(line[0]) for line in TABLE if exact_hz(line[0]) < rate_hz / 2]
    assert len(lines) >= 26
    _, response = signal.freqz(taps, worN=lines, fs=rate_hz)
    np.testing.assert_allclose(
        20 * np.log10(np.abs(response)), a_weighting_db(np.array(lines)), atol=0.2
    )


def test_overlap_save_with_the_filter_is_convolution_with_it():
    rng = np.random.default_rng(0)
    length = 400
    spectrum = filter_spectrum(a_weighting_db, rate_hz=8000, length=length)
    taps = np.fft.irfft(spectrum)[: length // 2 + 1]
    samples = rng.normal(size=2000)
    found = [
        np.fft.irfft(np.fft.rfft(frame) * spectrum)[length // 2 :]
        for frame in frames(samples, length, length // 2)
    ]
    wanted = np.convolve(samples, taps)[length // 2 :]
    np.testing.assert_allclose(np.concatenate(found), wanted[: 200 * len(found)], atol=1e-5)


def test_a_window_after_the_transform_is_a_window_before_it():
    samples = np.random.default_rng(0).normal(size=(3, 240)).astype(np.float32)
    before = np.fft.rfft(samples * signal.get_window("hann", 240))
    np.testing.assert_allclose(hann(np.fft.rfft(samples)), before, atol=2e-5)


@pytest.mark.parametrize("constant_s", [FAST_S, SLOW_S])
def test_the_needle_moves_as_an_exponential_average_does(constant_s):
    powers = np.random.default_rng(0).exponential(size=(40, 25))
    needle = TimeWeighting(step_s=0.001, constant_s=constant_s, n_steps=25)
    found = np.concatenate([needle.add(powers[:7]), needle.add(powers[7:])]).ravel()
    kept = math.exp(-0.001 / constant_s)
    np.testing.assert_allclose(found, signal.lfilter([1 - kept], [1, -kept], powers.ravel()))


@pytest.mark.parametrize(("constant_s", "fall_db"), [(FAST_S, 34.7), (SLOW_S, 4.34)])
def test_the_needle_falls_as_fast_as_the_standard_says(constant_s, fall_db):
    needle = TimeWeighting(step_s=0.01, constant_s=constant_s, n_steps=100)
    needle.add(np.ones((20, 100)))
    falling = decibels(needle.add(np.zeros((1, 100))))[0]
    assert falling[0] - falling[-1] == pytest.approx(fall_db * 0.99, abs=0.1)


def test_third_octaves_cover_each_frequency_once():
    bins_hz = np.arange(0, 24001, 4.0)
    middles = third_octaves_hz(48_000)
    shares = shares_of_bands(bins_hz, middles)
    assert len(middles) == 27
    inside = (bins_hz > 50) & (bins_hz < 22_000)
    np.testing.assert_allclose(shares[inside].sum(axis=1), 1)
    widths = shares.sum(axis=0) * 4
    np.testing.assert_allclose(widths / middles, 10**0.05 - 10**-0.05, rtol=1e-6)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_no_third_octave_reaches_beyond_half_the_rate(rate_hz):
    middles = third_octaves_hz(rate_hz)
    assert middles[-1] * 10**0.05 <= rate_hz / 2
    assert rate_hz / 2 < middles[-1] * 10**0.15 or len(middles) == 27


def test_third_octaves_go_by_the_names_of_the_standard():
    names = [line[0] for line in TABLE if line[0] >= 50]
    assert [nominal_hz(middle) for middle in third_octaves_hz(48_000)] == names


def test_percentiles_are_those_of_the_levels():
    levels = np.random.default_rng(0).normal(-40, 8, 20_000)
    histogram = LevelHistogram()
    for part in np.array_split(levels, 7):
        histogram.add(part)
    for percent in (1, 10, 50, 90, 99):
        wanted = np.percentile(levels, 100 - percent)
        assert histogram.exceeded(percent) == pytest.approx(wanted, abs=0.06)


def test_percentiles_of_nothing_and_of_silence_are_silence():
    histogram = LevelHistogram()
    assert histogram.exceeded(50) == -math.inf
    histogram.add(np.full(10, -math.inf))
    assert histogram.exceeded(50) == -math.inf


def test_levels_and_powers_are_inverse():
    levels = np.array([-200.0, -3.0, 0.0, 94.0])
    np.testing.assert_allclose(decibels(power(levels)), levels)
    assert decibels(np.array(0.0)) == -math.inf


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_frames_last_an_eighth_of_a_second_and_transform_quickly(rate_hz):
    length = quick_length(rate_hz / 8)
    assert length % 8 == 0
    assert length / rate_hz == pytest.approx(0.125, rel=0.006)
    for prime in (2, 3, 5, 7):
        while length % prime == 0:
            length //= prime
    assert length == 1
