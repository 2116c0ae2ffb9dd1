"""What is said of given predictions: counted by hand, and against SciPy and scikit-learn."""

import numpy as np
import pytest
from scipy import optimize, stats
from sklearn.metrics import f1_score, log_loss, roc_auc_score

from handful.judging import Predictions, judgement
from handful.metrics import ASK, newcombe_auc

TAGS = ("apple", "bread", "cheese", "nothing")
#               apple       bread     cheese
ACTUAL = [0, 0, 0, 0, 1, 1, 1, 2, 2]
SAID__ = [0, 0, 0, 1, 1, 1, 0, 1, 2]
COUNTS = [[3, 1, 0, 0], [1, 2, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]]


def votes(said, *, n_tags=4, sure=0.7):
    """Probabilities whose largest is at `said`."""
    rest = (1 - sure) / (n_tags - 1)
    return np.where(np.arange(n_tags) == np.array(said)[:, None], sure, rest).astype(np.float32)


def judged(said=SAID__, actual=ACTUAL, *, tags=TAGS, groups=None):
    y = np.array(actual)
    record = Predictions(votes(said, n_tags=len(tags)), np.zeros(len(y), np.int64))
    groups = np.arange(len(y)) if groups is None else np.array(groups)
    return judgement([record], y, groups=groups, tags=tags)


def exact(k, n, confidence=0.95):
    """Clopper-Pearson by SciPy."""
    interval = stats.binomtest(k, n).proportion_ci(confidence, method="exact")
    return interval.low, interval.high


def assert_ratio(interval, k, n):
    assert (interval.successes, interval.trials) == (k, n)
    assert interval.value == pytest.approx(k / n, abs=1e-12)
    assert (interval.low, interval.high) == pytest.approx(exact(k, n), abs=1e-9)


def test_counts_by_hand():
    found = judged()
    assert found.confusion.tolist() == COUNTS
    assert found.passes == (6 / 9,)
    assert_ratio(found.metrics["accuracy"], 6, 9)
    assert_ratio(found.metrics["baseline_accuracy"], 4, 9)


@pytest.mark.parametrize(
    ("tag", "precision", "recall", "specificity"),
    [
        ("apple", (3, 4), (3, 4), (4, 5)),
        ("bread", (2, 4), (2, 3), (4, 6)),
        ("cheese", (1, 1), (1, 2), (7, 7)),
    ],
)
def test_ratios_of_a_tag_by_hand(tag, precision, recall, specificity):
    found = judged().per_tag[tag]
    assert_ratio(found.precision, *precision)
    assert_ratio(found.recall, *recall)
    assert_ratio(found.specificity, *specificity)
    assert found.support == recall[1]


@pytest.mark.parametrize(
    ("tag", "both", "either"), [("apple", 3, 5), ("bread", 2, 5), ("cheese", 1, 2)]
)
def test_f1_comes_from_the_overlap(tag, both, either):
    """F1 = 2 J / (1 + J) with J = both / either, and so do the ends of its interval."""
    f1 = judged().per_tag[tag].f1
    y, said = np.array(ACTUAL) == TAGS.index(tag), np.array(SAID__) == TAGS.index(tag)
    assert f1.value == pytest.approx(f1_score(y, said))
    low, high = exact(both, either)
    assert f1.low == pytest.approx(2 * low / (1 + low))
    assert f1.high == pytest.approx(2 * high / (1 + high))


def test_what_is_undefined_is_none():
    """No sample is tagged "nothing" and none was taken for it."""
    found = judged().per_tag["nothing"]
    for ratio in (found.precision, found.recall, found.f1, found.auc):
        assert (ratio.value, ratio.low, ratio.high) == (None, None, None)
    assert_ratio(found.specificity, 9, 9)
    never_said = judged([0, 0, 1, 1], [0, 0, 1, 2], tags=TAGS[:3]).per_tag["cheese"]
    assert never_said.precision.value is None
    assert never_said.recall.value == never_said.f1.value == 0
    assert never_said.f1.low == 0 < never_said.f1.high


def test_summary_figures_against_scikit_learn():
    found = judged(tags=TAGS[:3])
    assert found.metrics["macro_f1"].value == pytest.approx(
        f1_score(ACTUAL, SAID__, average="macro")
    )
    assert found.metrics["balanced_accuracy"].value == pytest.approx((3 / 4 + 2 / 3 + 1 / 2) / 3)
    expected = log_loss(ACTUAL, votes(SAID__, n_tags=3).astype(np.float64))
    assert found.metrics["log_loss"].value == pytest.approx(expected, rel=1e-6)


