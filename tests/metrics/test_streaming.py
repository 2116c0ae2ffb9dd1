"""Streams against the whole: exact counts, and an AUC within its stated error."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handful.errors import InputError
from handful.metrics import (
    StreamingConfusion,
    StreamingRanking,
    auc,
    confusion_matrix,
    roc_curve,
)
from handful.metrics.score_bins import N_BINS, bins_of, lowest_scores

RNG = np.random.default_rng(8)
N = 60_000
TRUTH = RNG.random(N) < 0.3
SCORES = {
    "spread": RNG.beta(1 + TRUTH, 2 - TRUTH),
    "near the ends": 1 / (1 + np.exp(-8 * (RNG.normal(size=N) + TRUTH))),
    "rounded": RNG.beta(1 + TRUTH, 2 - TRUTH).round(2),
    "log-odds": 4 * (RNG.normal(size=N) + TRUTH),
    "float32": (RNG.normal(size=N) + TRUTH).astype(np.float32),
    "in order": np.sort(RNG.normal(size=N)),
    "all alike": np.full(N, 0.4),
    "far out": np.where(TRUTH, 1e30, -1e30) * RNG.choice([-1, 1, 1], N),
}


def streamed(truth, scores, *, exact_up_to, n_points=200, chunk=7001):
    stream = StreamingRanking(exact_up_to=exact_up_to, n_points=n_points)
    for start in range(0, len(truth), chunk):
        stream.update(truth[start : start + chunk], scores[start : start + chunk])
    return stream.result()


@pytest.mark.parametrize("kind", SCORES)
@pytest.mark.parametrize("exact_up_to", [0, 20_000, N])
def test_auc_lies_within_its_error(kind, exact_up_to):
    found = streamed(TRUTH, SCORES[kind], exact_up_to=exact_up_to)
    exact = auc(TRUTH, SCORES[kind])
    assert abs(found.auc - exact) <= found.auc_error + 1e-12
    assert (found.n_positive, found.n_negative) == (TRUTH.sum(), (~TRUTH).sum())
    if exact_up_to == N:
        assert found.auc_error == 0
        assert found.auc == pytest.approx(exact, abs=1e-12)
    elif kind in ("spread", "near the ends", "log-odds", "float32"):
        assert found.auc_error < 1e-5
    elif kind in ("rounded", "all alike"):
        assert found.auc_error == 0


@pytest.mark.parametrize("kind", SCORES)
@pytest.mark.parametrize("exact_up_to", [0, N])
def test_points_of_the_curve_are_exact_and_bounded(kind, exact_up_to):
    scores = SCORES[kind]
    curve = streamed(TRUTH, scores, exact_up_to=exact_up_to, n_points=50).curve
    assert len(curve.thresholds) <= 50
    for fpr, tpr, t in zip(
        curve.false_positive_rate, curve.true_positive_rate, curve.thresholds, strict=True
    ):
        assert tpr == pytest.approx((scores[TRUTH] >= t).mean(), abs=1e-12)
        assert fpr == pytest.approx((scores[~TRUTH] >= t).mean(), abs=1e-12)
    assert (curve.false_positive_rate[-1], curve.true_positive_rate[-1]) == (1, 1)


def test_curve_is_close_everywhere():
    curve = streamed(TRUTH, SCORES["log-odds"], exact_up_to=0, n_points=500).curve
    whole = roc_curve(TRUTH, SCORES["log-odds"])
    grid = np.linspace(0, 1, 301)
    thin = np.interp(grid, curve.false_positive_rate, curve.true_positive_rate)
    full = np.interp(grid, whole.false_positive_rate, whole.true_positive_rate)
    assert np.abs(thin - full).max() < 2 / 500


def test_result_may_be_asked_for_at_any_time():
    stream = StreamingRanking(exact_up_to=100)
    assert stream.result().auc is None
    for end in (50, 90, 300, 5000):
        start = stream.result().n_positive + stream.result().n_negative
        stream.update(TRUTH[start:end], SCORES["spread"][start:end])
        found = stream.result()
        exact = auc(TRUTH[:end], SCORES["spread"][:end])
        assert abs(found.auc - exact) <= found.auc_error + 1e-12


def test_a_class_that_is_missing():
    for exact_up_to in (0, 100):
        stream = StreamingRanking(exact_up_to=exact_up_to)
        stream.update(np.ones(5, bool), np.arange(5.0))
        found = stream.result()
        assert (found.auc, found.curve, found.n_positive, found.n_negative) == (None, None, 5, 0)


def test_bad_rows_are_counted_over_all_chunks():
    stream = StreamingRanking()
    stream.update(np.array([0, 1, 0]), np.array([0.1, 0.2, 0.3]))
    with pytest.raises(InputError, match="y_score, row 4"):
        stream.update(np.array([0, 1]), np.array([0.1, np.nan]))
    with pytest.raises(InputError, match="y_true, row 3"):
        stream.update(np.array([7, 1]), np.array([0.1, 0.2]))


def test_memory_does_not_grow():
    stream = StreamingRanking(exact_up_to=0)
    chunk = TRUTH[:50_000], SCORES["spread"][:50_000]
    peaks = []
    for _ in range(2):
        tracemalloc.start()
        for _ in range(100):  # five million scores: more than wait to be binned
            stream.update(*chunk)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert stream.result().n_positive == 200 * int(chunk[0].sum())
    assert peaks[1] < 1.05 * peaks[0] + 10e6
    assert peaks[1] < 300e6


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=50))
def test_bins_never_fall_as_scores_rise(scores):
    ordered = np.sort(np.array(scores))
    bins = bins_of(ordered)
    assert (np.diff(bins) >= 0).all()
    assert bins.min() >= 0
    assert bins.max() < N_BINS


@given(st.integers(0, N_BINS - 1))
def test_lowest_score_of_a_bin_is_the_lowest(number):
    lowest = lowest_scores(np.array([number]))
    assert bins_of(lowest)[0] >= number
    if np.isfinite(lowest[0]) and lowest[0] > -np.finfo(float).max:
        assert bins_of(np.nextafter(lowest, -np.inf))[0] < number


@pytest.mark.parametrize("centre", [0.0, 1.0])
def test_bins_are_fine_near_both_ends(centre):
    """Scores one part in 10,000 apart by their distance to 0 or 1 stay apart."""
    distance = 10.0 ** np.arange(-8, -1)
    pairs = np.abs(centre - np.column_stack([distance, distance * 1.0002]))
    assert (bins_of(pairs[:, 0]) != bins_of(pairs[:, 1])).all()


def test_confusion_matrix_of_chunks_is_that_of_the_whole():
    tags = np.array(["wood", "glass", "a much longer tag", "x"])
    order = np.sort(RNG.integers(0, 4, 500))  # so that tags turn up one after the other
    actual, predicted = tags[order], tags[np.minimum(order, RNG.integers(0, 4, 500))]
    weights = RNG.random(500)
    for sample_weight in (None, weights):
        stream = StreamingConfusion()
        for start in range(0, 500, 70):
            part = slice(start, start + 70)
            given_weight = None if sample_weight is None else sample_weight[part]
            stream.update(actual[part], predicted[part], sample_weight=given_weight)
        found = stream.result()
        assert found.tags.tolist() == sorted(tags)
        expected = confusion_matrix(actual, predicted, sample_weight=sample_weight)
        np.testing.assert_allclose(found.counts, expected, atol=1e-12)


def test_confusion_matrix_of_nothing_and_of_mixed_chunks():
    stream = StreamingConfusion()
    assert stream.result().counts.shape == (0, 0)
    stream.update(np.array([], dtype=int), np.array([], dtype=int))
    stream.update(np.array([3]), np.array([1]))
    assert stream.result().tags.tolist() == [1, 3]
    with pytest.raises(InputError, match="one kind"):
        stream.update(np.array(["3"]), np.array(["1"]))
