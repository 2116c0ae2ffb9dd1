"""A recall that holds for samples to come, promised with a confidence, or honestly refused."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from handful.errors import InputError
from handful.metrics.beta import beta_tails
from handful.metrics.checks import check_confidence, scores_of

_MOST_POSITIVES = 1 << 40  # beyond any count; ends the search for the least number


@dataclass(frozen=True)
class Promise:
    """Whether a recall can be promised for samples to come, and the threshold that does it.

    Attributes
    ----------
    recall, confidence : float
        What was asked.
    kept : bool
        Whether these positives suffice.
    threshold : float or None
        Call positive what scores at least this. Where the promise cannot be kept, the lowest
        positive score, which promises `can_promise`; None without positives.
    have : int
        Positives there are.
    need : int
        Least number of positives with which the promise can be made.
    can_promise : float or None
        Highest recall that can be promised with these positives at this confidence.
    misses : int
        Positives below the threshold: as many as the promise allows.
    """

    recall: float
    confidence: float
    kept: bool
    threshold: float | None
    have: int
    need: int
    can_promise: float | None
    misses: int


def promise(positive_scores: np.ndarray, *, recall: float, confidence: float) -> Promise:
    """Threshold that finds at least `recall` of the positives to come, with `confidence`.

    With n positives sorted, the share of positives to come that lies below the (m + 1)-th
    smallest is smaller than 1 - recall except with probability BinomialCDF(m; n, 1 - recall):
    the largest m for which that is at most 1 - confidence is taken. It holds for any
    distribution of scores. It is guaranteed for scores of a model that never saw these samples,
    checked for out-of-fold scores, void for training scores; and it assumes that the samples to
    come are like these.

    Parameters
    ----------
    positive_scores : ndarray of float, shape (n_positive,)
    recall, confidence : float
        Both between 0 and 1, excluded.

    Raises
    ------
    InputError
        When a score is NaN or infinite (names the row), or a share is out of range.

    References
    ----------
    Tong, Feng and Li 2018, "Neyman-Pearson classification algorithms and NP receiver operating
    characteristics", Science Advances 4(2), proposition 1.

    Examples
    --------
    >>> given = promise(np.linspace(0, 1, 38), recall=0.95, confidence=0.9)
    >>> given.kept, given.need, round(given.can_promise, 3)
    (False, 45, 0.941)
    """
    _check(recall, confidence)
    scores = np.sort(scores_of(positive_scores))
    n = len(scores)
    m = most_misses(n, recall=recall, confidence=confidence)
    return Promise(
        recall=recall,
        confidence=confidence,
        kept=m is not None,
        threshold=float(scores[m or 0]) if n else None,
        have=n,
        need=least_positives(recall=recall, confidence=confidence),
        can_promise=(1 - confidence) ** (1 / n) if n else None,
        misses=m or 0,
    )


def _check(recall: float, confidence: float) -> None:
    check_confidence(confidence)
    if not 0 < recall < 1:
        raise InputError(f"recall is {recall}: give a share between 0 and 1, like 0.95.")


def most_misses(n_positive: int, *, recall: float, confidence: float) -> int | None:
    """Most positives that may lie below the threshold; None where none may and even that fails.

    Examples
    --------
    >>> most_misses(105, recall=0.95, confidence=0.9)
    2
    """
    _check(recall, confidence)
    if _risk(0, n_positive, recall) > 1 - confidence:
        return None
    low, high = 0, n_positive  # misses that keep the promise, and that break it
    while high - low > 1:
        middle = (low + high) // 2
        if _risk(middle, n_positive, recall) <= 1 - confidence:
            low = middle
        else:
            high = middle
    return low


def least_positives(*, recall: float, confidence: float, misses: int = 0) -> int:
    """Least number of positives with which the promise allows that many misses.

    Examples
    --------
    >>> least_positives(recall=0.95, confidence=0.9)
    45
    """
    _check(recall, confidence)
    low, high = misses, misses + 1  # too few, and perhaps enough
    while _risk(misses, high, recall) > 1 - confidence and high < _MOST_POSITIVES:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if _risk(misses, middle, recall) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _risk(misses: int, n_positive: int, recall: float) -> float:
    """BinomialCDF(misses; n_positive, 1 - recall): how often the promise would be broken."""
    if misses >= n_positive:
        return 1.0
    if misses == 0:
        return math.exp(n_positive * math.log(recall))
    return beta_tails(recall, n_positive - misses, misses + 1)[0]
