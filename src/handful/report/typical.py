"""A few choices that people make, and what each would do to the samples: exactly, as values."""

from __future__ import annotations

from typing import Any

import numpy as np

from handful.metrics import Interval, cost_threshold, outcome, promise

_COSTS = ((1, 1), (10, 1), (1, 10))  # of a miss, of a false alarm
_RECALL, _SURE = 0.95, 0.9
_DECIMALS = 6  # of shares: what is then rounded to whole percents comes out the same


def typical(
    truth: np.ndarray,
    scores: np.ndarray,
    groups: np.ndarray | None,
    lowest: np.ndarray,
    *,
    confidence: float,
) -> list[dict[str, Any]]:
    """Both mistakes alike, either ten times worse, and a recall of 0.95 with 90 % confidence.

    Parameters
    ----------
    truth : ndarray of bool, shape (n_samples,)
    scores : ndarray of float32, shape (n_samples,)
    groups : ndarray, shape (n_samples,), or None where every sample stands alone
    lowest : ndarray of float32, shape (n_independent,)
        Scores that the promise may count: see `independent_scores`.
    confidence : float
        Of the intervals.
    """

    def doing(threshold: float) -> dict[str, Any]:
        done = outcome(truth, scores, threshold=threshold, groups=groups, confidence=confidence)
        return {
            "threshold": float(str(np.float32(threshold))),
            **{count: getattr(done, count) for count in ("tp", "fp", "fn", "tn")},
            "sensitivity": _limits(done.sensitivity),
            "specificity": _limits(done.specificity),
        }

    costs = [
        {"miss_costs": miss, "alarm_costs": alarm, **doing(_threshold(miss, alarm))}
        for miss, alarm in _COSTS
    ]
    given = promise(lowest, recall=_RECALL, confidence=_SURE)
    words = ("recall", "confidence", "kept", "have", "need", "can_promise")
    promised = {word: getattr(given, word) for word in words}
    return [*costs, {**promised, **doing(given.threshold or 0.0)}]


def _threshold(miss: float, alarm: float) -> float:
    return cost_threshold(false_positive_cost=alarm, false_negative_cost=miss)


def _limits(interval: Interval) -> list[float | None]:
    return [short(interval.low), short(interval.high)]


def short(share: float | None) -> float | None:
    """Share in as many digits as a page can show.

    Examples
    --------
    >>> short(1 / 3), short(None)
    (0.333333, None)
    """
    return None if share is None else round(float(share), _DECIMALS)


def independent_scores(scores: np.ndarray, groups: np.ndarray | None) -> np.ndarray:
    """Scores that a promise may count: of positives that belong together only the lowest.

    Ten pictures of one patient are one chance to miss the patient, not ten.

    Parameters
    ----------
    scores : ndarray of float32, shape (n_positive,)
    groups : ndarray, shape (n_positive,), or None where every sample stands alone

    Returns
    -------
    ndarray of float32, shape (n_groups,)
        Ascending.

    Examples
    --------
    >>> independent_scores(np.array([0.9, 0.2, 0.5]), np.array([7, 7, 8])).tolist()
    [0.2, 0.5]
    """
    if groups is None:
        return np.sort(scores)
    codes = np.unique(groups, return_inverse=True)[1]
    lowest = np.full(codes.max(initial=-1) + 1, np.inf, scores.dtype)
    np.minimum.at(lowest, codes, scores)
    return np.sort(lowest)
