"""The luck of the chosen recipe, and the corrected t, by simulation and closed form."""

import numpy as np
import pytest
from scipy import stats

from handful.errors import InputError
from handful.metrics import bbc_cv, cluster_mean, nadeau_bengio


def test_bbc_cv_takes_the_luck_out_of_the_choice():
    """20 recipes, all right 70 % of the time: the winner looks better, BBC-CV does not."""
    rng = np.random.default_rng(0)
    naive, corrected, covered = [], [], []
    for run in range(200):
        gains = (rng.random((60, 20)) < 0.7).astype(float)
        naive.append(gains.mean(axis=0).max())
        interval = bbc_cv(gains, seed=run, resamples=200)
        corrected.append(interval.value)
        covered.append(interval.low <= 0.7 <= interval.high)
    assert np.mean(naive) > 0.79
    assert np.mean(corrected) == pytest.approx(0.7, abs=0.015)
    assert np.mean(covered) >= 0.95


def test_bbc_cv_of_a_clearly_best_recipe_is_its_gain():
    rng = np.random.default_rng(1)
    gains = np.column_stack([rng.random(400) < 0.9, rng.random(400) < 0.3]).astype(float)
    assert bbc_cv(gains, seed=0).value == pytest.approx(gains[:, 0].mean(), abs=0.005)


def test_bbc_cv_equals_a_loop_over_its_definition():
    rng = np.random.default_rng(2)
    gains, groups = rng.normal(size=(30, 4)), np.arange(30) // 3
    weights = rng.random(30)
    drawn = np.random.default_rng(7).multinomial(10, np.full(10, 0.1), size=50)
    outside = []
    for counts in drawn:
        times = counts[groups] * weights
        best = np.argmax(times @ gains)
        left_out = weights * (counts[groups] == 0)
        outside.append(left_out @ gains[:, best] / left_out.sum())
    found = bbc_cv(gains, groups=groups, sample_weight=weights, seed=7, resamples=50)
    assert found.value == pytest.approx(np.mean(outside), abs=1e-12)
    assert found.low == pytest.approx(np.quantile(outside, 0.025), abs=1e-12)
    assert found.high == pytest.approx(np.quantile(outside, 0.975), abs=1e-12)


def test_bbc_cv_that_cannot_tell_is_undefined():
    assert bbc_cv(np.zeros((0, 3)), seed=0).value is None
    assert bbc_cv(np.zeros((5, 0)), seed=0).value is None
    assert bbc_cv(np.ones((5, 2)), groups=np.zeros(5), seed=0).value is None
    with pytest.raises(InputError, match="row 1"):
        bbc_cv(np.array([[0.0, 1.0], [np.nan, 1.0]]), seed=0)
    with pytest.raises(InputError, match="column a recipe"):
        bbc_cv(np.zeros(5), seed=0)


def test_corrected_t_in_closed_form():
    differences = np.random.default_rng(3).normal(0.02, 0.05, 25)
    found = nadeau_bengio(differences, n_train=80, n_test=20, confidence=0.9)
    error = differences.std(ddof=1) * np.sqrt(1 / 25 + 20 / 80)
    t = differences.mean() / error
    assert found.t == pytest.approx(t, abs=1e-12)
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(t), 24), abs=1e-12)
    half = stats.t.ppf(0.95, 24) * error
    assert found.difference.low == pytest.approx(differences.mean() - half, abs=1e-12)
    assert found.difference.high == pytest.approx(differences.mean() + half, abs=1e-12)
    assert found.degrees == 24


def test_the_correction_vanishes_with_the_test_set():
    """With next to no overlap it is the ordinary t test of one sample."""
    differences = np.random.default_rng(4).normal(0.1, 1, 12)
    found = nadeau_bengio(differences, n_train=10**12, n_test=1)
    expected = stats.ttest_1samp(differences, 0)
    assert found.t == pytest.approx(expected.statistic, rel=1e-9)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)


@pytest.mark.parametrize("differences", [[], [0.1], [0.1, 0.1, 0.1]])
def test_nothing_to_say_of_chance_is_undefined(differences):
    found = nadeau_bengio(np.array(differences), n_train=9, n_test=1)
    assert (found.t, found.p_value, found.difference.low) == (None, None, None)


def test_wrong_input_is_refused():
    with pytest.raises(InputError, match="n_train"):
        nadeau_bengio(np.array([0.1, 0.2]), n_train=0, n_test=1)
    with pytest.raises(InputError, match="row 1"):
        nadeau_bengio(np.array([0.1, np.inf]), n_train=9, n_test=1)


def test_the_mean_of_groups_of_one_has_student_s_interval():
    values = np.random.default_rng(3).normal(size=30)
    found = cluster_mean(values, np.arange(30), confidence=0.8)
    low, high = stats.t.interval(0.8, 29, values.mean(), stats.sem(values))
    assert (found.value, found.low, found.high) == pytest.approx((values.mean(), low, high))


def test_copies_of_a_sample_do_not_narrow_the_interval_of_a_mean():
    values = np.random.default_rng(4).normal(size=30)
    once = cluster_mean(values, np.arange(30))
    copied = cluster_mean(np.repeat(values, 4), np.repeat(np.arange(30), 4))
    assert (copied.low, copied.high) == pytest.approx((once.low, once.high))


def test_the_interval_of_a_mean_of_uneven_groups_holds_the_truth():
    """900 draws of 25 groups of 1 to 6 samples with a share of their own each."""
    rng, held = np.random.default_rng(5), 0
    for _ in range(900):
        groups = np.repeat(np.arange(25), rng.integers(1, 7, size=25))
        values = 0.3 + rng.normal(size=25)[groups] + rng.normal(size=len(groups))
        found = cluster_mean(values, groups)
        held += found.low <= 0.3 <= found.high
    assert held / 900 == pytest.approx(0.95, abs=0.03)


def test_one_group_has_a_mean_without_limits():
    found = cluster_mean(np.array([1.0, 2.0]), np.zeros(2, int))
    assert (found.value, found.low, found.high) == (1.5, None, None)
