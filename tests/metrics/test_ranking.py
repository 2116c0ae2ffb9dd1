"""The AUC against scikit-learn and against counting every pair."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from handful.errors import InputError
from handful.metrics import auc, auc_per_tag, average_precision, mean_over_tags, per_tag

RNG = np.random.default_rng(2)
SCORES = {
    "smooth": lambda n: RNG.random(n),
    "tied": lambda n: RNG.integers(0, 7, n) / 7,
    "both signs": lambda n: np.round(RNG.normal(size=n), 1),
    "all below zero": lambda n: -np.round(RNG.random(n), 2) - 1,
    "float32": lambda n: RNG.normal(size=n).astype(np.float32).round(1),
    "float16": lambda n: RNG.normal(size=n).astype(np.float16).round(1),
    "integers": lambda n: RNG.integers(-3, 4, n),
    "huge and tiny": lambda n: RNG.choice([-1e308, -5e-324, 0.0, -0.0, 5e-324, 1e308], n),
}


def pairs_won(truth, scores):
    up, down = scores[truth][:, None], scores[~truth][None, :]
    return ((up > down) + (up == down) / 2).mean()


def some_classes(n):
    truth = RNG.random(n) < 0.3
    truth[:2] = True, False
    return truth


@pytest.mark.parametrize("kind", SCORES)
@pytest.mark.parametrize("n", [2, 3, 30, 1000])
def test_auc_counts_every_pair(kind, n):
    for _ in range(5):
        truth, scores = some_classes(n), SCORES[kind](n)
        assert auc(truth, scores) == pytest.approx(pairs_won(truth, scores), abs=1e-12)


@pytest.mark.parametrize("kind", [k for k in SCORES if k != "huge and tiny"])
def test_auc_equals_scikit_learn(kind):
    truth, scores = some_classes(3000), SCORES[kind](3000)
    expected = sklearn_metrics.roc_auc_score(truth, scores)
    assert auc(truth.astype(int), scores) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("kind", [k for k in SCORES if k not in ("float16", "huge and tiny")])
def test_weighted_auc_equals_scikit_learn(kind):
    truth, scores, weights = some_classes(500), SCORES[kind](500), RNG.random(500)
    weights[5:50] = 0
    expected = sklearn_metrics.roc_auc_score(truth, scores, sample_weight=weights)
    assert auc(truth, scores, sample_weight=weights) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.booleans(), st.floats(-3, 3, width=16)), min_size=2, max_size=40))
def test_auc_of_any_scores(samples):
    truth = np.array([s[0] for s in samples])
    scores = np.array([s[1] for s in samples])
    if truth.all() or not truth.any():
        assert auc(truth, scores) is None
    else:
        assert auc(truth, scores) == pytest.approx(pairs_won(truth, scores), abs=1e-12)


@pytest.mark.parametrize("lowest", [0, -1])
def test_auc_is_exact_across_chunks(lowest):
    """Runs of equal scores that lie across the million at which the keys are cut."""
    n = 2_200_000
    truth = RNG.random(n) < 0.5
    scores = RNG.integers(0, 3, n).astype(np.float32)
    positive, negative = (np.bincount(scores[c].astype(int), minlength=3) for c in (truth, ~truth))
    won = sum(int(positive[i]) * (2 * int(negative[:i].sum()) + int(negative[i])) for i in range(3))
    assert auc(truth, scores + lowest) == won / (2 * int(positive.sum()) * int(negative.sum()))


def test_a_class_that_is_missing():
    assert auc(np.ones(3, bool), np.arange(3.0)) is None
    assert auc(np.zeros(0, bool), np.zeros(0)) is None
    assert auc(np.array([0, 1]), np.arange(2.0), sample_weight=np.array([0.0, 1.0])) is None


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_no_numbers_are_named(bad):
    scores = np.arange(5.0)
    scores[3] = bad
    with pytest.raises(InputError, match="y_score, row 3"):
        auc(np.array([0, 1, 0, 1, 0]), scores)


@pytest.mark.parametrize(
    ("truth", "scores", "message"),
    [
        ([0, 1, 2], [1.0, 2.0, 3.0], "row 2"),
        (["a", "b"], [1.0, 2.0], "y_true == tag"),
        ([0, 1], [1.0, 2.0, 3.0], "equally long"),
        ([0, 1], [[1.0, 2.0]], "one dimension"),
        ([0, 1], ["1", "2"], "numbers"),
        ([[0, 1]], [1.0, 2.0], "one dimension"),
    ],
)
def test_wrong_input_is_refused(truth, scores, message):
    with pytest.raises(InputError, match=message):
        auc(np.array(truth), np.array(scores))


def test_input_is_left_as_it_was():
    truth, scores = some_classes(100), RNG.normal(size=100)
    before = truth.copy(), scores.copy()
    auc(truth, scores)
    np.testing.assert_array_equal(truth, before[0])
    np.testing.assert_array_equal(scores, before[1])


def many_tags(n=200, k=4):
    probabilities = RNG.dirichlet(np.ones(k), n)
    return RNG.integers(0, k, n), probabilities


@pytest.mark.parametrize("average", ["macro", "weighted"])
@pytest.mark.parametrize("weighted", [False, True])
def test_many_tags_equal_scikit_learn(average, weighted):
    truth, probabilities = many_tags()
    weights = RNG.random(len(truth)) if weighted else None
    found = mean_over_tags(auc, truth, probabilities, average=average, sample_weight=weights)
    expected = sklearn_metrics.roc_auc_score(
        truth, probabilities, average=average, multi_class="ovr", sample_weight=weights
    )
    assert found == pytest.approx(expected, abs=1e-12)


def test_several_tags_at_once_equal_scikit_learn():
    truth, scores = RNG.random((100, 3)) < 0.4, RNG.normal(size=(100, 3))
    expected = sklearn_metrics.roc_auc_score(truth, scores, average=None)
    np.testing.assert_allclose(auc_per_tag(truth, scores), expected, atol=1e-12)
    expected = sklearn_metrics.average_precision_score(truth, scores, average=None)
    np.testing.assert_allclose(per_tag(average_precision, truth, scores), expected, atol=1e-12)


def test_a_tag_without_samples_is_left_out():
    truth, probabilities = many_tags(k=3)
    truth = np.minimum(truth, 1)
    each = auc_per_tag(truth, probabilities)
    assert np.isnan(each).tolist() == [False, False, True]
    assert mean_over_tags(auc, truth, probabilities) == pytest.approx(each[:2].mean(), abs=1e-12)
    assert mean_over_tags(auc, np.zeros(0, int), np.zeros((0, 3))) is None


def test_columns_must_exist():
    with pytest.raises(InputError, match="no column 3 among 3"):
        auc_per_tag(np.array([0, 3]), np.ones((2, 3)) / 3)
    with pytest.raises(InputError, match="column a tag"):
        auc_per_tag(np.array([0, 1]), np.ones(2))
