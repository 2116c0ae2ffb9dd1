"""Trade-offs as values: against scikit-learn, against the metrics, and never too large."""

from __future__ import annotations

import json

import numpy as np
import pytest
from made_scores import drawn, two
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_curve, roc_curve

from handful.choosing import by_costs, by_recall
from handful.metrics import most_misses, outcome, promise, roc_band
from handful.report.tradeoffs import tradeoffs
from handful.report.typical import independent_scores

MADE = {
    "three tags": drawn([20, 30, 50]),
    "ties": drawn([20, 30, 50], digits=1),
    "groups": drawn([20, 30, 50], together=4, seed=1),
    "useless": drawn([20, 30], gap=0, seed=2),
    "perfect": two([0.9, 0.8, 0.7], [0.3, 0.2]),
    "inverted": two([0.1, 0.2], [0.8, 0.9]),
    "one of a tag": drawn([1, 30, 30], seed=3),
    "one score": two([0.5, 0.5], [0.5, 0.5, 0.5]),
}


@pytest.fixture(params=MADE, ids=str)
def made(request):
    return MADE[request.param]


def each(made):
    """Every tag's values beside its truth and its scores."""
    for values in made.tradeoffs()["tags"]:
        column = made.tags.index(values["tag"])
        yield values, made.y == column, made.probabilities[:, column]


def looked_up(table, k):
    """The rule of the page's script: between two counts the wider side of both."""
    below = max(i for i, known in enumerate(table["k"]) if known <= k)
    above = min(i for i, known in enumerate(table["k"]) if known >= k)
    return (
        min(table["low"][below], table["low"][above]),
        max(table["high"][below], table["high"][above]),
    )


def test_counts_are_those_of_scikit_learns_roc_curve(made):
    for values, truth, scores in each(made):
        fpr, tpr, thresholds = roc_curve(truth, scores, drop_intermediate=False)
        assert np.array_equal(np.float32(values["thresholds"]), thresholds[1:].astype(np.float32))
        np.testing.assert_allclose(np.array(values["tp"]) / truth.sum(), tpr[1:], atol=1e-12)
        np.testing.assert_allclose(np.array(values["fp"]) / (~truth).sum(), fpr[1:], atol=1e-12)


def test_counts_give_scikit_learns_precision_and_recall(made):
    for values, truth, scores in each(made):
        precision, recall, _ = precision_recall_curve(truth, scores)
        tp, fp = np.array(values["tp"][::-1]), np.array(values["fp"][::-1])
        np.testing.assert_allclose(tp / (tp + fp), precision[:-1], atol=1e-12)
        np.testing.assert_allclose(tp / truth.sum(), recall[:-1], atol=1e-12)


def test_reliability_is_scikit_learns_calibration_curve(made):
    for values, truth, scores in each(made):
        true, said = calibration_curve(truth, scores.astype(float), n_bins=10)
        bins = values["reliability"]
        np.testing.assert_allclose([b["k"] / b["n"] for b in bins], true, atol=1e-12)
        np.testing.assert_allclose([b["said"] for b in bins], said, atol=1e-6)
        assert sum(b["n"] for b in bins) == len(truth)
        assert sum(b["k"] for b in bins) == truth.sum()
        assert all(b["low"] <= b["k"] / b["n"] <= b["high"] for b in bins)


def test_every_threshold_has_the_outcome_that_the_metrics_give(made):
    rng = np.random.default_rng(0)
    groups = made.groups if len(set(made.groups)) < len(made.y) else None
    for values, truth, scores in each(made):
        for threshold in [*rng.choice(values["thresholds"], 5), *rng.random(5), 2.0]:
            done = outcome(truth, scores, threshold=np.float32(threshold), groups=groups)
            place = sum(np.float32(t) >= np.float32(threshold) for t in values["thresholds"])
            tp, fp = (values[key][place - 1] if place else 0 for key in ("tp", "fp"))
            assert (tp, fp) == (done.tp, done.fp)
            found = looked_up(values["sensitivity"], tp)
            left = looked_up(values["specificity"], fp)
            assert found == pytest.approx((done.sensitivity.low, done.sensitivity.high), abs=1e-6)
            assert left == pytest.approx((done.specificity.low, done.specificity.high), abs=1e-6)


def test_the_band_is_that_of_the_metrics(made):
    for values, truth, scores in each(made):
        band = roc_band(truth, scores, confidence=0.95, n_points=len(values["roc_band"]["low"]))
        np.testing.assert_allclose(values["roc_band"]["low"], band.low, atol=6e-4)
        np.testing.assert_allclose(values["roc_band"]["high"], band.high, atol=6e-4)


@pytest.mark.parametrize("recall", [0.5, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95])
def test_the_promised_threshold_is_that_of_the_metrics(made, recall, confidence):
    for values, truth, scores in each(made):
        alone = independent_scores(scores[truth], made.groups[truth])
        given = promise(alone, recall=recall, confidence=confidence)
        kept = values["promise"]
        assert kept["n"] == given.have
        place = kept["at"][kept["misses"].index(given.misses)]
        assert np.float32(values["thresholds"][place]) == np.float32(given.threshold)


