"""Counts of both classes at every distinct score: what all the curves are drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from handful.metrics.checks import binary_of, check_same_length, scores_of, weights_of

_CHUNK = 1 << 20  # keys moved together: bounds the memory for them


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


@dataclass(frozen=True)
class _Runs:
    """Distinct scores, descending.

    Attributes
    ----------
    values : ndarray, shape (n_distinct,)
    up, down : ndarray, shape (n_distinct,)
        How many positives and negatives have each score, or their weight; bool where no score
        occurs twice.
    """

    values: np.ndarray
    up: np.ndarray
    down: np.ndarray


def ranked_counts(
    y_true: np.ndarray,
    y_score: np.ndarray,
    *,
    sample_weight: np.ndarray | None = None,
    corners_only: bool = False,
) -> RankedCounts:
    """Count both classes from each distinct score up.

    Parameters
    ----------
    y_true : ndarray of bool or 0/1, shape (n_samples,)
    y_score : ndarray of float, shape (n_samples,)
    sample_weight : ndarray, shape (n_samples,), optional
    corners_only : bool
        Leave out the scores at which the ROC curve goes straight on.

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
        runs = _descending_runs(truth, scores)
    else:
        runs = _weighted_runs(truth, scores, weights)
    if corners_only:
        runs = _corners(runs)
    tp, fp = np.cumsum(runs.up), np.cumsum(runs.down)
    ends = (tp[-1].item(), fp[-1].item()) if len(tp) else (0, 0)
    return RankedCounts(runs.values, tp, fp, *ends)


def _corners(runs: _Runs) -> _Runs:
    """Only where the curve turns, its beginning and its end, each with what leads up to it."""
    turns = np.ones(len(runs.up), bool)
    turns[1:-1] = runs.up[2:] != runs.up[1:-1]
    turns[1:-1] |= runs.down[2:] != runs.down[1:-1]
    kept = np.flatnonzero(turns)
    alike = np.diff(kept, prepend=-1)  # steps on the way to a corner equal the one onto it
    return _Runs(runs.values[kept], runs.up[kept] * alike, runs.down[kept] * alike)


def sorted_keys(truth: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scores below zero and the others, each by ascending size, the class as one more bit.

    The bits of a float, without its sign, order as integers; NumPy sorts integers in place with
    SIMD, while an argsort is several times slower and needs the indices besides.

    Returns
    -------
    tuple of two ndarrays of uint32 or uint64
        Among equal scores the negatives come first: their last bit is 0.
    """
    bits = scores.view(np.uint32 if scores.dtype.itemsize == 4 else np.uint64)
    keys: np.ndarray = np.left_shift(bits, 1)  # drops the sign
    keys |= truth
    low, high = keys[:0], keys
    if len(scores) and scores.min() < 0:
        below = scores < 0
        low, high = keys[below], _closed_up(keys, ~below)
    low.sort()
    high.sort()
    return low, high


def _closed_up(keys: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Keys where `kept`, moved to the front of the same memory."""
    end = 0
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK][kept[start : start + _CHUNK]]
        keys[end : end + len(part)] = part
        end += len(part)
    return keys[:end]


def _descending_runs(truth: np.ndarray, scores: np.ndarray) -> _Runs:
    keys = sorted_keys(truth, scores)
    low, high = (_ascending_runs(part, scores.dtype) for part in keys)
    if not len(low.values):
        return _Runs(high.values[::-1], high.up[::-1], high.down[::-1])
    return _Runs(
        np.concatenate([high.values[::-1], -low.values]),
        np.concatenate([high.up[::-1], low.up]),
        np.concatenate([high.down[::-1], low.down]),
    )


def _ascending_runs(keys: np.ndarray, kind: np.dtype[np.floating]) -> _Runs:
    """Distinct sizes of scores, ascending; overwrites `keys`."""
    positive = np.empty(len(keys), bool)
    np.bitwise_and(keys, 1, out=positive.view(np.uint8), casting="unsafe")
    keys >>= 1
    last = np.ones(len(keys), bool)
    np.not_equal(keys[1:], keys[:-1], out=last[:-1])
    values = keys.view(kind)
    if last.all():
        return _Runs(values, positive, ~positive)
    ends = np.flatnonzero(last)
    up = np.diff(np.cumsum(positive)[ends], prepend=0)
    return _Runs(values[ends], up, np.diff(ends, prepend=-1) - up)


def _weighted_runs(truth: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> _Runs:
    values, codes = np.unique(scores, return_inverse=True)
    up = np.bincount(codes, weights * truth, minlength=len(values))
    down = np.bincount(codes, weights * ~truth, minlength=len(values))
    return _Runs(values[::-1], up[::-1], down[::-1])
