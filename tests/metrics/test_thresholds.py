"""Thresholds from costs and rates: the numbers of DEFINITIONS.md, and brute force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from handful.errors import InputError
from handful.metrics import (
    ASK,
    cluster_ratio,
    confusion_matrix,
    cost_threshold,
    decide,
    outcome,
    shift_prevalence,
    threshold_for_f1,
    threshold_for_sensitivity,
    threshold_for_specificity,
    threshold_per_tag,
)

RNG = np.random.default_rng(6)


def samples(n=60, decimals=2):
    truth = RNG.random(n) < 0.4
    truth[:2] = True, False
    return truth, (RNG.normal(size=n) + truth).round(decimals)


def test_published_cost_thresholds():
    costs = {"false_positive_cost": 1, "false_negative_cost": 10}
    assert cost_threshold(**costs) == pytest.approx(0.0909, abs=5e-5)
    shifted = cost_threshold(**costs, trained_prevalence=0.5, used_prevalence=0.01)
    assert shifted == pytest.approx(0.908, abs=5e-4)
    assert cost_threshold(false_positive_cost=2, false_negative_cost=2) == 0.5


@given(
    c_fp=st.floats(0.01, 100),
    c_fn=st.floats(0.01, 100),
    trained=st.floats(0.01, 0.99),
    used=st.floats(0.001, 0.999),
)
def test_shifted_threshold_decides_as_shifted_probabilities_do(c_fp, c_fn, trained, used):
    costs = {"false_positive_cost": c_fp, "false_negative_cost": c_fn}
    t = cost_threshold(**costs, trained_prevalence=trained, used_prevalence=used)
    there = shift_prevalence(
        np.array([[1 - t, t]]),
        trained=np.array([1 - trained, trained]),
        used=np.array([1 - used, used]),
    )
    assert there[0, 1] == pytest.approx(cost_threshold(**costs), rel=1e-9)


def test_cost_threshold_costs_least():
    """Against every other threshold, on calibrated probabilities."""
    p = RNG.random(20_000)
    truth = RNG.random(20_000) < p

    def cost(threshold):
        said = p >= threshold
        return 1 * (said & ~truth).sum() + 4 * (~said & truth).sum()

    best = cost(cost_threshold(false_positive_cost=1, false_negative_cost=4))
    assert all(best <= 1.02 * cost(t) for t in np.linspace(0, 1, 41))
    assert best < 0.9 * cost(0.5)


@pytest.mark.parametrize(
    "settings",
    [
        {"false_positive_cost": 0, "false_negative_cost": 1},
        {"false_positive_cost": 1, "false_negative_cost": float("inf")},
        {"false_positive_cost": 1, "false_negative_cost": float("nan")},
        {"false_positive_cost": 1, "false_negative_cost": 1, "used_prevalence": 0.1},
        {
            "false_positive_cost": 1,
            "false_negative_cost": 1,
            "used_prevalence": 0,
            "trained_prevalence": 0.5,
        },
    ],
)
def test_impossible_costs_are_refused(settings):
    with pytest.raises(InputError, match=r"cost|prevalence"):
        cost_threshold(**settings)


def test_shift_of_many_tags_is_bayes_rule():
    """Tags drawn one way and measured; the posterior is known for both prevalences."""
    likelihood = RNG.random((30, 3))
    here, there = np.array([0.2, 0.3, 0.5]), np.array([0.7, 0.3, 0.0])

    def posterior(prior):
        joint = likelihood * prior
        return joint / joint.sum(axis=1, keepdims=True)

    found = shift_prevalence(posterior(here), trained=here, used=there)
    np.testing.assert_allclose(found, posterior(there), atol=1e-12)
    with pytest.raises(InputError, match="One prevalence a tag"):
        shift_prevalence(likelihood[:, :2], trained=here, used=there)
    with pytest.raises(InputError, match="above 0"):
        shift_prevalence(posterior(here), trained=there, used=here)


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9, 0.99, 1.0])
def test_sensitivity_at_least_is_the_highest_such_score(share):
    for _ in range(20):
        truth, scores = samples()
        found = threshold_for_sensitivity(truth, scores, share)
        enough = [t for t in scores if (scores[truth] >= t).mean() >= share]
        assert found == max(enough)


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9, 0.99, 1.0])
def test_specificity_at_least_is_the_lowest_such_score(share):
    for _ in range(20):
        truth, scores = samples(decimals=1)
        found = threshold_for_specificity(truth, scores, share)
        enough = [t for t in scores if (scores[~truth] < t).mean() >= share]
        assert found == (min(enough) if enough else np.nextafter(scores.max(), np.inf))


def test_weights_are_repetitions():
    truth, scores = samples()
    times = RNG.integers(0, 4, len(truth))
    again = np.repeat(truth, times), np.repeat(scores, times)
    for rule in (threshold_for_sensitivity, threshold_for_specificity):
        assert rule(truth, scores, 0.8, sample_weight=times) == rule(*again, 0.8)
    weighted = threshold_for_f1(truth, scores, sample_weight=times)
    assert weighted == threshold_for_f1(*again)


def test_best_f1_is_the_best_of_all():
    for _ in range(20):
        truth, scores = samples()
        found = threshold_for_f1(truth, scores)
        best = max(sklearn_metrics.f1_score(truth, scores >= t) for t in scores)
        assert sklearn_metrics.f1_score(truth, scores >= found) == pytest.approx(best)


def test_a_class_that_is_missing_has_no_threshold():
    ones, zeros, scores = np.ones(3, bool), np.zeros(3, bool), np.arange(3.0)
    assert threshold_for_sensitivity(zeros, scores, 0.9) is None
    assert threshold_for_f1(zeros, scores) is None
    assert threshold_for_specificity(ones, scores, 0.9) is None
    with pytest.raises(InputError, match="share"):
        threshold_for_sensitivity(ones, scores, 0.0)
    with pytest.raises(InputError, match="share"):
        threshold_for_specificity(zeros, scores, 1.1)


def test_each_of_several_tags_gets_its_own_threshold():
    truth, scores = RNG.random((50, 3)) < 0.4, RNG.normal(size=(50, 3))
    truth[:, 2] = False
    found = threshold_per_tag(threshold_for_f1, truth, scores)
    assert found[:2].tolist() == [threshold_for_f1(truth[:, i], scores[:, i]) for i in (0, 1)]
    assert np.isnan(found[2])
    by_recall = threshold_per_tag(lambda y, s: threshold_for_sensitivity(y, s, 0.9), truth, scores)
    assert ((scores >= by_recall)[truth[:, 0], 0]).mean() >= 0.9


@given(
    st.integers(2, 5).flatmap(
        lambda k: st.tuples(
            st.lists(st.lists(st.floats(0, 1), min_size=k, max_size=k), min_size=1, max_size=6),
            st.lists(st.lists(st.integers(0, 50), min_size=k, max_size=k), min_size=k, max_size=k),
        )
    ),
    st.floats(0, 20),
)
def test_decisions_cost_least(given_, asking):
    p, costs = np.array(given_[0]), np.array(given_[1], float)
    found = decide(p, costs, asking_cost=asking)
    for row, answer in zip(p, found, strict=True):
        expected = [sum(row[k] * costs[k, j] for k in range(len(costs))) for j in range(len(costs))]
        if answer == ASK:
            assert min(expected) > asking - 1e-9
        else:
            assert expected[answer] <= min(expected) + 1e-9
            assert expected[answer] <= asking + 1e-9


def test_two_tags_decide_at_the_cost_threshold():
    t = cost_threshold(false_positive_cost=1, false_negative_cost=10)
    p = np.array([t - 1e-6, t + 1e-6])
    costs = np.array([[0, 1], [10, 0]])
    assert decide(np.column_stack([1 - p, p]), costs).tolist() == [0, 1]


def test_costs_must_fit_the_tags():
    with pytest.raises(InputError, match="costs"):
        decide(np.array([[0.5, 0.5]]), np.ones((2, 3)))
    with pytest.raises(InputError, match="row 0"):
        decide(np.array([[0.5, np.nan]]), np.ones((2, 2)))


def test_outcome_counts_as_the_confusion_matrix_does():
    truth, scores = samples()
    found = outcome(truth, scores, threshold=0.5)
    counts = confusion_matrix(truth, scores >= 0.5, labels=[False, True])
    assert [[found.tn, found.fp], [found.fn, found.tp]] == counts.tolist()
    assert found.sensitivity.value == sklearn_metrics.recall_score(truth, scores >= 0.5)
    assert found.precision.value == sklearn_metrics.precision_score(truth, scores >= 0.5)
    assert (found.specificity.successes, found.specificity.trials) == (found.tn, (~truth).sum())


def test_outcome_of_groups_and_of_nothing_said():
    truth, scores = samples()
    groups = np.arange(60) // 6
    found = outcome(truth, scores, threshold=0.5, groups=groups)
    assert found.sensitivity == cluster_ratio(scores[truth] >= 0.5, groups[truth])
    silent = outcome(truth, scores, threshold=99)
    assert silent.precision.value is None
    assert silent.specificity.value == 1
