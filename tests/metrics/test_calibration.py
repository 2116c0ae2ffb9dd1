"""Reliability bins and Platt scaling against scikit-learn's."""

import numpy as np
import pytest
from sklearn.calibration import _sigmoid_calibration
from sklearn.calibration import calibration_curve as sklearn_curve

from handful.errors import InputError
from handful.metrics import Platt, calibration_curve, fit_platt

RNG = np.random.default_rng(5)


def said_and_true(n=300):
    said = RNG.random(n)
    return RNG.random(n) < said**1.5, said


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
@pytest.mark.parametrize("n_bins", [1, 2, 10, 40])
@pytest.mark.parametrize("kind", ["smooth", "tied", "ends"])
def test_curve_equals_scikit_learn(strategy, n_bins, kind):
    truth, said = said_and_true()
    said = {"smooth": said, "tied": said.round(1), "ends": said.round()}[kind]
    found = calibration_curve(truth, said, n_bins=n_bins, strategy=strategy)
    observed, predicted = sklearn_curve(truth, said, n_bins=n_bins, strategy=strategy)
    np.testing.assert_allclose(found.observed, observed, atol=1e-12)
    np.testing.assert_allclose(found.predicted, predicted, atol=1e-12)


def test_curve_counts_what_it_shows():
    truth, said = said_and_true()
    curve = calibration_curve(truth, said)
    assert (curve.counts.sum(), curve.successes.sum()) == (300, truth.sum())
    assert curve.counts.dtype == np.int64
    for low, high, n, k in zip(curve.low, curve.high, curve.counts, curve.successes, strict=True):
        inside = (said > low) & (said <= high)
        assert (n, k) == (inside.sum(), truth[inside].sum())


def test_weights_are_repetitions():
    truth, said = said_and_true(50)
    times = RNG.integers(0, 4, 50)
    weighted = calibration_curve(truth, said, sample_weight=times)
    repeated = calibration_curve(np.repeat(truth, times), np.repeat(said, times))
    np.testing.assert_allclose(weighted.predicted, repeated.predicted, atol=1e-12)
    np.testing.assert_allclose(weighted.counts, repeated.counts, atol=1e-12)


def test_no_samples_have_no_bins():
    assert len(calibration_curve(np.zeros(0, bool), np.zeros(0)).counts) == 0
    assert len(calibration_curve(np.zeros(0, bool), np.zeros(0), strategy="quantile").counts) == 0


@pytest.mark.parametrize(
    ("said", "settings", "message"),
    [
        ([0.5, 1.5], {}, "between 0 and 1"),
        ([0.5, np.nan], {}, "row 1"),
        ([0.5, 0.6], {"n_bins": 0}, "n_bins"),
        ([0.5, 0.6], {"strategy": "best"}, "strategy"),
    ],
)
def test_wrong_input_is_refused(said, settings, message):
    with pytest.raises(InputError, match=message):
        calibration_curve(np.array([0, 1]), np.array(said), **settings)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("scale", [0.01, 1, 100])
def test_platt_equals_scikit_learn(weighted, scale):
    truth, said = said_and_true()
    scores = scale * np.log(said / (1 - said)) + 3
    weights = RNG.random(300) + 0.1 if weighted else None
    found = fit_platt(truth, scores, sample_weight=weights)
    a, b = _sigmoid_calibration(scores, truth.astype(float), sample_weight=weights)
    expected = 1 / (1 + np.exp(a * scores + b))
    np.testing.assert_allclose(found.apply(scores), expected, atol=2e-4)  # its solver stops early
    assert _platt_loss(truth, found, scores, weights) <= _platt_loss(
        truth, Platt(-a, -b), scores, weights
    ) * (1 + 1e-12)


def _platt_loss(truth, platt, scores, weights):
    mass = np.ones(len(truth)) if weights is None else weights
    up, down = mass @ truth, mass @ ~truth
    targets = np.where(truth, (up + 1) / (up + 2), 1 / (down + 2))
    p = platt.apply(scores)
    return -mass @ (targets * np.log(p) + (1 - targets) * np.log1p(-p))


def test_platt_in_closed_form():
    """Two scores: the sigmoid passes through both mean targets."""
    truth = np.array([0, 0, 0, 1, 0, 1, 1, 1])
    scores = np.repeat([-1.0, 2.0], 4)
    low, high = 1 / 6, 5 / 6  # 1 / (4 + 2) and (4 + 1) / (4 + 2)
    expected = [(3 * low + high) / 4, (low + 3 * high) / 4]
    found = fit_platt(truth, scores).apply(np.array([-1.0, 2.0]))
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_platt_survives_perfect_and_equal_scores():
    perfect = fit_platt(np.array([0, 0, 1, 1]), np.array([-9.0, -8.0, 8.0, 9.0]))
    assert 0.5 < perfect.apply(np.array([8.5]))[0] < 1
    equal = fit_platt(np.array([0, 1, 1, 1]), np.full(4, 2.0))
    targets = (1 / 3 + 3 * 4 / 5) / 4
    assert equal.apply(np.array([2.0]))[0] == pytest.approx(targets, abs=1e-9)
    one_class = fit_platt(np.array([1, 1, 1]), np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(one_class.apply(np.array([1.0, 9.0])), 4 / 5, atol=1e-6)
    with pytest.raises(InputError, match="no samples"):
        fit_platt(np.zeros(0, bool), np.zeros(0))