def test_balanced_accuracy_of_equal_tags_is_the_accuracy():
    found = judged([0, 0, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1], tags=TAGS[:2]).metrics
    balanced, accuracy = found["balanced_accuracy"], found["accuracy"]
    assert balanced.value == pytest.approx(accuracy.value)
    assert (balanced.low, balanced.high) == pytest.approx((accuracy.low, accuracy.high))


def test_all_right_and_all_wrong_keep_wide_intervals():
    y = [0] * 10 + [1] * 10
    right = judged(y, y, tags=TAGS[:2]).metrics
    wrong = judged([1 - tag for tag in y], y, tags=TAGS[:2]).metrics
    for name in ("accuracy", "balanced_accuracy", "macro_f1"):
        assert right[name].value == right[name].high == 1
        assert right[name].low == pytest.approx(exact(20, 20)[0])
        assert wrong[name].value == wrong[name].low == 0
        assert wrong[name].high == pytest.approx(exact(0, 20)[1])


def scored(seed, *, n=40, n_tags=3, n_folds=4, ties=False):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, n_tags, n)
    p = rng.dirichlet(np.ones(n_tags), n) + 0.4 * np.eye(n_tags)[y]
    p = np.round(p, 1) + 0.01 if ties else p
    return y, (p / p.sum(axis=1, keepdims=True)).astype(np.float32), rng.integers(0, n_folds, n)


def fold_auc_by_hand(passes, y, tag):
    """scikit-learn's AUC of each fold that has both kinds, weighted by its pairs."""
    total = pairs = 0
    for p, folds in passes:
        for fold in set(folds.tolist()):
            inside = folds == fold
            positive = y[inside] == tag
            n_pairs = int(positive.sum() * (~positive).sum())
            if n_pairs:
                total += n_pairs * roc_auc_score(positive, p[inside, tag])
                pairs += n_pairs
    return total / pairs


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_auc_ranks_within_folds_only(seed, ties):
    y, p, folds = scored(seed, ties=ties)
    _, q, others = scored(seed + 100, ties=ties)
    passes = [(p, folds), (q, others)]
    found = judgement(
        [Predictions(*one) for one in passes],
        y, groups=np.arange(len(y)), tags=("a", "b", "c"),
    )  # fmt: skip
    by_hand = [fold_auc_by_hand(passes, y, tag) for tag in range(3)]
    for tag, name in enumerate(found.tags):
        assert found.per_tag[name].auc.value == pytest.approx(by_hand[tag], abs=1e-12)
    assert found.metrics["auc"].value == pytest.approx(np.mean(by_hand), abs=1e-12)


def test_auc_does_not_rank_scores_of_different_models():
    """Each model ranks perfectly, but one is timid: pooled, the ranking would be spoilt."""
    y = np.array([0, 1, 0, 1])
    p = np.array([0.1, 0.3, 0.6, 0.9])
    predictions = Predictions(np.stack([1 - p, p], axis=1), np.array([0, 0, 1, 1]))
    found = judgement([predictions], y, groups=np.arange(4), tags=("a", "b"))
    assert roc_auc_score(y, p) == 0.75
    assert found.per_tag["b"].auc.value == 1


def test_auc_is_none_where_no_fold_has_both():
    y = np.array([0, 0, 1, 1])
    predictions = Predictions(votes(y, n_tags=2), np.array([0, 0, 1, 1]))
    found = judgement([predictions], y, groups=np.arange(4), tags=("a", "b"))
    assert found.per_tag["a"].auc.value is None
    assert found.metrics["auc"].value is None


def test_copies_do_not_narrow_an_interval():
    """Ten copies of each of 9 samples tell hardly more than the 9 do."""
    alone = judged(tags=TAGS[:3]).metrics
    copied = judged(
        np.repeat(SAID__, 10), np.repeat(ACTUAL, 10), tags=TAGS[:3], groups=np.repeat(range(9), 10)
    ).metrics
    apart = judged(np.repeat(SAID__, 10), np.repeat(ACTUAL, 10), tags=TAGS[:3]).metrics
    for name in ("accuracy", "balanced_accuracy", "macro_f1"):
        once, ten, careless = (m[name].high - m[name].low for m in (alone, copied, apart))
        assert copied[name].value == pytest.approx(alone[name].value, abs=1e-6)
        assert ten > 0.75 * once
        assert careless < 0.55 * once


def two_passes(first, second, actual=ACTUAL):
    y = np.array(actual)
    passes = [Predictions(votes(said), np.zeros(len(y), np.int64)) for said in (first, second)]
    return judgement(passes, y, groups=np.arange(len(y)), tags=TAGS), passes


