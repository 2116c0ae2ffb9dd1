"""Choosing a threshold or a cost rule from predictions of samples that the model had not seen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from handful.metrics import (
    ASK,
    Interval,
    Outcome,
    Promise,
    cluster_bootstrap,
    cost_threshold,
    outcome,
    promise,
    threshold_for_specificity,
)  # fmt: skip
from handful.rules import Rule


@dataclass(frozen=True)
class Scored:
    """Predictions of samples that the predicting model had not seen.

    Attributes
    ----------
    tags : tuple of str
    y : ndarray of int, shape (n_samples,)
    probabilities : ndarray of float, shape (n_samples, n_tags)
    groups : ndarray of int, shape (n_samples,)
    fresh : bool
        The final model itself predicted them: promises are guaranteed, not only checked.
    """

    tags: tuple[str, ...]
    y: np.ndarray
    probabilities: np.ndarray
    groups: np.ndarray
    fresh: bool

    def scores(self, positive: int) -> np.ndarray:
        """Probability of one tag for every sample, float (n_samples,)."""
        return np.asarray(self.probabilities[:, positive])


@dataclass(frozen=True)
class Choice:
    """A rule and its price.

    Attributes
    ----------
    rule : Rule
    outcome : Outcome or None
        What its threshold does to the samples; None for a cost matrix.
    precision : Interval or None
        Where the tag is as common as in use.
    promise : Promise or None
    prevalence : float or None
        Share of positives where the model is used, if it was said.
    costs : CostOutcome or None
        For a cost matrix.
    specificity : float or None
        Share of the others that was to be left alone, if it was said.
    """

    rule: Rule
    outcome: Outcome | None = None
    precision: Interval | None = None
    promise: Promise | None = None
    prevalence: float | None = None
    costs: CostOutcome | None = None
    specificity: float | None = None


@dataclass(frozen=True)
class CostOutcome:
    """What a cost matrix does to the samples.

    Attributes
    ----------
    cost, cost_of_most_probable : float
        Average cost a sample, by this rule and by always answering the most probable tag.
    asked, n : int
        Samples for which a person is asked, and all.
    right : int
        Right among those answered.
    low, high : float or None
        95 % interval of `cost`, by drawing whole groups at random (bootstrap).
    """

    cost: float
    cost_of_most_probable: float
    asked: int
    n: int
    right: int
    low: float | None
    high: float | None


def by_costs(
    scored: Scored,
    positive: int,
    *,
    miss_costs: float,
    alarm_costs: float,
    prevalence: float | None,
) -> Choice:
    """The threshold that costs least on average, from what either mistake costs."""
    known = prevalence is not None
    trained = float((scored.y == positive).mean())
    threshold = cost_threshold(
        false_positive_cost=alarm_costs,
        false_negative_cost=miss_costs,
        trained_prevalence=trained if known else None,
        used_prevalence=prevalence,
    )
    words = f"a miss costs {miss_costs:g}, a false alarm {alarm_costs:g}"
    if prevalence is not None:
        share = np.format_float_positional(prevalence, trim="-")
        words += f", {share} of samples are positive"
    return _choice(scored, positive, threshold, words, prevalence)


def by_specificity(
    scored: Scored, positive: int, *, specificity: float, prevalence: float | None
) -> Choice:
    """The lowest threshold that leaves alone at least this share of the others."""
    truth = scored.y == positive
    threshold = threshold_for_specificity(truth, scored.scores(positive), specificity)
    words = f"specificity of at least {specificity:.12g} among the samples"
    choice = _choice(scored, positive, 1.0 if threshold is None else threshold, words, prevalence)
    return replace(choice, specificity=specificity)


def by_recall(
    scored: Scored, positive: int, *, recall: float, confidence: float, prevalence: float | None
) -> Choice:
    """The threshold that finds at least this share of the positives to come, as promised."""
    lowest = _lowest_of_groups(scored, positive)
    promised = promise(lowest, recall=recall, confidence=confidence)
    threshold = 0.0 if promised.threshold is None else promised.threshold
    words = f"recall of at least {recall:.12g} with confidence {confidence:.12g}"
    if not promised.kept:
        words = f"the lowest score among the samples; a {words} was not possible"
    elif not scored.fresh:
        words += ", checked, not guaranteed"
    return _choice(scored, positive, threshold, words, prevalence, promised)


def by_cost_matrix(
    scored: Scored, costs: np.ndarray, *, asking_cost: float | None, words: str
) -> Choice:
    """The answer that costs least on average, or a person where even that costs more."""
    rule = Rule(
        words=words, costs=tuple(tuple(row) for row in costs.tolist()), asking_cost=asking_cost
    )
    answers = rule.decide(scored.probabilities)
    asked = answers == ASK
    paid = np.where(asked, asking_cost or 0.0, costs[scored.y, np.where(asked, 0, answers)])
    plain = costs[scored.y, scored.probabilities.argmax(axis=1)]
    right = int((answers == scored.y).sum())
    n = len(answers)
    span = cluster_bootstrap(lambda some: float(paid[some].mean()), scored.groups, seed=0)
    done = CostOutcome(
        cost=float(paid.mean()),
        cost_of_most_probable=float(plain.mean()),
        asked=int(asked.sum()),
        n=n,
        right=right,
        low=span.low,
        high=span.high,
    )
    return Choice(rule, costs=done)


def _choice(
    scored: Scored,
    positive: int,
    threshold: float,
    words: str,
    prevalence: float | None,
    promised: Promise | None = None,
) -> Choice:
    found = outcome(
        scored.y == positive, scored.scores(positive), threshold=threshold, groups=scored.groups
    )
    rule = Rule(words=words, positive=positive, threshold=threshold)
    precision = found.precision if prevalence is None else _precision_at(found, prevalence)
    return Choice(rule, found, precision, promised, prevalence)


def _precision_at(found: Outcome, prevalence: float) -> Interval:
    """Precision where positives are as common as said; its limits take both at their worst."""

    def share(sensitivity: float | None, specificity: float | None) -> float | None:
        if sensitivity is None or specificity is None:
            return None
        right, wrong = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
        return right / (right + wrong) if right + wrong > 0 else None

    sens, spec = found.sensitivity, found.specificity
    return Interval(
        share(sens.value, spec.value),
        share(sens.low, spec.low),
        share(sens.high, spec.high),
        sens.confidence,
        "from sensitivity and specificity at the prevalence in use",
    )


def _lowest_of_groups(scored: Scored, positive: int) -> np.ndarray:
    """One score for each group of positives, its lowest: copies are no further evidence."""
    truth = scored.y == positive
    scores, groups = scored.scores(positive)[truth], scored.groups[truth]
    order = np.lexsort((scores, groups))
    first = np.ones(len(order), bool)
    first[1:] = groups[order][1:] != groups[order][:-1]
    return np.asarray(scores[order][first])
