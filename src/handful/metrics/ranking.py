"""How well scores rank: the area under the ROC curve, exact with ties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from handful.errors import InputError
from handful.metrics.checks import (
    binary_of,
    check_same_length,
    check_same_shape,
    finite,
    indices_of,
    scores_of,
    weights_of,
)
from handful.metrics.order import sorted_keys
from handful.metrics.rates import indicators_of, ratio


class RankingMetric(Protocol):
    """A metric of one tag's scores, such as `auc`."""

    def __call__(
        self, y_true: np.ndarray, y_score: np.ndarray, *, sample_weight: np.ndarray | None = None
    ) -> float | None:
        """Give the metric, None where undefined."""
        ...


_CHUNK = 1 << 20  # keys looked at together: bounds the memory of what is found in them


def auc(
    y_true: np.ndarray, y_score: np.ndarray, *, sample_weight: np.ndarray | None = None
) -> float | None:
    """Area under the ROC curve: P(s+ > s-) + P(s+ = s-) / 2, exact with ties.

    1 is a perfect ranking, 0.5 chance, below 0.5 inverted; None when one class is missing.

    Without weights all pairs are counted in integers: a score's bits are followed by its class
    as one more bit, so that one sort of plain integers, which NumPy does with SIMD (unlike an
    argsort), brings both into order.

    Parameters
    ----------
    y_true : ndarray of bool or 0/1, shape (n_samples,)
    y_score : ndarray of float, shape (n_samples,)
    sample_weight : ndarray, shape (n_samples,), optional

    Raises
    ------
    InputError
        When a score is NaN or infinite (names the row), or the shapes differ.

    References
    ----------
    Hanley and McNeil 1982, Radiology 143(1), 29-36; Mann and Whitney 1947.

    Examples
    --------
    >>> auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    """
    truth, scores = binary_of(y_true), scores_of(y_score)
    check_same_length(y_true=truth, y_score=scores)
    weights = weights_of(sample_weight, len(truth))
    if weights is not None:
        return _weighted_auc(truth, scores, weights)
    low, high = (_ranked_pairs(keys) for keys in sorted_keys(truth, scores))
    pairs = (low.n_positive + high.n_positive) * (low.n_negative + high.n_negative)
    # Below zero the larger size is the lower score: there, what does not win or tie loses.
    inverted = 2 * low.n_positive * low.n_negative - low.doubled_wins
    wins = inverted + high.doubled_wins + 2 * high.n_positive * low.n_negative
    return wins / (2 * pairs) if pairs else None


@dataclass(frozen=True)
class _RankedPairs:
    """Pairs of a positive and a negative that the positive wins, twice, plus the ties."""

    n_positive: int
    n_negative: int
    doubled_wins: int


def _ranked_pairs(keys: np.ndarray) -> _RankedPairs:
    n_positive = ranks = ties = 0
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK + 1]  # one more, to see the step to the next part
        places = np.flatnonzero(part[:_CHUNK] & 1)
        ranks += int(places.sum()) + start * len(places)
        n_positive += len(places)
        # Among equal scores the negatives come first: where the class bit alone changes, the
        # two classes meet in a tie.
        meeting = np.flatnonzero((part[1:] ^ part[:-1]) == 1)
        ties += _tied_pairs(keys, part[meeting], start + meeting)
    wins = ranks - n_positive * (n_positive - 1) // 2
    return _RankedPairs(n_positive, len(keys) - n_positive, 2 * wins - ties)


def _tied_pairs(keys: np.ndarray, negatives: np.ndarray, places: np.ndarray) -> int:
    """Pairs of equal scores, given the last negative's key and place in each run of them."""
    first = np.searchsorted(keys, negatives, side="left")
    end = np.searchsorted(keys, negatives + 1, side="right")
    return int(((places + 1 - first) * (end - places - 1)).sum())


def _weighted_auc(truth: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> float | None:
    order = np.argsort(scores, kind="stable")
    ranked, positive, mass = scores[order], truth[order], weights[order]
    runs = np.cumsum(ranked[1:] != ranked[:-1])
    runs = np.concatenate([np.zeros(min(len(ranked), 1), runs.dtype), runs])
    up, down = np.bincount(runs, mass * positive), np.bincount(runs, mass * ~positive)
    below = np.cumsum(down) - down / 2
    return ratio(float(up @ below), float(up.sum() * down.sum()))


def auc_per_tag(
    y_true: np.ndarray, probabilities: np.ndarray, *, sample_weight: np.ndarray | None = None
) -> np.ndarray:
    """AUC of each tag against the rest, float64 (n_tags,); as `per_tag`.

    Examples
    --------
    >>> auc_per_tag(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])).tolist()
    [1.0, 1.0]
    """
    return per_tag(auc, y_true, probabilities, sample_weight=sample_weight)


def per_tag(
    metric: RankingMetric,
    y_true: np.ndarray,
    scores: np.ndarray,
    *,
    sample_weight: np.ndarray | None = None,
) -> np.ndarray:
    """Apply a metric of scores, such as `auc` or `average_precision`, to each tag.

    Parameters
    ----------
    metric : callable
        Takes (y_true, y_score, sample_weight=...) of one tag against the rest.
    y_true : ndarray of int, shape (n_samples,), or of 0 and 1, shape (n_samples, n_tags)
        Column number of each sample's tag, or one column for each of several tags.
    scores : ndarray of float, shape (n_samples, n_tags)
    sample_weight : ndarray, shape (n_samples,), optional

    Returns
    -------
    ndarray of float64, shape (n_tags,)
        NaN where the metric is undefined: a tag that no sample has, or all have.
    """
    columns = finite(scores, name="scores")
    truth = truth_columns(y_true, columns)
    each = [
        metric(truth[:, i], columns[:, i], sample_weight=sample_weight)
        for i in range(truth.shape[1])
    ]
    return np.array([np.nan if found is None else found for found in each], dtype=np.float64)


def mean_over_tags(
    metric: RankingMetric,
    y_true: np.ndarray,
    scores: np.ndarray,
    *,
    average: Literal["macro", "weighted"] = "macro",
    sample_weight: np.ndarray | None = None,
) -> float | None:
    """Mean of a metric over the tags where it is defined; None where it is for none.

    Parameters as for `per_tag`; "weighted" counts each tag as often as it occurs.

    Examples
    --------
    >>> scores = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])
    >>> mean_over_tags(auc, np.array([0, 1, 1]), scores)
    1.0
    """
    each = per_tag(metric, y_true, scores, sample_weight=sample_weight)
    defined = ~np.isnan(each)
    mass = np.ones(len(each))
    if average == "weighted":
        truth = truth_columns(y_true, np.asarray(scores))
        weights = weights_of(sample_weight, len(truth))
        mass = truth.sum(axis=0) if weights is None else weights @ truth
    return ratio(float(mass[defined] @ each[defined]), float(mass[defined].sum()))


def truth_columns(y_true: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """`y_true` as booleans in the shape of `scores`, (n_samples, n_tags)."""
    if scores.ndim != 2:
        raise InputError(f"One column a tag is needed, got shape {scores.shape}.")
    truth = np.asarray(y_true)
    if truth.ndim == 2:
        columns = indicators_of(truth, name="y_true")
        check_same_shape(columns, scores)
        return columns
    indices = indices_of(truth, scores.shape[1])
    check_same_length(y_true=indices, scores=scores)
    return np.asarray(indices[:, None] == np.arange(scores.shape[1]))
