"""Ratios of counts against scikit-learn's, and by hand."""

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from handful.errors import InputError
from handful.metrics import (
    accuracy,
    balanced_accuracy,
    f1,
    likelihood_ratios,
    one_vs_rest,
    precision,
    recall,
    sensitivity,
    specificity,
)

RNG = np.random.default_rng(1)
TAGS = np.array(["cardboard", "glass", "metal", "paper"])
RATES = {
    precision: sklearn_metrics.precision_score,
    recall: sklearn_metrics.recall_score,
    f1: sklearn_metrics.f1_score,
}
NAMES = [rate.__name__ for rate in RATES]


def some_tags(n=60):
    actual = TAGS[RNG.integers(0, 4, n)]
    return actual, np.where(RNG.random(n) < 0.6, actual, TAGS[RNG.integers(0, 3, n)])


@pytest.mark.parametrize("rate", RATES, ids=NAMES)
@pytest.mark.parametrize("average", [None, "macro", "weighted", "micro"])
@pytest.mark.parametrize("weighted", [False, True])
def test_many_tags_equal_scikit_learn(rate, average, weighted):
    for _ in range(20):
        actual, predicted = some_tags()
        weights = RNG.random(len(actual)) if weighted else None
        found = rate(actual, predicted, average=average, sample_weight=weights)
        expected = RATES[rate](
            actual, predicted, average=average, sample_weight=weights, zero_division=np.nan
        )
        np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("rate", RATES, ids=NAMES)
@pytest.mark.parametrize("average", [None, "macro", "weighted", "micro"])
def test_several_tags_at_once_equal_scikit_learn(rate, average):
    for _ in range(20):
        actual, predicted = RNG.random((2, 30, 4)) < 0.4
        weights = RNG.random(30)
        found = rate(actual, predicted, average=average, sample_weight=weights)
        expected = RATES[rate](
            actual, predicted, average=average, sample_weight=weights, zero_division=np.nan
        )
        np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("rate", RATES, ids=NAMES)
def test_one_tag_equals_scikit_learn(rate):
    actual, predicted = RNG.integers(0, 2, (2, 50))
    for positive in (0, 1):
        expected = RATES[rate](actual, predicted, pos_label=positive)
        assert rate(actual, predicted, pos_label=positive) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("labels", [["metal"], ["paper", "glass"]])
def test_labels_choose_tags_and_keep_the_others_as_negatives(labels):
    actual, predicted = some_tags(200)
    found = precision(actual, predicted, average="macro", labels=labels)
    expected = sklearn_metrics.precision_score(actual, predicted, average="macro", labels=labels)
    assert found == pytest.approx(expected, abs=1e-12)
    assert (one_vs_rest(actual, predicted, labels=labels).tn > 0).all()


def test_specificity_is_the_recall_of_the_negatives():
    actual, predicted = RNG.integers(0, 2, (2, 50))
    expected = sklearn_metrics.recall_score(actual, predicted, pos_label=0)
    assert specificity(actual, predicted) == pytest.approx(expected, abs=1e-12)
    assert sensitivity is recall


def test_counts_of_each_tag_equal_scikit_learn():
    actual, predicted = some_tags()
    weights = RNG.random(len(actual))
    found = one_vs_rest(actual, predicted, sample_weight=weights)
    expected = sklearn_metrics.multilabel_confusion_matrix(actual, predicted, sample_weight=weights)
    np.testing.assert_allclose(found.tn, expected[:, 0, 0], atol=1e-12)
    np.testing.assert_allclose(found.fp, expected[:, 0, 1], atol=1e-12)
    np.testing.assert_allclose(found.fn, expected[:, 1, 0], atol=1e-12)
    np.testing.assert_allclose(found.tp, expected[:, 1, 1], atol=1e-12)
    assert found.tags.tolist() == sorted(set(actual) | set(predicted))


