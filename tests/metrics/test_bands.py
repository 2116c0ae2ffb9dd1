"""The ROC band holds the whole true curve as often as it says."""

import numpy as np
import pytest
from scipy import stats

from handful.errors import InputError
from handful.metrics import roc_band, roc_curve


@pytest.mark.parametrize(("n_positive", "n_negative"), [(10, 10), (20, 100), (200, 50)])
def test_band_holds_the_true_curve(n_positive, n_negative):
    rng = np.random.default_rng(0)
    truth = np.arange(n_positive + n_negative) < n_positive
    held = []
    for _ in range(300):
        band = roc_band(truth, rng.normal(size=len(truth)) + 1.5 * truth, confidence=0.9)
        true_curve = stats.norm.sf(stats.norm.isf(band.false_positive_rate) - 1.5)
        held.append(((band.low <= true_curve) & (true_curve <= band.high)).all())
    assert np.mean(held) >= 0.9


def test_band_holds_the_observed_curve_and_narrows():
    rng = np.random.default_rng(1)
    widths = []
    for n in (50, 5000):
        truth = np.arange(2 * n) < n
        scores = rng.normal(size=2 * n) + truth
        band, curve = roc_band(truth, scores), roc_curve(truth, scores)
        inside = np.interp(
            band.false_positive_rate, curve.false_positive_rate, curve.true_positive_rate
        )
        assert (band.low <= inside + 1e-12).all()
        assert (inside <= band.high + 1e-12).all()
        widths.append((band.high - band.low).mean())
    assert widths[1] < widths[0] / 5


def test_band_by_hand():
    """One sample of each class: an error of more than 1 on both axes says nothing."""
    band = roc_band(np.array([0, 1]), np.array([0.0, 1.0]), n_points=3)
    assert band.low.tolist() == [0, 0, 0]
    assert band.high.tolist() == [1, 1, 1]


def test_a_class_that_is_missing():
    with pytest.raises(InputError, match="both classes"):
        roc_band(np.ones(3, bool), np.arange(3.0))
