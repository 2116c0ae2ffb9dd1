"""Rhythms: against sums written out, and against waves of known length."""

import numpy as np
import pytest

from handful.detectors.periods import (
    FINER,
    autocorrelation,
    find_period,
    likeness_to_neighbours,
    mean_around,
    near_period,
    peaks,
)


def wave(period, n=200, phases=(0.0, 1.0, 2.5)):
    t = np.arange(n)[:, None]
    return np.sin(2 * np.pi * (t / period + np.array(phases)))


def test_autocorrelation_at_whole_slots_is_the_cosine_of_what_overlaps():
    flows = np.random.default_rng(0).normal(size=(50, 4))
    found = autocorrelation(flows, 30)
    for lag in range(31):
        early, late = flows[: 50 - lag].ravel(), flows[lag:].ravel()
        expected = early @ late / np.sqrt((early @ early) * (late @ late))
        assert found[lag * FINER] == pytest.approx(expected, abs=1e-12)


def test_what_stands_still_is_like_nothing():
    assert not autocorrelation(np.zeros((40, 3)), 20).any()
    assert find_period(np.zeros((40, 3)), 4, 100) is None


@pytest.mark.parametrize("period", [4.5, 5.0, 7.5, 11.3, 30.0, 66.7, 100.0])
def test_the_period_of_a_wave(period):
    found = find_period(wave(period, n=360), 4.5, 150)
    assert found.length == pytest.approx(period, rel=0.02)
    assert found.likeness > 0.95


def test_noise_has_no_rhythm():
    noise = np.random.default_rng(1).normal(size=(360, 40))
    assert find_period(noise, 4.5, 150).likeness < 0.2


def test_every_second_beat_being_stronger_does_not_double_the_period():
    t = np.arange(360)
    flows = wave(20, n=360) * np.where(t // 20 % 2, 1.0, 0.8)[:, None]
    assert find_period(flows, 4.5, 150).length == pytest.approx(20, rel=0.02)


def test_two_halves_that_differ_are_one_repetition():
    flows = np.hstack([wave(40, n=360), 0.7 * wave(20, n=360)])
    assert find_period(flows, 4.5, 150).length == pytest.approx(40, rel=0.02)


def test_a_stretch_has_its_own_period_near_the_common_one():
    assert near_period(wave(22, n=120), 20).length == pytest.approx(22, rel=0.03)


def test_peaks_lie_on_the_parabola():
    x = np.arange(40) / FINER
    lags, heights = peaks(3 - (x - 5.1) ** 2, 1, 9)
    assert lags == pytest.approx([5.1])
    assert heights == pytest.approx([3])


def test_only_what_repeats_is_like_its_neighbours():
    flows = np.concatenate([wave(20, n=100), np.random.default_rng(2).normal(size=(100, 3))])
    likeness = likeness_to_neighbours(flows, 20)
    assert likeness[10:80].min() > 0.9
    assert likeness[130:].max() < 0.6


def test_means_at_the_ends_are_of_what_is_there():
    values = np.arange(10.0)
    assert mean_around(values, 5)[[0, 5, 9]] == pytest.approx([1, 5, 8])