@pytest.mark.parametrize("weighted", [False, True])
def test_accuracies_equal_scikit_learn(weighted):
    for _ in range(20):
        actual, predicted = some_tags()
        weights = RNG.random(len(actual)) if weighted else None
        assert accuracy(actual, predicted, sample_weight=weights) == pytest.approx(
            sklearn_metrics.accuracy_score(actual, predicted, sample_weight=weights), abs=1e-12
        )
        assert balanced_accuracy(actual, predicted, sample_weight=weights) == pytest.approx(
            sklearn_metrics.balanced_accuracy_score(actual, predicted, sample_weight=weights),
            abs=1e-12,
        )


def test_accuracy_of_several_tags_wants_all_of_them_right():
    actual, predicted = RNG.random((2, 40, 2)) < 0.5
    expected = sklearn_metrics.accuracy_score(actual, predicted)
    assert accuracy(actual, predicted) == pytest.approx(expected, abs=1e-12)


def test_balanced_accuracy_leaves_out_tags_that_no_sample_has():
    assert balanced_accuracy(np.array(["a", "a", "b"]), np.array(["a", "c", "b"])) == 0.75


@pytest.mark.parametrize("weighted", [False, True])
def test_likelihood_ratios_equal_scikit_learn(weighted):
    actual, predicted = RNG.integers(0, 2, (2, 60))
    weights = RNG.random(60) if weighted else None
    found = likelihood_ratios(actual, predicted, sample_weight=weights)
    expected = sklearn_metrics.class_likelihood_ratios(actual, predicted, sample_weight=weights)
    assert found == pytest.approx(expected, abs=1e-12)


def test_zero_over_zero_is_undefined():
    nothing_said = np.array([1, 1, 0]), np.array([0, 0, 0])
    assert precision(*nothing_said) is None
    assert recall(*nothing_said) == 0
    assert recall(np.array([0, 0]), np.array([0, 1])) is None
    assert specificity(np.array([1, 1]), np.array([0, 1])) is None
    assert f1(np.array([0, 0]), np.array([0, 0])) is None
    each = precision(*nothing_said, average=None)
    assert np.isnan(each).tolist() == [False, True]
    assert likelihood_ratios(np.array([1, 1]), np.array([1, 0])) == (None, None)
    assert likelihood_ratios(np.array([1, 0]), np.array([1, 0])) == (None, 0)
    assert precision(np.array([0, 0]), np.array([0, 0]), pos_label=7) is None


def test_the_airport_scanner():
    """99 %/99 % at one in a million: a precision of 0.0001 (DEFINITIONS.md)."""
    actual, said = np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0])
    weights = np.array([0.99e-6, 0.01e-6, 0.01 * (1 - 1e-6), 0.99 * (1 - 1e-6)])
    assert recall(actual, said, sample_weight=weights) == pytest.approx(0.99)
    assert specificity(actual, said, sample_weight=weights) == pytest.approx(0.99)
    assert precision(actual, said, sample_weight=weights) == pytest.approx(0.0001, rel=0.02)


@pytest.mark.parametrize(
    ("actual", "predicted", "settings", "message"),
    [
        (["a"], ["a"], {}, "one kind"),  # the positive tag 1 is no text
        ([[1, 0]], [[1, 2]], {"average": None}, "y_pred must hold 0 and 1"),
        ([[1, 0]], [[1, 0, 1]], {"average": None}, "one shape"),
        ([1, 0], [1, 0], {"average": "sum"}, "average"),
        ([1, 0], [1], {}, "equally long"),
    ],
)
def test_wrong_input_is_refused(actual, predicted, settings, message):
    with pytest.raises(InputError, match=message):
        precision(np.array(actual), np.array(predicted), **settings)


def test_accuracy_refuses_what_cannot_be_compared():
    with pytest.raises(InputError, match="one kind"):
        accuracy(np.array(["1"]), np.array([1]))
    with pytest.raises(InputError, match="one shape"):
        accuracy(np.array([1, 2]), np.array([1]))
