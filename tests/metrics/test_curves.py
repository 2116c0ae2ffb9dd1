"""Curves against scikit-learn's."""

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from handful.errors import InputError
from handful.metrics import auc, average_precision, precision_recall_curve, roc_curve

RNG = np.random.default_rng(3)
SCORES = {
    "smooth": lambda n: RNG.random(n),
    "tied": lambda n: RNG.integers(0, 9, n) / 9,
    "both signs": lambda n: np.round(RNG.normal(size=n), 1),
    "float32": lambda n: RNG.normal(size=n).astype(np.float32),
    "zeros": lambda n: RNG.choice([0.0, -0.0, 1.0], n),
    "one value": lambda n: np.full(n, 0.5),
}


def samples(kind, n):
    truth = RNG.random(n) < 0.4
    truth[:2] = True, False
    return truth, SCORES[kind](n)


@pytest.mark.parametrize("kind", SCORES)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("drop", [False, True])
@pytest.mark.parametrize("n", [2, 5, 400])
def test_roc_curve_equals_scikit_learn(kind, weighted, drop, n):
    truth, scores = samples(kind, n)
    weights = RNG.random(n) if weighted else None
    found = roc_curve(truth, scores, sample_weight=weights, drop_intermediate=drop)
    expected = sklearn_metrics.roc_curve(
        truth, scores, sample_weight=weights, drop_intermediate=drop
    )
    if weighted and drop:  # which points are in line depends on rounding: compare the shape
        grid = np.linspace(0, 1, 57)
        np.testing.assert_allclose(
            np.interp(grid, found.false_positive_rate, found.true_positive_rate),
            np.interp(grid, expected[0], expected[1]),
            atol=1e-9,
        )
        return
    np.testing.assert_allclose(found.false_positive_rate, expected[0], atol=1e-12)
    np.testing.assert_allclose(found.true_positive_rate, expected[1], atol=1e-12)
    np.testing.assert_allclose(found.thresholds, expected[2], atol=1e-12)


@pytest.mark.parametrize("kind", SCORES)
@pytest.mark.parametrize("weighted", [False, True])
def test_precision_recall_curve_equals_scikit_learn(kind, weighted):
    truth, scores = samples(kind, 300)
    weights = RNG.random(300) if weighted else None
    found = precision_recall_curve(truth, scores, sample_weight=weights)
    expected = sklearn_metrics.precision_recall_curve(truth, scores, sample_weight=weights)
    np.testing.assert_allclose(found.precision, expected[0], atol=1e-12)
    np.testing.assert_allclose(found.recall, expected[1], atol=1e-12)
    np.testing.assert_allclose(found.thresholds, expected[2], atol=1e-12)


@pytest.mark.parametrize("kind", SCORES)
@pytest.mark.parametrize("weighted", [False, True])
def test_average_precision_equals_scikit_learn(kind, weighted):
    truth, scores = samples(kind, 300)
    weights = RNG.random(300) if weighted else None
    found = average_precision(truth, scores, sample_weight=weights)
    expected = sklearn_metrics.average_precision_score(truth, scores, sample_weight=weights)
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("kind", SCORES)
def test_area_under_the_points_is_the_auc(kind):
    truth, scores = samples(kind, 500)
    curve = roc_curve(truth, scores)
    area = np.trapezoid(curve.true_positive_rate, curve.false_positive_rate)
    assert auc(truth, scores) == pytest.approx(area, abs=1e-12)


def test_thresholds_give_their_points():
    truth, scores = samples("both signs", 200)
    curve = roc_curve(truth, scores)
    for fpr, tpr, threshold in zip(
        curve.false_positive_rate, curve.true_positive_rate, curve.thresholds, strict=True
    ):
        assert (scores[truth] >= threshold).mean() == tpr
        assert (scores[~truth] >= threshold).mean() == fpr


def test_a_class_that_is_missing():
    with pytest.raises(InputError, match="both classes"):
        roc_curve(np.ones(3, bool), np.arange(3.0))
    with pytest.raises(InputError, match="both classes"):
        roc_curve(np.zeros(0, bool), np.zeros(0))
    with pytest.raises(InputError, match="positive samples"):
        precision_recall_curve(np.zeros(3, bool), np.arange(3.0))
    assert average_precision(np.zeros(3, bool), np.arange(3.0)) is None
    assert average_precision(np.ones(3, bool), np.arange(3.0)) == 1


def test_scores_that_are_no_numbers_are_named():
    with pytest.raises(InputError, match="row 1"):
        roc_curve(np.array([0, 1]), np.array([0.5, np.nan]))
