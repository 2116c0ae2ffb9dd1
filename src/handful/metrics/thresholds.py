"""From what a mistake costs to the threshold: pure functions of scores and costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from handful.errors import InputError
from handful.metrics.bootstrap import cluster_ratio
from handful.metrics.checks import binary_of, check_same_length, finite, probabilities_of, scores_of
from handful.metrics.intervals import Interval, clopper_pearson
from handful.metrics.order import ranked_counts
from handful.metrics.ranking import truth_columns

ASK = -1  # what `decide` answers where a person should look

Rule = Callable[[np.ndarray, np.ndarray], float | None]


def cost_threshold(
    *,
    false_positive_cost: float,
    false_negative_cost: float,
    trained_prevalence: float | None = None,
    used_prevalence: float | None = None,
) -> float:
    """Probability from which calling it positive costs less on average than not.

    c_FP / (c_FP + c_FN) on calibrated probabilities. Where positives are rarer in use than they
    were among the samples (or more common), the threshold moves so that it can be applied to
    the probabilities as they are.

    Parameters
    ----------
    false_positive_cost, false_negative_cost : float
        Above 0; only their proportion matters.
    trained_prevalence, used_prevalence : float, optional
        Share of positives among the samples, and where the model is used; both or neither.

    Raises
    ------
    InputError
        When a cost is not above 0 or a prevalence is not between 0 and 1.

    References
    ----------
    Elkan 2001, "The foundations of cost-sensitive learning", IJCAI, equation 2.

    Examples
    --------
    >>> round(cost_threshold(false_positive_cost=1, false_negative_cost=10), 4)
    0.0909
    """
    costs = (false_positive_cost, false_negative_cost)
    if not all(0 < cost < np.inf for cost in costs):
        raise InputError(f"Both costs must be above 0, got {costs}.")
    odds = false_positive_cost / false_negative_cost
    if (trained_prevalence is None) != (used_prevalence is None):
        raise InputError("Give both prevalences, of the samples and of the use, or neither.")
    if trained_prevalence is not None and used_prevalence is not None:
        odds /= _odds_ratio(trained_prevalence, used_prevalence)
    return odds / (1 + odds)


def _odds_ratio(trained: float, used: float) -> float:
    for prevalence in (trained, used):
        if not 0 < prevalence < 1:
            raise InputError(f"A prevalence lies between 0 and 1, got {prevalence}.")
    return used / (1 - used) * (1 - trained) / trained


def shift_prevalence(
    probabilities: np.ndarray, *, trained: np.ndarray, used: np.ndarray
) -> np.ndarray:
    """Probabilities for a place where the tags are more or less common than in the samples.

    Each odds is multiplied by the ratio of the odds of its tag there and here; for many tags
    p_k used_k / trained_k, renormalised, which for two tags is the same.

    Parameters
    ----------
    probabilities : ndarray of float, shape (n_samples, n_tags)
        Calibrated.
    trained, used : ndarray of float, shape (n_tags,)
        Share of each tag among the samples, and where the model is used.

    References
    ----------
    Saerens, Latinne and Decaestecker 2002, Neural Computation 14(1), equation 2.4.

    Examples
    --------
    >>> rare, even = np.array([0.99, 0.01]), np.array([0.5, 0.5])
    >>> shift_prevalence(np.array([[0.092, 0.908]]), trained=even, used=rare).round(2).tolist()
    [[0.91, 0.09]]
    """
    given = probabilities_of(probabilities)
    before, after = finite(trained, name="trained"), finite(used, name="used")
    if before.shape != after.shape or before.shape != given.shape[1:]:
        raise InputError(f"One prevalence a tag is needed: {given.shape[1]} of each.")
    if not (before > 0).all() or not (after >= 0).all() or not after.sum() > 0:
        raise InputError("Prevalences must be above 0 (or 0 for a tag that never occurs in use).")
    shifted = given * (after / after.sum() / (before / before.sum()))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def threshold_for_sensitivity(
    y_true: np.ndarray,
    y_score: np.ndarray,
    at_least: float,
    *,
    sample_weight: np.ndarray | None = None,
) -> float | None:
    """Highest score that finds at least this share of these positives; None without positives.

    It says nothing of samples to come: on average half of such thresholds find fewer of them.
    For that, see `promise`.

    Examples
    --------
    >>> threshold_for_sensitivity(np.array([0, 1, 1]), np.array([0.1, 0.4, 0.8]), 0.9)
    0.4
    """
    _check_share(at_least)
    ranked = ranked_counts(y_true, y_score, sample_weight=sample_weight)
    if not ranked.n_positive:
        return None
    return float(ranked.thresholds[np.argmax(ranked.tp / ranked.n_positive >= at_least)])


def threshold_for_specificity(
    y_true: np.ndarray,
    y_score: np.ndarray,
    at_least: float,
    *,
    sample_weight: np.ndarray | None = None,
) -> float | None:
    """Lowest score that leaves alone at least this share of these negatives.

    None without negatives. Where even the highest score alarms too many, the next number above
    it: nothing is called positive.

    Examples
    --------
    >>> threshold_for_specificity(np.array([0, 0, 1]), np.array([0.1, 0.4, 0.8]), 0.9)
    0.8
    """
    _check_share(at_least)
    ranked = ranked_counts(y_true, y_score, sample_weight=sample_weight)
    if not ranked.n_negative:
        return None
    enough = (ranked.n_negative - ranked.fp) / ranked.n_negative >= at_least
    if not enough[0]:
        return float(np.nextafter(ranked.thresholds[0], np.inf))
    return float(ranked.thresholds[np.count_nonzero(enough) - 1])


def threshold_for_f1(
    y_true: np.ndarray, y_score: np.ndarray, *, sample_weight: np.ndarray | None = None
) -> float | None:
    """Threshold with the highest F1 on these samples; None without positives.

    Examples
    --------
    >>> threshold_for_f1(np.array([0, 1, 1]), np.array([0.1, 0.4, 0.8]))
    0.4
    """
    ranked = ranked_counts(y_true, y_score, sample_weight=sample_weight)
    if not ranked.n_positive:
        return None
    scores = 2 * ranked.tp / (ranked.tp + ranked.fp + ranked.n_positive)
    return float(ranked.thresholds[np.argmax(scores)])


def _check_share(at_least: float) -> None:
    if not 0 < at_least <= 1:
        raise InputError(f"The share must be above 0 and at most 1, got {at_least}.")


def threshold_per_tag(rule: Rule, y_true: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """One threshold for each of several tags, by a rule such as `threshold_for_f1`.

    Parameters
    ----------
    rule : callable
        Takes one tag's truth (n_samples,) and scores (n_samples,); gives a threshold or None.
    y_true : ndarray of 0 and 1, shape (n_samples, n_tags), or column numbers (n_samples,)
    scores : ndarray of float, shape (n_samples, n_tags)

    Returns
    -------
    ndarray of float64, shape (n_tags,)
        NaN where the rule finds none.
    """
    columns = finite(scores, name="scores")
    truth = truth_columns(y_true, columns)
    found = [rule(truth[:, i], columns[:, i]) for i in range(truth.shape[1])]
    return np.array([np.nan if t is None else t for t in found], dtype=np.float64)


def decide(
    probabilities: np.ndarray, costs: np.ndarray, *, asking_cost: float | None = None
) -> np.ndarray:
    """Give the answer that costs least on average, or a person where even that costs more.

    Parameters
    ----------
    probabilities : ndarray of float, shape (n_samples, n_tags)
        Calibrated.
    costs : ndarray of float, shape (n_tags, n_tags)
        costs[k, j]: of answering j where the truth is k.
    asking_cost : float, optional
        Of asking a person; without it the model always answers.

    Returns
    -------
    ndarray of int64, shape (n_samples,)
        Column numbers, or ASK (-1).

    References
    ----------
    Chow 1970, "On optimum recognition error and reject tradeoff", IEEE Trans. Inf. Theory 16(1).

    Examples
    --------
    >>> costs = np.array([[0, 1], [10, 0]])
    >>> decide(np.array([[0.95, 0.05], [0.8, 0.2]]), costs).tolist()
    [0, 1]
    """
    given, price = probabilities_of(probabilities), finite(costs, name="costs")
    if price.shape != (given.shape[1], given.shape[1]):
        raise InputError(
            f"costs must have one row and one column for each of the {given.shape[1]} tags, "
            f"got {price.shape}."
        )
    expected = given.astype(np.float64) @ price
    answer: np.ndarray = expected.argmin(axis=1)
    if asking_cost is not None:
        answer[expected.min(axis=1) > asking_cost] = ASK
    return answer


@dataclass(frozen=True)
class Outcome:
    """What a threshold does to samples.

    Attributes
    ----------
    threshold : float
    tp, fp, fn, tn : int
    sensitivity, specificity, precision : Interval
    """

    threshold: float
    tp: int
    fp: int
    fn: int
    tn: int
    sensitivity: Interval
    specificity: Interval
    precision: Interval


def outcome(
    y_true: np.ndarray,
    y_score: np.ndarray,
    *,
    threshold: float,
    groups: np.ndarray | None = None,
    confidence: float = 0.95,
) -> Outcome:
    """Count what happens when `y_score >= threshold` is called positive, with intervals.

    Examples
    --------
    >>> found = outcome(np.array([0, 1, 1]), np.array([0.1, 0.4, 0.8]), threshold=0.5)
    >>> found.fn, found.sensitivity.value
    (1, 0.5)
    """
    truth, scores = binary_of(y_true), scores_of(y_score)
    check_same_length(y_true=truth, y_score=scores)
    said = scores >= threshold

    def share(hit: np.ndarray, among: np.ndarray) -> Interval:
        if groups is not None:
            return cluster_ratio(hit[among], np.asarray(groups)[among], confidence=confidence)
        return clopper_pearson(int(hit[among].sum()), int(among.sum()), confidence=confidence)

    tp, fp = int((truth & said).sum()), int((~truth & said).sum())
    fn, tn = int((truth & ~said).sum()), int((~truth & ~said).sum())
    rates = share(said, truth), share(~said, ~truth), share(truth, said)
    return Outcome(float(threshold), tp, fp, fn, tn, *rates)