def test_the_first_pass_is_counted_and_the_others_are_reported():
    found, passes = two_passes(SAID__, ACTUAL)
    assert found.passes == (6 / 9, 1.0)
    assert found.confusion.tolist() == COUNTS
    assert found.record is passes[0]
    accuracy = found.metrics["accuracy"]
    assert (accuracy.value, accuracy.successes, accuracy.trials) == (6 / 9, 6, 9)


def test_intervals_rest_on_all_passes_but_on_no_more_samples():
    """6 and 8 of 9 right: Clopper-Pearson for 6 and for 7 of 9, not for 14 of 18."""
    better = [0, 0, 0, 1, 1, 1, 1, 2, 2]
    found, _ = two_passes(SAID__, better)
    accuracy = found.metrics["accuracy"]
    assert (accuracy.low, accuracy.high) == pytest.approx((exact(6, 9)[0], exact(7, 9)[1]))
    assert accuracy.value == 6 / 9
    assert found.metrics["macro_f1"].value == judged().metrics["macro_f1"].value
    same, _ = two_passes(SAID__, SAID__)
    for name in ("accuracy", "balanced_accuracy", "macro_f1"):
        once, twice = judged().metrics[name], same.metrics[name]
        assert (once.low, once.high) == pytest.approx((twice.low, twice.high))


def test_an_interval_holds_the_shown_pass_even_if_the_others_differ_from_it():
    found, _ = two_passes(ACTUAL, [3] * 9)
    for name in ("accuracy", "balanced_accuracy", "macro_f1"):
        interval = found.metrics[name]
        assert interval.low <= interval.value == interval.high == 1


def test_samples_for_which_a_person_was_asked_are_neither_right_nor_wrong():
    y, answers = np.array(ACTUAL), np.array([0, 0, ASK, ASK, 1, 1, 0, ASK, 2])
    record = Predictions(votes(SAID__), np.zeros(9, np.int64), answers)
    found = judgement([record], y, groups=np.arange(9), tags=TAGS)
    assert_ratio(found.metrics["accuracy"], 5, 6)
    assert found.confusion.sum() == 6
    assert_ratio(found.per_tag["apple"].recall, 2, 2)
    assert found.metrics["balanced_accuracy"].value == pytest.approx((1 + 2 / 3 + 1) / 3)


def test_where_a_person_was_asked_every_time_nothing_is_said():
    record = Predictions(votes(SAID__), np.zeros(9, np.int64), np.full(9, ASK))
    found = judgement([record], np.array(ACTUAL), groups=np.arange(9), tags=TAGS)
    for name in ("accuracy", "balanced_accuracy", "macro_f1"):
        assert found.metrics[name].value is None
    assert found.metrics["auc"].value is not None


def test_log_loss_has_no_interval():
    """What could be computed held the truth in 65 to 90 % of cases, so nothing is said."""
    loss = judged().metrics["log_loss"]
    assert (loss.low, loss.high) == (None, None)


@pytest.mark.parametrize("n_folds", [1, 2, 5])
def test_auc_is_less_certain_where_only_pairs_within_folds_count(n_folds):
    """Newcombe's variance of each fold, over the number of folds, solved by SciPy."""
    m = n = 10

    def off(t):
        share = (m + n) / 2 / n_folds - 1
        variance = t * (1 - t) * (1 + share * (1 - t) / (2 - t) + share * t / (1 + t))
        return abs(0.8 - t) - 1.959963985 * np.sqrt(variance * n_folds / (m * n))

    found = newcombe_auc(0.8, m, n, n_folds=n_folds)
    assert found.low == pytest.approx(optimize.brentq(off, 1e-6, 0.8), abs=1e-8)
    assert found.high == pytest.approx(optimize.brentq(off, 0.8, 1 - 1e-6), abs=1e-8)


@pytest.mark.parametrize("seed", range(20))
def test_every_interval_holds_its_value(seed):
    y, p, folds = scored(seed, n=30)
    groups = np.random.default_rng(seed).integers(0, 12, 30)
    found = judgement([Predictions(p, folds)], y, groups=groups, tags=("a", "b", "c"))
    of_tags = [i for t in found.per_tag.values() for i in (t.precision, t.recall, t.f1, t.auc)]
    for interval in [*found.metrics.values(), *of_tags]:
        if interval.value is not None and interval.low is not None:
            assert interval.low <= interval.value <= interval.high
            assert interval.confidence == 0.95
