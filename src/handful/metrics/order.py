"""Counts of both classes at every distinct score: what all the curves are drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from handful.metrics.checks import binary_of, check_same_length, scores_of, weights_of


@dataclass(frozen=True)
class RankedCounts:
    """Positives and negatives that score at least each threshold.

    Attributes
    ----------
    thresholds : ndarray of float, shape (n_distinct,)
        The distinct scores, descending.
    tp, fp : ndarray of int64 (float64 with weights), shape (n_distinct,)
        True and false positives when everything from that threshold up is called positive.
    n_positive, n_negative : float
        Samples of each class, or their weight.
    """

    thresholds: np.ndarray
    tp: np.ndarray
    fp: np.ndarray
    n_positive: float
    n_negative: float


def ranked_counts(
    y_true: np.ndarray, y_score: np.ndarray, *, sample_weight: np.ndarray | None = None
) -> RankedCounts:
    """Count both classes from each distinct score up.

    Raises
    ------
    InputError
        When a score is NaN or infinite (names the row), or the shapes differ.

    Examples
    --------
    >>> ranked = ranked_counts(np.array([0, 1, 1, 0]), np.array([0.1, 0.4, 0.4, 0.4]))
    >>> ranked.thresholds.tolist(), ranked.tp.tolist(), ranked.fp.tolist()
    ([0.4, 0.1], [2, 2], [1, 2])
    """
    truth, scores = binary_of(y_true), scores_of(y_score)
    check_same_length(y_true=truth, y_score=scores)
    weights = weights_of(sample_weight, len(truth))
    if weights is None:
        thresholds, up, down = _descending_runs(truth, scores)
    else:
        thresholds, up, down = _weighted_runs(truth, scores, weights)
    tp, fp = np.cumsum(up), np.cumsum(down)
    ends = (tp[-1].item(), fp[-1].item()) if len(tp) else (0, 0)
    return RankedCounts(thresholds, tp, fp, *ends)


def sorted_keys(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Scores of one sign in ascending size, each followed by its class as the lowest bit.

    The bits of a float, without its sign, order as integers; NumPy sorts integers in place with
    SIMD, while an argsort is several times slower and needs the indices besides.

    Returns
    -------
    ndarray of uint32 or uint64, shape (n_samples,)
    """
    bits = scores.view(np.uint32 if scores.dtype.itemsize == 4 else np.uint64)
    keys: np.ndarray = np.left_shift(bits, 1)  # drops the sign
    keys |= truth
    keys.sort()
    return keys


def _descending_runs(
    truth: np.ndarray, scores: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct scores, descending, and how many of each class have each of them."""
    if not len(scores) or scores.min() >= 0:
        found = _runs(truth, scores)
        return found[0][::-1], found[1][::-1], found[2][::-1]
    below = scores < 0  # the bits of a float order by size, so each sign is ranked apart
    high = _runs(truth[~below], scores[~below])
    low = _runs(truth[below], scores[below])
    return (
        np.concatenate([high[0][::-1], -low[0]]),
        np.concatenate([high[1][::-1], low[1]]),
        np.concatenate([high[2][::-1], low[2]]),
    )


def _runs(truth: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct absolute values, ascending, and how many of each class have each of them."""
    keys = sorted_keys(truth, scores)
    positive = (keys & 1).astype(bool)
    keys >>= 1
    last = np.ones(len(keys), bool)
    np.not_equal(keys[1:], keys[:-1], out=last[:-1])
    values = keys.view(scores.dtype)
    if last.all():
        return values, positive, ~positive
    ends = np.flatnonzero(last)
    up = np.diff(np.cumsum(positive)[ends], prepend=0)
    return values[ends], up, np.diff(ends, prepend=-1) - up


def _weighted_runs(
    truth: np.ndarray, scores: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct scores, descending, and the weight of each class at each of them."""
    values, codes = np.unique(scores, return_inverse=True)
    up = np.bincount(codes, weights * truth, minlength=len(values))
    down = np.bincount(codes, weights * ~truth, minlength=len(values))
    return values[::-1], up[::-1], down[::-1]
