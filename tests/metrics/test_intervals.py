"""Intervals against SciPy, statsmodels, published numbers and their promised coverage."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from handful.errors import InputError
from handful.metrics import Interval, clopper_pearson, mean_of_ratios, newcombe_auc


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0.0, 0.1684),
        (1, 29, 0.0009, 0.1776),
    ],
)
def test_published_clopper_pearson_intervals(k, n, low, high):
    interval = clopper_pearson(k, n)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)
    assert interval.value == k / n


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
@pytest.mark.parametrize("n", [1, 2, 7, 20, 263, 10_000, 10_000_000])
def test_clopper_pearson_equals_statsmodels(n, confidence):
    for k in {0, 1, n // 3, n // 2, n - 1, n}:
        interval = clopper_pearson(k, n, confidence=confidence)
        low, high = proportion_confint(k, n, alpha=1 - confidence, method="beta")
        assert interval.low == pytest.approx(low, abs=1e-12)
        assert interval.high == pytest.approx(high, abs=1e-12)


def test_fractions_of_a_sample():
    interval = clopper_pearson(2.5, 7.25)
    assert interval.low == pytest.approx(stats.beta.ppf(0.025, 2.5, 5.75), abs=1e-12)
    assert interval.high == pytest.approx(stats.beta.isf(0.025, 3.5, 4.75), abs=1e-12)
    assert (interval.successes, interval.trials) == (None, None)


def test_no_trials_is_undefined_not_zero():
    interval = clopper_pearson(0, 0)
    assert (interval.value, interval.low, interval.high) == (None, None, None)
    assert interval.to_json()["value"] is None


@pytest.mark.parametrize(
    ("k", "n"), [(-1, 5), (6, 5), (float("nan"), 5), (1, float("nan")), (1, float("inf"))]
)
def test_impossible_counts_are_refused(k, n):
    with pytest.raises(InputError, match="successes"):
        clopper_pearson(k, n)


@pytest.mark.parametrize("confidence", [0, 1, 95, float("nan")])
def test_impossible_confidence_is_refused(confidence):
    with pytest.raises(InputError, match="confidence"):
        clopper_pearson(1, 2, confidence=confidence)


def test_json_names_counts_only_where_they_are_counts():
    assert clopper_pearson(15, 148).to_json() == {
        "value": 15 / 148,
        "low": pytest.approx(0.0578, abs=5e-5),
        "high": pytest.approx(0.1617, abs=5e-5),
        "confidence": 0.95,
        "method": "Clopper-Pearson",
        "k": 15,
        "n": 148,
    }
    plain = Interval(0.5, 0.4, 0.6, 0.95, "any").to_json()
    assert set(plain) == {"value", "low", "high", "confidence", "method"}


def _limits_of_all_counts(method, n):
    return np.array([method(k, n) for k in range(n + 1)])


def _binomial_coverage(holds, p):
    """Exact: the sum of the probabilities of all counts whose interval holds p."""
    n = len(holds) - 1
    counts = np.arange(n + 1)
    inside = (holds[:, 0] <= p) & (p <= holds[:, 1])
    return float(stats.binom.pmf(counts, n, p)[inside].sum())


def _clopper_pearson(k, n):
    interval = clopper_pearson(k, n)
    return interval.low, interval.high


@pytest.mark.parametrize("n", [5, 20, 100])
def test_clopper_pearson_covers_at_every_p(n):
    limits = _limits_of_all_counts(_clopper_pearson, n)
    covered = [_binomial_coverage(limits, p) for p in np.linspace(0.001, 0.999, 333)]
    assert min(covered) >= 0.95


def test_wilson_would_not_cover():
    def wilson(k, n):
        return proportion_confint(k, n, method="wilson")

    limits = _limits_of_all_counts(wilson, 20)
    assert min(_binomial_coverage(limits, p) for p in np.linspace(0.001, 0.999, 333)) < 0.9


def test_mean_of_evenly_spread_ratios_has_the_pooled_interval():
    mean = mean_of_ratios(np.array([17, 20, 9, 12]), np.array([20, 20, 20, 20]))
    pooled = clopper_pearson(58, 80)
    assert mean.value == pytest.approx(pooled.value, abs=1e-15)
    assert mean.low == pytest.approx(pooled.low, abs=1e-12)
    assert mean.high == pytest.approx(pooled.high, abs=1e-12)


def test_mean_of_ratios_leaves_out_those_without_trials():
    assert mean_of_ratios(np.array([3, 0]), np.array([4, 0])).value == 0.75
    assert mean_of_ratios(np.array([0]), np.array([0])).value is None


def test_mean_of_ratios_refuses_more_hits_than_trials():
    with pytest.raises(InputError, match="between 0 and trials"):
        mean_of_ratios(np.array([5]), np.array([4]))


@pytest.mark.parametrize(
    ("n", "p"),
    [
        ((20, 20, 20, 20), (0.9, 0.9, 0.9, 0.9)),
        ((10, 1000), (0.5, 0.99)),
        ((5, 100, 300), (0.6, 0.9, 0.95)),
        ((3, 50, 50), (0.5, 0.9, 0.9)),
        ((10, 10, 10, 10, 200), (0.7, 0.9, 0.95, 0.8, 0.99)),
    ],
)
def test_mean_of_ratios_covers(n, p):
    rng = np.random.default_rng(3)
    draws = rng.binomial(n, p, (1500, len(n)))
    found = [mean_of_ratios(k, np.array(n)) for k in draws]
    covered = np.mean([i.low <= np.mean(p) <= i.high for i in found])
    assert covered >= 0.94


@pytest.mark.parametrize("value", [0.0, 0.3, 0.5, 0.87, 0.97, 1.0])
@pytest.mark.parametrize(("m", "n"), [(10, 10), (3, 40), (1, 1), (500, 20_000)])
def test_newcombe_limits_solve_their_equation(value, m, n):
    interval = newcombe_auc(value, m, n)
    assert 0 <= interval.low <= value <= interval.high <= 1
    z = stats.norm.ppf(0.975)
    for t in (interval.low, interval.high):
        if t in (0, 1):
            assert value == t
            continue
        star = (m + n) / 2 - 1
        variance = t * (1 - t) * (1 + star * (1 - t) / (2 - t) + star * t / (1 + t)) / (m * n)
        assert abs(value - t) == pytest.approx(z * np.sqrt(variance), abs=1e-12)


def test_newcombe_is_undefined_without_a_class():
    assert newcombe_auc(None, 0, 5).low is None
    assert newcombe_auc(0.5, 5, 0).value is None
    with pytest.raises(InputError, match="AUC"):
        newcombe_auc(1.2, 5, 5)
    with pytest.raises(InputError, match="AUC"):
        newcombe_auc(float("nan"), 5, 5)


def test_newcombe_covers_where_delong_does_not():
    """10 against 10, true AUC 0.97: DEFINITIONS.md gives 0.961 (DeLong 0.678)."""
    rng = np.random.default_rng(4)
    shift = np.sqrt(2) * stats.norm.ppf(0.97)
    wins = (rng.normal(shift, 1, (3000, 10, 1)) > rng.normal(0, 1, (3000, 1, 10))).mean((1, 2))
    cache = {a: newcombe_auc(float(a), 10, 10) for a in np.unique(wins)}
    covered = np.mean([cache[a].low <= 0.97 <= cache[a].high for a in wins])
    assert 0.945 <= covered <= 0.975