def test_of_positives_that_belong_together_only_the_lowest_counts():
    scores = np.array([0.9, 0.2, 0.5, 0.7, 0.1], np.float32)
    found = independent_scores(scores, np.array([3, 3, 8, 8, 5]))
    assert found.tolist() == np.float32([0.1, 0.2, 0.5]).tolist()
    assert independent_scores(scores, None).tolist() == np.sort(scores).tolist()


def test_typical_choices_are_those_of_the_command(made):
    scored = made.scored()
    for values in made.tradeoffs()["tags"]:
        positive = made.tags.index(values["tag"])
        for typical in values["typical"][:3]:
            costs = {key: typical[key] for key in ("miss_costs", "alarm_costs")}
            same(typical, by_costs(scored, positive, prevalence=None, **costs))
        last, asked = values["typical"][3], {"recall": 0.95, "confidence": 0.9}
        chosen = by_recall(scored, positive, prevalence=None, **asked)
        same(last, chosen)
        assert last["can_promise"] == pytest.approx(chosen.promise.can_promise)
        for name in ("kept", "have", "need"):
            assert last[name] == getattr(chosen.promise, name)


def same(typical, choice):
    done = choice.outcome
    assert typical["threshold"] == pytest.approx(done.threshold, abs=1e-7)
    assert [typical[key] for key in ("tp", "fp", "fn", "tn")] == [
        done.tp,
        done.fp,
        done.fn,
        done.tn,
    ]
    for name in ("sensitivity", "specificity"):
        interval = getattr(done, name)
        assert typical[name] == pytest.approx([interval.low, interval.high], abs=1e-6)


def test_many_samples_take_bounded_room_and_stay_exact_where_kept():
    made = drawn([4000, 8000, 18000], seed=5)
    found = made.tradeoffs()
    assert len(json.dumps(found)) < 150_000
    for values, truth, scores in each(made):
        assert values["distinct"] > 20_000
        assert 300 < len(values["thresholds"]) <= 400
        kept = np.float32(values["thresholds"])
        assert (np.diff(kept) < 0).all()
        assert (kept[0], kept[-1]) == (scores.max(), scores.min())
        for i in range(0, len(kept), 29):
            done = outcome(truth, scores, threshold=kept[i])
            assert (values["tp"][i], values["fp"][i]) == (done.tp, done.fp)


def test_the_kept_thresholds_hold_the_whole_curve_tightly():
    """It runs through the boxes between neighbouring points: all of these together are small."""
    for values, truth, _ in each(drawn([4000, 26000], seed=6)):
        tall = np.diff(values["tp"], prepend=0) / truth.sum()
        wide = np.diff(values["fp"], prepend=0) / (~truth).sum()
        assert (tall * wide).sum() < 0.003
        assert np.minimum(tall, wide).max() < 0.01


def test_with_many_positives_a_promise_never_takes_a_higher_threshold_than_it_may():
    made = drawn([4000, 4000], seed=7)
    for values, truth, scores in each(made):
        lowest, kept = np.sort(scores[truth]), values["promise"]
        for recall in (0.5, 0.7, 0.9, 0.95, 0.99, 0.999):
            m = most_misses(4000, recall=recall, confidence=0.9)
            row = sum(misses <= m for misses in kept["misses"]) - 1
            threshold = np.float32(values["thresholds"][kept["at"][row]])
            assert threshold == lowest[kept["misses"][row]] <= lowest[m]
            assert kept["misses"][row] >= 0.95 * m


def test_intervals_of_many_grouped_samples_are_few_and_never_narrower_than_exact():
    made = drawn([2000, 18000], together=2, seed=8)
    for values, truth, scores in each(made):
        assert len(values["specificity"]["k"]) < len(set(values["fp"]))
        for threshold in np.float32(values["thresholds"][20::90]):
            done = outcome(truth, scores, threshold=threshold, groups=made.groups)
            low, high = looked_up(values["specificity"], done.fp)
            assert low <= done.specificity.low + 1e-6
            assert high >= done.specificity.high - 1e-6
            assert high - low < done.specificity.high - done.specificity.low + 0.02


@pytest.mark.parametrize("together", [1, 2])
def test_seventy_seven_tags_stay_small(together):
    found = drawn([13] * 77, seed=9, gap=3, together=together).tradeoffs()
    assert len(found["tags"]) == 77
    assert len(json.dumps(found, separators=(",", ":"))) < 600_000
    assert max(len(tag["thresholds"]) for tag in found["tags"]) <= 150


def test_values_are_plain_json(made):
    found = made.tradeoffs()
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_it_begins_with_the_rarest_tag():
    assert drawn([9, 5, 7]).tradeoffs()["positive"] == "tag 1"


def test_a_tag_that_no_sample_or_every_sample_has_cannot_be_looked_for():
    y, shares = np.array([0, 0, 2]), np.full((3, 3), 1 / 3, np.float32)
    found = tradeoffs(y, shares, np.arange(3), ["a", "b", "c"])
    assert [tag["tag"] for tag in found["tags"]] == ["a", "c"]
    alone = tradeoffs(np.zeros(3, int), shares, np.arange(3), ["a", "b", "c"])
    assert (alone["tags"], alone["positive"]) == ([], None)


def test_the_same_samples_give_the_same_values():
    assert drawn([9, 9], together=2).tradeoffs() == drawn([9, 9], together=2).tradeoffs()
