"""Venn-Abers intervals against isotonic regressions fitted one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from handful.errors import InputError
from handful.metrics import venn_abers


def one_by_one(truth, known, score):
    """The definition: the new sample joins with both tags, isotonic regression each time."""
    return [
        IsotonicRegression()
        .fit(np.append(known, score), np.append(truth, tag))
        .predict(np.array([score]))[0]
        for tag in (0.0, 1.0)
    ]


def check(truth, known, scores):
    found = venn_abers(truth, known, scores=scores)
    expected = np.array([one_by_one(truth, known, score) for score in scores])
    np.testing.assert_allclose(found.low, expected[:, 0], atol=1e-12)
    np.testing.assert_allclose(found.high, expected[:, 1], atol=1e-12)
    np.testing.assert_allclose(
        found.probability, found.high / (1 - found.low + found.high), atol=1e-12
    )


@pytest.mark.parametrize("n", [1, 2, 5, 60])
@pytest.mark.parametrize("decimals", [1, 2, 8])
def test_equals_isotonic_regression(n, decimals):
    rng = np.random.default_rng(n)
    for _ in range(10):
        known = rng.random(n).round(decimals)
        scores = np.concatenate([rng.random(8).round(decimals), known[:4], [-1.0, 2.0]])
        check(rng.random(n) < known, known, scores)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=1, max_size=30),
    st.lists(st.floats(-1, 13, width=16), min_size=1, max_size=5),
)
def test_equals_isotonic_regression_on_anything(samples, scores):
    truth = np.array([s[0] for s in samples])
    check(truth, np.array([float(s[1]) for s in samples]), np.array(scores))


def test_cross_intervals_average_the_folds_geometrically():
    rng = np.random.default_rng(0)
    known = rng.random(60)
    truth, folds, scores = rng.random(60) < known, np.arange(60) % 3, rng.random(7)
    found = venn_abers(truth, known, scores=scores, folds=folds)
    parts = [venn_abers(truth[folds == f], known[folds == f], scores=scores) for f in range(3)]
    high = np.prod([p.high for p in parts], axis=0) ** (1 / 3)
    low = 1 - np.prod([1 - p.low for p in parts], axis=0) ** (1 / 3)
    np.testing.assert_allclose(found.high, high, atol=1e-12)
    np.testing.assert_allclose(found.low, low, atol=1e-12)


def test_more_known_samples_make_it_narrower():
    rng = np.random.default_rng(1)
    widths = []
    for n in (20, 2000):
        known = rng.random(n)
        found = venn_abers(rng.random(n) < known, known, scores=np.linspace(0.1, 0.9, 9))
        widths.append((found.high - found.low).mean())
    assert widths[1] < widths[0] / 5


def test_one_of_the_two_is_calibrated():
    """The proved property: taking the end that the truth picks, E[truth - p] is 0."""
    rng = np.random.default_rng(2)
    errors = []
    for _ in range(400):
        known = rng.random(25)
        truth = rng.random(25) < known**3
        score = rng.random(4)
        new = rng.random(4) < score**3
        found = venn_abers(truth, known, scores=score)
        errors.extend(new - np.where(new, found.high, found.low))
    assert np.mean(errors) == pytest.approx(0, abs=3 * np.std(errors) / np.sqrt(len(errors)))


def test_wrong_input_is_refused():
    with pytest.raises(InputError, match="no"):
        venn_abers(np.zeros(0, bool), np.zeros(0), scores=np.zeros(1))
    with pytest.raises(InputError, match="row 1"):
        venn_abers(np.array([0, 1]), np.array([0.1, np.nan]), scores=np.zeros(1))
    with pytest.raises(InputError, match="equally long"):
        venn_abers(np.array([0, 1]), np.array([0.1, 0.2]), scores=np.zeros(1), folds=np.zeros(3))
