"""The promise of a recall: the tables of DEFINITIONS.md, and how often it is kept."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from handful.errors import InputError
from handful.metrics import least_positives, most_misses, promise


@pytest.mark.parametrize(
    ("recall", "confidence", "needed"),
    [
        (0.90, 0.90, (22, 38, 52, 65)),
        (0.95, 0.90, (45, 77, 105, 132)),
        (0.95, 0.95, (59, 93, 124, 153)),
        (0.99, 0.90, (230, 388, 531, 667)),
    ],
)
def test_published_least_numbers_of_positives(recall, confidence, needed):
    for misses, n in enumerate(needed):
        assert least_positives(recall=recall, confidence=confidence, misses=misses) == n
        assert most_misses(n, recall=recall, confidence=confidence) == misses
        fewer = most_misses(n - 1, recall=recall, confidence=confidence)
        assert fewer == (misses - 1 if misses else None)


@pytest.mark.parametrize(("n", "most"), [(5, 0.631), (10, 0.794), (20, 0.891), (30, 0.926)])
def test_published_most_that_can_be_promised(n, most):
    found = promise(np.arange(float(n)), recall=0.95, confidence=0.9)
    assert not found.kept
    assert found.can_promise == pytest.approx(most, abs=5e-4)
    assert (found.have, found.need, found.threshold) == (n, 45, 0)


@given(
    n=st.integers(1, 3000), recall=st.floats(0.5, 0.999), confidence=st.floats(0.5, 0.999)
)  # fmt: skip
def test_most_misses_against_scipys_binomial(n, recall, confidence):
    risks = stats.binom.cdf(np.arange(n), n, 1 - recall)
    found = most_misses(n, recall=recall, confidence=confidence)
    edge = (1 - confidence) * np.array([1 - 1e-9, 1 + 1e-9])  # either, where they round apart
    least, most = (risks[:, None] <= edge).sum(axis=0) - 1
    assert least <= (-1 if found is None else found) <= most


def test_threshold_leaves_out_the_allowed_misses():
    scores = np.random.default_rng(0).normal(size=105)
    found = promise(scores, recall=0.95, confidence=0.9)
    assert (found.kept, found.misses) == (True, 2)
    assert (scores < found.threshold).sum() == 2
    assert found.threshold in scores


def test_a_million_positives():
    found = promise(np.arange(1e6), recall=0.999, confidence=0.95)
    risk = stats.binom.cdf([found.misses, found.misses + 1], 10**6, 0.001)
    assert risk[0] <= 0.05 < risk[1]


def kept_share(choose, *, n, recall, runs=4000):
    """Share of runs in which a threshold chosen from n positives keeps the recall."""
    draws = np.random.default_rng(n).random((runs, n))  # true recall of threshold t is 1 - t
    return np.mean([1 - choose(row) >= recall for row in draws])


@pytest.mark.parametrize(("n", "recall"), [(45, 0.95), (200, 0.95), (22, 0.9), (105, 0.95)])
def test_promise_is_kept(n, recall):
    """In 0.898-0.929 of runs, where the empirical threshold keeps it in 0.40 or less often."""
    share = kept_share(
        lambda row: promise(row, recall=recall, confidence=0.9).threshold, n=n, recall=recall
    )
    assert share >= 0.9 - 3 * np.sqrt(0.09 / 4000)
    empirical = kept_share(
        lambda row: np.quantile(row, 1 - recall, method="higher"), n=n, recall=recall
    )
    assert empirical < 0.6


def test_what_can_be_promised_instead_is_kept():
    share = kept_share(
        lambda row: promise(row, recall=0.99, confidence=0.9).threshold, n=10, recall=0.1**0.1
    )
    assert share == pytest.approx(0.9, abs=0.015)


def test_ties_only_raise_the_recall():
    scores = np.repeat([0.2, 0.8], [50, 55])
    found = promise(scores, recall=0.95, confidence=0.9)
    assert found.threshold == 0.2


def test_no_positives_promise_nothing():
    found = promise(np.zeros(0), recall=0.9, confidence=0.9)
    assert (found.kept, found.threshold, found.can_promise, found.need) == (False, None, None, 22)


@pytest.mark.parametrize(
    ("scores", "recall", "confidence", "message"),
    [
        ([0.1], 1.0, 0.9, "recall"),
        ([0.1], 0.0, 0.9, "recall"),
        ([0.1], 0.9, 1.0, "confidence"),
        ([0.1, np.nan], 0.9, 0.9, "row 1"),
    ],
)
def test_wrong_input_is_refused(scores, recall, confidence, message):
    with pytest.raises(InputError, match=message):
        promise(np.array(scores), recall=recall, confidence=confidence)
